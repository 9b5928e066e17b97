"""devices

Revision ID: 8f1c2a4b9d10
Revises:
"""
import sqlalchemy as sa
from alembic import op

revision = "8f1c2a4b9d10"
down_revision = None


def upgrade():
    op.create_table(
        "devices",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("serial", sa.String(40), nullable=False, unique=True),
        sa.Column("installed_on", sa.Date))


def downgrade():
    op.drop_table("devices")
