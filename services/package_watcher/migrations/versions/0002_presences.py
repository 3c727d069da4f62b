"""Orders of all kinds with their history, and the daily look at packages that are in place."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SCHEMA = "package_watcher"
TEXTS = {
    "kind": "'install'",
    "name_conflict": "'block'",
    "sealed_password": "''",
    "version": "''",
    "warning": "''",
}


def upgrade() -> None:
    _add("orgs", sa.Column("instance_url", sa.Text(), server_default=sa.text("''"), nullable=False))
    for name, default in TEXTS.items():
        column = sa.Column(name, sa.Text(), server_default=sa.text(default), nullable=False)
        _add("installations", column)
    _add("installations", sa.Column("latest", sa.DateTime(timezone=True)))
    _add("installations", sa.Column("ended_in", sa.Text()))
    _add(
        "installations",
        sa.Column(
            "history",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
    _presences()
    op.execute(
        "INSERT INTO package_watcher.presences (connection_id, found, since, method, version_id, "
        "version, user_id, missing, objects, said, due_at) SELECT i.connection_id, 'in_place', "
        "i.since, i.method, i.version_id, '', o.user_id, '[]', '[]', '', now() FROM "
        "package_watcher.installations i JOIN package_watcher.orgs o USING (connection_id) "
        "WHERE i.current AND i.state = 'installed'"
    )


def downgrade() -> None:
    op.drop_table("presences", schema=SCHEMA)
    for name in ("history", "ended_in", "latest", *reversed(TEXTS)):
        op.drop_column("installations", name, schema=SCHEMA)
    op.drop_column("orgs", "instance_url", schema=SCHEMA)


def _presences() -> None:
    op.create_table(
        "presences",
        sa.Column("connection_id", sa.Uuid(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("version_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("missing", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("objects", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.Uuid(), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("connection_id", name=op.f("pk_presences")),
        schema=SCHEMA,
    )
    op.create_index(
        "ix_presences_due",
        "presences",
        ["due_at"],
        unique=False,
        schema=SCHEMA,
        postgresql_where=sa.text("due_at IS NOT NULL"),
    )


def _add(table: str, column: sa.Column[Any]) -> None:
    op.add_column(table, column, schema=SCHEMA)
