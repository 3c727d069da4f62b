"""When a poller took a cursor: one that was woken since is due at once when it lets go.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "ingress"


def upgrade() -> None:
    column = sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True)
    op.add_column("cursors", column, schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("cursors", "taken_at", schema=SCHEMA)
