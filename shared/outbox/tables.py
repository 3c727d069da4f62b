"""The tables of outbox and inbox; each service has its own, made by its own migrations."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    MetaData,
    Table,
    Text,
    Uuid,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB


def outbox_table(metadata: MetaData) -> Table:
    """Events that were decided and not yet confirmed by the broker."""
    return Table(
        "outbox",
        metadata,
        Column("position", BigInteger, Identity(always=True), primary_key=True),
        Column("id", Uuid, nullable=False),
        Column("type", Text, nullable=False),
        Column("time", DateTime(timezone=True), nullable=False),
        Column("subject", Text, nullable=False),
        Column("connection_id", Uuid, nullable=False),
        Column("traceparent", Text),
        Column("data", JSONB, nullable=False),
        Column("token", Uuid),
        Column("held_until", DateTime(timezone=True)),
    )


def inbox_table(metadata: MetaData) -> Table:
    """Which events a consumer has handled already."""
    return Table(
        "inbox",
        metadata,
        Column("consumer", Text, primary_key=True),
        Column("event_id", Uuid, primary_key=True),
        Column(
            "at", DateTime(timezone=True), nullable=False, server_default=func.now(), index=True
        ),
    )
