"""The tables of connection."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.db.purge import purges_table
from shared.db.schema import metadata_for
from shared.outbox.tables import outbox_table

metadata = metadata_for("connection")

connections = Table(
    "connections",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("salesforce_domain", Text),
    Column("state", Text, nullable=False),
    Column("portal_id", Text),
    Column("org_id", Text),
    Column("instance_url", Text),
    Column("salesforce_user_id", Text),
    Column("request_key", Text),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("hubspot_user_id", Text),
    Column("untold", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("portal_id"),
    UniqueConstraint("request_key"),
    Index("ix_connections_org_id", "org_id"),
)

# Both tokens and the verifier are envelopes of the key ring, bound to row and column.
grants = Table(
    "grants",
    metadata,
    Column(
        "connection_id", Uuid, ForeignKey(connections.c.id, ondelete="CASCADE"), primary_key=True
    ),
    Column("side", Text, primary_key=True),
    Column("access_token", Text, nullable=False),
    Column("refresh_token", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("refreshed_at", DateTime(timezone=True), nullable=False),
    Column("base_url", Text, nullable=False),
    Column("scopes", JSONB, nullable=False),
    Column("granted_at", DateTime(timezone=True), nullable=False),
    Column("generation", BigInteger, nullable=False),
    Column("broken_reason", Text),
    Column("break_announced", Boolean, nullable=False, server_default=text("false")),
    Column("refresh_holder", Uuid),
    Column("refresh_until", DateTime(timezone=True)),
    Column("account_id", Text, nullable=False, server_default=text("''")),
)

attempts = Table(
    "attempts",
    metadata,
    Column("ticket_hash", Text, primary_key=True),
    Column(
        "connection_id",
        Uuid,
        ForeignKey(connections.c.id, ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
    Column("side", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False, index=True),
    Column("state_hash", Text),
    Column("binding_hash", Text),
    Column("verifier", Text),
    Column("target", JSONB),
    UniqueConstraint("state_hash"),
)

preflights = Table(
    "preflights",
    metadata,
    Column(
        "connection_id", Uuid, ForeignKey(connections.c.id, ondelete="CASCADE"), primary_key=True
    ),
    Column("checked_at", DateTime(timezone=True), nullable=False),
    Column("features", JSONB, nullable=False),
    Column("items", JSONB, nullable=False),
    Column("users", JSONB, nullable=False),
    Column("lost", JSONB, nullable=False),
)

# Ids of connections whose portal took up one that was kept: who holds such an id finds that one.
former_ids = Table(
    "former_ids",
    metadata,
    Column("former_id", Uuid, primary_key=True),
    Column(
        "connection_id",
        Uuid,
        ForeignKey(connections.c.id, ondelete="CASCADE"),
        nullable=False,
        index=True,
    ),
)

OUTBOX = outbox_table(metadata)
PURGED = purges_table(metadata)
