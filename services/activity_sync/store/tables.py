"""The tables of activity_sync."""

from dataclasses import dataclass

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
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

metadata = metadata_for("activity_sync")

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

people = Table(
    "people",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("hubspot_id", Text, primary_key=True),
    Column("salesforce_id", Text, nullable=False),
    Index("ix_people_salesforce", "connection_id", "salesforce_id"),
)

task_links = Table(
    "task_links",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("hubspot_id", Text, nullable=False),
    Column("salesforce_id", Text, nullable=False),
    Column("base", JSONB, nullable=False),
    Column("hashes", JSONB, nullable=False),
    Column("synced_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("connection_id", "hubspot_id"),
    UniqueConstraint("connection_id", "salesforce_id"),
)

timeline = Table(
    "timeline",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("contact_id", Text, nullable=False),
    Column("occurred_at", DateTime(timezone=True), nullable=False),
    Index("ix_timeline_contact", "connection_id", "contact_id", "occurred_at"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("side", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("hubspot_id", Text),
    Column("salesforce_id", Text),
    Column("fields", JSONB, nullable=False),
    Column("cause", JSONB, nullable=False),
    Column("traceparent", Text),
    Column("status", Text, nullable=False),
    Column("error", Text),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("settled_at", DateTime(timezone=True)),
    Index("ix_journal_hubspot", "connection_id", "hubspot_id"),
    Index("ix_journal_salesforce", "connection_id", "salesforce_id"),
)

parked = Table(
    "parked",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("side", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("lane", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    UniqueConstraint("connection_id", "side", "record_id", "code"),
    Index("ix_parked_person", "connection_id", "person_id"),
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
