"""Purges bite by bite with their receipts, and orgs that are kept while they are disconnected.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SCHEMA = "package_watcher"


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
    op.add_column(
        "orgs",
        sa.Column("connected", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        schema=SCHEMA,
    )
    heard = sa.Column("heard", sa.Text(), server_default=sa.text("''"), nullable=False)
    op.add_column("orgs", heard, schema=SCHEMA)


def downgrade() -> None:
    op.drop_column("orgs", "heard", schema=SCHEMA)
    op.drop_column("orgs", "connected", schema=SCHEMA)
    op.drop_table("purges", schema=SCHEMA)
