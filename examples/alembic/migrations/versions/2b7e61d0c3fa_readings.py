"""readings

Revision ID: 2b7e61d0c3fa
Revises: 8f1c2a4b9d10
"""
import sqlalchemy as sa
from alembic import op

revision = "2b7e61d0c3fa"
down_revision = "8f1c2a4b9d10"


def upgrade():
    op.create_table(
        "readings",
        sa.Column("device_id", sa.Integer, sa.ForeignKey("devices.id"), primary_key=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), primary_key=True),
        sa.Column("celsius", sa.Numeric(5, 2), nullable=False))
    op.create_index("readings_taken", "readings", ["taken_at"])


def downgrade():
    op.drop_table("readings")
