"""The tables of the package watcher."""

from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Float,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.purge import purges_table
from shared.db.schema import metadata_for
from shared.outbox.tables import inbox_table, outbox_table

metadata = metadata_for("package_watcher")

orgs = Table(
    "orgs",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("org_id", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("window", Text, nullable=False, server_default=text("''")),
    Column("instance_url", Text, nullable=False, server_default=text("''")),
    Column("connected", Boolean, nullable=False, server_default=text("true")),
    Column("heard", Text, nullable=False, server_default=text("''")),
)

installations = Table(
    "installations",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("current", Boolean, nullable=False),
    Column("method", Text, nullable=False),
    Column("version_id", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("third_party_access", Boolean, nullable=False),
    Column("state", Text, nullable=False),
    Column("requested_at", DateTime(timezone=True), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("deadline", DateTime(timezone=True)),
    Column("request_id", Text, nullable=False),
    Column("looks", Integer, nullable=False),
    Column("quiet_looks", Integer, nullable=False),
    Column("sends", Integer, nullable=False),
    Column("announced", Boolean, nullable=False),
    Column("said", Text, nullable=False),
    Column("failures", JSONB, nullable=False),
    Column("components_done", Integer, nullable=False),
    Column("components", Integer, nullable=False),
    Column("wait", Float),
    Column("kind", Text, nullable=False, server_default=text("'install'")),
    Column("name_conflict", Text, nullable=False, server_default=text("'block'")),
    Column("sealed_password", Text, nullable=False, server_default=text("''")),
    Column("latest", DateTime(timezone=True)),
    Column("ended_in", Text),
    Column("version", Text, nullable=False, server_default=text("''")),
    Column("warning", Text, nullable=False, server_default=text("''")),
    Column("history", JSONB, nullable=False, server_default=text("'[]'")),
    Column("due_at", DateTime(timezone=True)),
    Column("looked_at", DateTime(timezone=True)),
    Column("token", Uuid),
    Column("held_until", DateTime(timezone=True)),
)
Index(
    "uq_installations_current",
    installations.c.connection_id,
    unique=True,
    postgresql_where=installations.c.current,
)
Index(
    "ix_installations_due",
    installations.c.due_at,
    postgresql_where=installations.c.due_at.is_not(None),
)

presences = Table(
    "presences",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("found", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("method", Text, nullable=False),
    Column("version_id", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("missing", JSONB, nullable=False),
    Column("objects", JSONB, nullable=False),
    Column("said", Text, nullable=False),
    Column("due_at", DateTime(timezone=True)),
    Column("checked_at", DateTime(timezone=True)),
    Column("token", Uuid),
    Column("held_until", DateTime(timezone=True)),
)
Index(
    "ix_presences_due",
    presences.c.due_at,
    postgresql_where=presences.c.due_at.is_not(None),
)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that shared mechanisms work on."""

    outbox: Table
    inbox: Table
    purges: Table


TABLES = Tables(
    outbox=outbox_table(metadata),
    inbox=inbox_table(metadata),
    purges=purges_table(metadata),
)

AWAY = select(orgs.c.connection_id).where(~orgs.c.connected)
"""The connections whose orgs are not looked at until they are connected again."""
