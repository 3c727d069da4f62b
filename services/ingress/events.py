"""What ingress listens to: the life of the connections, and their settings."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingress.handlers.lifecycle import note_lifecycle
from services.ingress.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SettingsPublished, SyncStarted
from shared.contracts.standing import stamp
from shared.db.database import Database
from shared.messaging.envelope import Envelope
from shared.messaging.registry import EventRegistry
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox, transactional

QUEUE = "ingress.lifecycle"
LIFECYCLE: tuple[type[Event], ...] = (
    ConnectionEstablished,
    ConnectionBroken,
    ConnectionRestored,
    ConnectionRemoved,
    SettingsPublished,
    SyncStarted,
)


class WorkOn(Protocol):
    """Makes a unit of work over the inbox's transaction."""

    def on(self, conn: AsyncConnection) -> Work:
        """The unit of work."""
        ...


def subscriptions(works: WorkOn, database: Database, inbox: Inbox) -> tuple[Subscription, ...]:
    """One queue: everything here is rare."""
    registry = EventRegistry(LIFECYCLE)

    async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            event = registry.parse(envelope)
            if event is not None:
                at = stamp(envelope.time, envelope.id)
                await note_lifecycle(works.on(conn), envelope.connection_id, event, at)

    return (Subscription(QUEUE, LIFECYCLE, transactional(database, inbox, QUEUE, handle)),)
