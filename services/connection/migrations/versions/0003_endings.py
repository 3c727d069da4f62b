"""Receipts of purges, and the ids of connections that took up one that was kept.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SCHEMA = "connection"


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
    op.create_table(
        "former_ids",
        sa.Column("former_id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.connections.id"],
            name=op.f("fk_former_ids_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("former_id", name=op.f("pk_former_ids")),
        schema=SCHEMA,
    )
    op.create_index(
        op.f("ix_former_ids_connection_id"),
        "former_ids",
        ["connection_id"],
        unique=False,
        schema=SCHEMA,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_former_ids_connection_id"), table_name="former_ids", schema=SCHEMA)
    op.drop_table("former_ids", schema=SCHEMA)
    op.drop_table("purges", schema=SCHEMA)
