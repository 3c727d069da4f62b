"""Purges that are carried out bite by bite, and their receipts.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SCHEMA = "activity_sync"


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


def downgrade() -> None:
    op.drop_table("purges", schema=SCHEMA)
