"""The tables about the reading of fields: when it is due, what it found, what was made."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from services.mapping.store.tables import metadata

refreshes = Table(
    "refreshes",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("token", Uuid),
    Column("held_until", DateTime(timezone=True)),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("problem", Text, nullable=False, server_default=""),
    Column("read_at", DateTime(timezone=True)),
    Column("standing", JSONB, nullable=False, server_default="{}"),
    Column("hits", Integer, nullable=False, server_default="0"),
    Index(None, "due_at"),
)

drift_reports = Table(
    "drift_reports",
    metadata,
    Column("position", BigInteger, Identity(always=True), primary_key=True),
    Column("connection_id", Uuid, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("version", Integer, nullable=False),
    Column("report", JSONB, nullable=False),
    Index(None, "connection_id", "position"),
)

made_properties = Table(
    "made_properties",
    metadata,
    Column("connection_id", Uuid, primary_key=True),
    Column("object_type", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("field_type", Text, nullable=False),
    Column("salesforce_field", Text, nullable=False),
    Column("salesforce_objects", JSONB, nullable=False),
    Column("restored", Boolean, nullable=False),
    Column("author", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
)
