"""What the mapping service listens to and publishes: the tables of events."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.handlers.lifecycle import note_lifecycle
from services.mapping.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncResumed, SyncStarted
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageInstallFailed,
    PackageInstallStarted,
    PackageRemoved,
    VisualforceAdded,
    VisualforceRemoved,
    VisualforceSkipped,
)
from shared.contracts.standing import stamp
from shared.db.database import Database
from shared.messaging.envelope import Envelope
from shared.messaging.registry import EventRegistry
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox, transactional

QUEUE = "mapping.setup"
PUBLISHED: tuple[type[Event], ...] = (SettingsPublished, SyncStarted, SyncPaused, SyncResumed)
SUBSCRIBED: tuple[type[Event], ...] = (
    ConnectionEstablished,
    ConnectionBroken,
    ConnectionRestored,
    ConnectionRemoved,
    PackageInstallStarted,
    PackageInstalled,
    PackageInstallFailed,
    PackageRemoved,
    VisualforceAdded,
    VisualforceRemoved,
    VisualforceSkipped,
)


class WorkOn(Protocol):
    """Makes a unit of work over the inbox's transaction."""

    def on(self, conn: AsyncConnection) -> Work:
        """The unit of work."""
        ...


def subscriptions(works: WorkOn, database: Database, inbox: Inbox) -> tuple[Subscription, ...]:
    """One queue: these events are rare, and each moves a setup on."""
    registry = EventRegistry(SUBSCRIBED)

    async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            event = registry.parse(envelope)
            if event is not None:
                at = stamp(envelope.time, envelope.id)
                await note_lifecycle(works.on(conn), envelope.connection_id, event, at=at)

    return (Subscription(QUEUE, SUBSCRIBED, transactional(database, inbox, QUEUE, handle)),)
