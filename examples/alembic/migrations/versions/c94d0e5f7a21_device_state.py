"""state of a device

Revision ID: c94d0e5f7a21
Revises: 2b7e61d0c3fa
"""
import sqlalchemy as sa
from alembic import op

revision = "c94d0e5f7a21"
down_revision = "2b7e61d0c3fa"


def upgrade():
    op.add_column("devices", sa.Column("state", sa.String(10), server_default="planned"))
    op.execute("UPDATE devices SET state = 'running' WHERE installed_on IS NOT NULL")
    op.alter_column("devices", "state", nullable=False)
    op.create_check_constraint("devices_state", "devices",
                               "state IN ('planned', 'running', 'retired')")


def downgrade():
    op.drop_column("devices", "state")
