"""The tables of ingress."""

from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.purge import purges_table
from shared.db.schema import metadata_for
from shared.outbox.tables import inbox_table, outbox_table

metadata = metadata_for("ingress")

# `running` and the column after it say what `standing` says; only the version before reads them.
connections = Table(
    "connections",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("portal_id", Text, nullable=False, index=True),
    Column("app_id", Text, nullable=False),
    Column("salesforce_user_id", Text, nullable=False),
    Column("settings", JSONB),
    Column("running", Boolean, nullable=False),
    Column("broken", Boolean, nullable=False),
    Column("standing", JSONB, nullable=False, server_default=text("'{}'")),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("traceparent", Text),
    Column("received_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("split_at", DateTime(timezone=True)),
)
Index("ix_deliveries_unsplit", deliveries.c.id, postgresql_where=deliveries.c.split_at.is_(None))
Index("ix_deliveries_received_at", deliveries.c.received_at)

cursors = Table(
    "cursors",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("object_name", Text, primary_key=True),
    Column("position", DateTime(timezone=True)),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("held_until", DateTime(timezone=True)),
    Column("taken_at", DateTime(timezone=True)),
    Column("polled_at", DateTime(timezone=True)),
)

seen = Table(
    "seen",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("object_name", Text, primary_key=True),
    Column("record_id", Text, primary_key=True),
    Column("modified_at", DateTime(timezone=True), primary_key=True),
    Column("deleted", Boolean, primary_key=True, server_default=text("false")),
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
