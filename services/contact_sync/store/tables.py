"""The tables of contact_sync."""

from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.purge import purges_table
from shared.db.schema import metadata_for
from shared.outbox.mailbox_tables import MailboxTables, mailbox_tables
from shared.outbox.tables import inbox_table, outbox_table

metadata = metadata_for("contact_sync")

# `running` and the column after it say what `standing` says; only the version before reads them.
connections = Table(
    "connections",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("portal_id", Text, nullable=False),
    Column("org_id", Text, nullable=False),
    Column("settings", JSONB),
    Column("running", Boolean, nullable=False),
    Column("waiting_for", Text, nullable=False),
    Column("standing", JSONB, nullable=False, server_default=text("'{}'")),
    Column("left_orgs", JSONB, nullable=False, server_default=text("'[]'")),
)

links = Table(
    "links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("object_type", Text, nullable=False, server_default=text("'contact'")),
    Column("hubspot_id", Text, nullable=False),
    Column("salesforce_id", Text, nullable=False),
    Column("salesforce_object", Text, nullable=False),
    Column("base", JSONB, nullable=False),
    Column("hashes", JSONB, nullable=False),
    Column("near_misses", JSONB, nullable=False),
    Column("ambiguous", Boolean, nullable=False),
    Column("synced_at", DateTime(timezone=True)),
    UniqueConstraint("connection_id", "object_type", "hubspot_id"),
    UniqueConstraint("connection_id", "salesforce_id"),
    Index("ix_links_latest", "connection_id", "synced_at", "id"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("side", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("object_name", Text, nullable=False),
    Column("hubspot_id", Text),
    Column("salesforce_id", Text),
    Column("fields", JSONB, nullable=False),
    Column("cause", JSONB, nullable=False),
    Column("settings_version", Integer, nullable=False),
    Column("traceparent", Text),
    Column("status", Text, nullable=False),
    Column("error", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("settled_at", DateTime(timezone=True)),
    Index("ix_journal_hubspot", "connection_id", "hubspot_id"),
    Index("ix_journal_salesforce", "connection_id", "salesforce_id"),
    Index("ix_journal_latest", "connection_id", "id"),
)

parked = Table(
    "parked",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("object_type", Text, nullable=False, server_default=text("'contact'")),
    Column("side", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("connection_id", "object_type", "side", "record_id", "code", "field"),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("side", Text, nullable=False),
    Column("object_name", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("cursor", Text, nullable=False),
    Column("noted", Integer, nullable=False),
    Column("problem", Text),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("held_until", DateTime(timezone=True)),
)

members = Table(
    "members",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("side", Text, primary_key=True),
    Column("company_id", Text, primary_key=True),
    Column("contact_id", Text, primary_key=True),
)


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that shared mechanisms work on."""

    outbox: Table
    inbox: Table
    mailbox: MailboxTables
    purges: Table


TABLES = Tables(
    outbox=outbox_table(metadata),
    inbox=inbox_table(metadata),
    mailbox=mailbox_tables(metadata),
    purges=purges_table(metadata),
)
