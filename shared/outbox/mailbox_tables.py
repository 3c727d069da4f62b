"""The tables of a mailbox; each service has its own, made by its own migrations."""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB


@dataclass(frozen=True, slots=True)
class MailboxTables:
    """Records that wait, the lanes that they wait in, and the connections that are held."""

    mailbox: Table
    lanes: Table
    pauses: Table


def mailbox_tables(metadata: MetaData) -> MailboxTables:
    """One row a waiting record; one row a lane; one row a paused connection."""
    mailbox = Table(
        "mailbox",
        metadata,
        Column("connection_id", Uuid, primary_key=True),
        Column("lane", Text, primary_key=True),
        Column("side", Text, primary_key=True),
        Column("record_id", Text, primary_key=True),
        Column("generation", BigInteger, nullable=False, server_default=text("1")),
        Column("attempts", Integer, nullable=False, server_default=text("0")),
        Column("priority", SmallInteger, nullable=False),
        Column("first_seen_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
        Column("cause", JSONB, nullable=False),
        Column("traceparent", Text),
        Column("reason", Text, nullable=False, server_default=text("''")),
        Column("token", Uuid),
        Column("held_until", DateTime(timezone=True)),
    )
    # Priority first: every question about due rows names one, and a look-up by key cannot take this
    # index for the primary key, as the planner did while it had no statistics (fifty rows for one).
    Index(
        "ix_mailbox_urgency",
        *(mailbox.c[n] for n in ("priority", "connection_id", "lane", "due_at")),
    )
    lanes = Table(
        "lanes",
        metadata,
        Column("connection_id", Uuid, primary_key=True),
        Column("lane", Text, primary_key=True),
        Column("fence", BigInteger, nullable=False, server_default=text("0")),
        Column("holder", Uuid),
        Column("held_until", DateTime(timezone=True)),
        Column("served_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    )
    pauses = Table(
        "pauses",
        metadata,
        Column("connection_id", Uuid, primary_key=True),
        Column("paused", Boolean, nullable=False, server_default=text("false")),
        Column("reason", Text, nullable=False, server_default=text("''")),
        Column("until", DateTime(timezone=True)),
    )
    return MailboxTables(mailbox=mailbox, lanes=lanes, pauses=pauses)
