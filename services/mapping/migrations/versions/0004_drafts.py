"""Drafts: the next version of the settings while it is being made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("settings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_drafts")),
        schema="mapping",
    )
    op.add_column(
        "setups",
        sa.Column("drafting", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        schema="mapping",
    )
    op.add_column(
        "setups",
        sa.Column("draft_revision", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="mapping",
    )


def downgrade() -> None:
    op.drop_column("setups", "draft_revision", schema="mapping")
    op.drop_column("setups", "drafting", schema="mapping")
    op.drop_table("drafts", schema="mapping")
