"""The first tables of quota.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "budgets",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("setting", sa.Integer(), nullable=True),
        sa.Column("settings_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("reported_used", sa.Integer(), nullable=True),
        sa.Column("reported_limit", sa.Integer(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since_report", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("exhausted_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mark", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "hours",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
        ),
        sa.Column(
            "held",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("removed", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", "side", name=op.f("pk_budgets")),
        schema="quota",
    )
    op.create_index(
        "ix_budgets_exhausted_until",
        "budgets",
        ["exhausted_until"],
        unique=False,
        schema="quota",
        postgresql_where=sa.text("exhausted_until IS NOT NULL"),
    )
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox")),
        schema="quota",
    )
    op.create_index(op.f("ix_inbox_at"), "inbox", ["at"], unique=False, schema="quota")
    op.create_table(
        "leases",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leases")),
        schema="quota",
    )
    op.create_index(
        op.f("ix_leases_connection_id"), "leases", ["connection_id"], unique=False, schema="quota"
    )
    op.create_index(
        op.f("ix_leases_expires_at"), "leases", ["expires_at"], unique=False, schema="quota"
    )
    op.create_table(
        "outbox",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("traceparent", sa.Text(), nullable=True),
        sa.Column("data", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_outbox")),
        schema="quota",
    )


def downgrade() -> None:
    op.drop_table("outbox", schema="quota")
    op.drop_index(op.f("ix_leases_expires_at"), table_name="leases", schema="quota")
    op.drop_index(op.f("ix_leases_connection_id"), table_name="leases", schema="quota")
    op.drop_table("leases", schema="quota")
    op.drop_index(op.f("ix_inbox_at"), table_name="inbox", schema="quota")
    op.drop_table("inbox", schema="quota")
    op.drop_index(
        "ix_budgets_exhausted_until",
        table_name="budgets",
        schema="quota",
        postgresql_where=sa.text("exhausted_until IS NOT NULL"),
    )
    op.drop_table("budgets", schema="quota")
