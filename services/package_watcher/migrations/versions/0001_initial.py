"""The first tables of the package watcher."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbox",
        sa.Column("consumer", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column(
            "at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.PrimaryKeyConstraint("consumer", "event_id", name=op.f("pk_inbox")),
        schema="package_watcher",
    )
    op.create_index(op.f("ix_inbox_at"), "inbox", ["at"], unique=False, schema="package_watcher")
    op.create_table(
        "installations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("third_party_access", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deadline", sa.DateTime(timezone=True), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("quiet_looks", sa.Integer(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("failures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("components_done", sa.Integer(), nullable=False),
        sa.Column("components", sa.Integer(), nullable=False),
        sa.Column("wait", sa.Float(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installations")),
        schema="package_watcher",
    )
    op.create_index(
        "ix_installations_due",
        "installations",
        ["due_at"],
        unique=False,
        schema="package_watcher",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.create_index(
        "uq_installations_current",
        "installations",
        ["connection_id"],
        unique=True,
        schema="package_watcher",
        postgresql_where=sa.text("current"),
    )
    op.create_table(
        "orgs",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("org_id", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_orgs")),
        schema="package_watcher",
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
        schema="package_watcher",
    )


def downgrade() -> None:
    op.drop_table("outbox", schema="package_watcher")
    op.drop_table("orgs", schema="package_watcher")
    op.drop_index(
        "uq_installations_current",
        table_name="installations",
        schema="package_watcher",
        postgresql_where=sa.text("current"),
    )
    op.drop_index(
        "ix_installations_due",
        table_name="installations",
        schema="package_watcher",
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )
    op.drop_table("installations", schema="package_watcher")
    op.drop_index(op.f("ix_inbox_at"), table_name="inbox", schema="package_watcher")
    op.drop_table("inbox", schema="package_watcher")
