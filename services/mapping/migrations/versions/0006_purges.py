"""Purges bite by bite with their receipts, and when a connection was last heard of.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SCHEMA = "mapping"


def upgrade() -> None:
    op.create_table(
        "purges",
        sa.Column("receipt", sa.Uuid(), nullable=False),
        sa.Column("owners", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column(
            "deleted",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "ordered_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("receipt", name=op.f("pk_purges")),
        schema=SCHEMA,
    )
    heard = sa.Column("connection_heard", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("setups", heard, schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("setups", "connection_heard", schema=SCHEMA)
    op.drop_table("purges", schema=SCHEMA)
