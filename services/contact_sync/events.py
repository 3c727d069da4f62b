"""What contact_sync listens to: the table of events, and their way into the use cases."""

from collections.abc import Callable, Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.handlers.lifecycle import note_lifecycle
from services.contact_sync.handlers.note import Noticed, note_changes
from services.contact_sync.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.ingress import CompanyChanged, ContactChanged, RecordChange
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncResumed, SyncStarted
from shared.contracts.quota import QuotaExhausted, QuotaRestored
from shared.contracts.standing import stamp
from shared.db.database import Database
from shared.messaging.envelope import Envelope
from shared.messaging.registry import EventRegistry
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox, TransactionalHandler, transactional

CHANGES: tuple[type[Event], ...] = (ContactChanged, CompanyChanged)
LIFECYCLE: tuple[type[Event], ...] = (
    ConnectionEstablished,
    ConnectionBroken,
    ConnectionRestored,
    ConnectionRemoved,
    SettingsPublished,
    SyncStarted,
    SyncPaused,
    SyncResumed,
    QuotaExhausted,
    QuotaRestored,
)


class WorkOn(Protocol):
    """Makes a unit of work over the inbox's transaction."""

    def on(self, conn: AsyncConnection) -> Work:
        """The unit of work."""
        ...


def subscriptions(
    works: WorkOn, database: Database, inbox: Inbox, on_echoes: Callable[[int], None]
) -> tuple[Subscription, ...]:
    """One queue a concern, so that a burst of changes never holds up a pause.

    `on_echoes` is told how many changes were dropped as echoes of our own writes.
    """
    handlers: dict[str, tuple[tuple[type[Event], ...], TransactionalHandler]] = {
        "contact_sync.changes": (CHANGES, _changes(works, on_echoes)),
        "contact_sync.lifecycle": (LIFECYCLE, _lifecycle(works)),
    }
    return tuple(
        Subscription(queue, events, transactional(database, inbox, queue, handler))
        for queue, (events, handler) in handlers.items()
    )


def _changes(works: WorkOn, on_echoes: Callable[[int], None]) -> TransactionalHandler:
    registry = EventRegistry(CHANGES)

    async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        noticed = []
        for envelope in envelopes:
            event = registry.parse(envelope)
            if isinstance(event, RecordChange):
                noticed.append(
                    Noticed(envelope.connection_id, envelope.id, event, envelope.traceparent),
                )
        on_echoes(await note_changes(works.on(conn), noticed))

    return handle


def _lifecycle(works: WorkOn) -> TransactionalHandler:
    registry = EventRegistry(LIFECYCLE)

    async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            event = registry.parse(envelope)
            if event is not None:
                at = stamp(envelope.time, envelope.id)
                await note_lifecycle(works.on(conn), envelope.connection_id, event, at)

    return handle
