"""When fields are read again, what was found then, and the properties that were made."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    json = postgresql.JSONB(astext_type=sa.Text())
    op.create_table(
        "refreshes",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("standing", json, server_default="{}", nullable=False),
        sa.Column("hits", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_refreshes")),
        schema="mapping",
    )
    op.create_index(op.f("ix_refreshes_due_at"), "refreshes", ["due_at"], schema="mapping")
    op.create_table(
        "drift_reports",
        sa.Column("position", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column(
            "found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("report", json, nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_drift_reports")),
        schema="mapping",
    )
    op.create_index(
        op.f("ix_drift_reports_connection_id_position"),
        "drift_reports",
        ["connection_id", "position"],
        schema="mapping",
    )
    op.create_table(
        "made_properties",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("field_type", sa.Text(), nullable=False),
        sa.Column("salesforce_field", sa.Text(), nullable=False),
        sa.Column("salesforce_objects", json, nullable=False),
        sa.Column("restored", sa.Boolean(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "connection_id", "object_type", "name", name=op.f("pk_made_properties")
        ),
        schema="mapping",
    )


def downgrade() -> None:
    op.drop_table("made_properties", schema="mapping")
    op.drop_index(
        op.f("ix_drift_reports_connection_id_position"),
        table_name="drift_reports",
        schema="mapping",
    )
    op.drop_table("drift_reports", schema="mapping")
    op.drop_index(op.f("ix_refreshes_due_at"), table_name="refreshes", schema="mapping")
    op.drop_table("refreshes", schema="mapping")
