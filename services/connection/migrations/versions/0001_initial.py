"""The first tables of connection.

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
        "connections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("salesforce_domain", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("portal_id", sa.Text(), nullable=True),
        sa.Column("org_id", sa.Text(), nullable=True),
        sa.Column("instance_url", sa.Text(), nullable=True),
        sa.Column("salesforce_user_id", sa.Text(), nullable=True),
        sa.Column("request_key", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_connections")),
        sa.UniqueConstraint("portal_id", name=op.f("uq_connections_portal_id")),
        sa.UniqueConstraint("request_key", name=op.f("uq_connections_request_key")),
        schema="connection",
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
        schema="connection",
    )
    op.create_table(
        "attempts",
        sa.Column("ticket_hash", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state_hash", sa.Text(), nullable=True),
        sa.Column("binding_hash", sa.Text(), nullable=True),
        sa.Column("verifier", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.connections.id"],
            name=op.f("fk_attempts_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("ticket_hash", name=op.f("pk_attempts")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_attempts_state_hash")),
        schema="connection",
    )
    op.create_index(
        op.f("ix_attempts_connection_id"),
        "attempts",
        ["connection_id"],
        unique=False,
        schema="connection",
    )
    op.create_index(
        op.f("ix_attempts_expires_at"),
        "attempts",
        ["expires_at"],
        unique=False,
        schema="connection",
    )
    op.create_table(
        "grants",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=False),
        sa.Column("refresh_token", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("base_url", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("generation", sa.BigInteger(), nullable=False),
        sa.Column("broken_reason", sa.Text(), nullable=True),
        sa.Column("break_announced", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("refresh_holder", sa.Uuid(), nullable=True),
        sa.Column("refresh_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["connection.connections.id"],
            name=op.f("fk_grants_connection_id_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("connection_id", "side", name=op.f("pk_grants")),
        schema="connection",
    )


def downgrade() -> None:
    op.drop_table("grants", schema="connection")
    op.drop_index(op.f("ix_attempts_expires_at"), table_name="attempts", schema="connection")
    op.drop_index(op.f("ix_attempts_connection_id"), table_name="attempts", schema="connection")
    op.drop_table("attempts", schema="connection")
    op.drop_table("outbox", schema="connection")
    op.drop_table("connections", schema="connection")
