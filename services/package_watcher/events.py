"""What the package watcher listens to and publishes: the tables of events."""

from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from services.package_watcher.handlers.lifecycle import note_connection
from services.package_watcher.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved
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

QUEUE = "package_watcher.connections"
PUBLISHED: tuple[type[Event], ...] = (
    PackageInstallStarted,
    PackageInstalled,
    PackageInstallFailed,
    PackageRemoved,
    VisualforceAdded,
    VisualforceRemoved,
    VisualforceSkipped,
)
SUBSCRIBED: tuple[type[Event], ...] = (ConnectionEstablished, ConnectionRemoved)


class WorkOn(Protocol):
    """Makes a unit of work over the inbox's transaction."""

    def on(self, conn: AsyncConnection) -> Work:
        """The unit of work."""
        ...


def subscriptions(
    works: WorkOn, database: Database, inbox: Inbox, new_id: Callable[[], UUID]
) -> tuple[Subscription, ...]:
    """One queue: connections come and go rarely."""
    registry = EventRegistry(SUBSCRIBED)

    async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            event = registry.parse(envelope)
            if event is not None:
                at = stamp(envelope.time, envelope.id)
                await note_connection(
                    works.on(conn), envelope.connection_id, event, at, installation_id=new_id()
                )

    return (Subscription(QUEUE, SUBSCRIBED, transactional(database, inbox, QUEUE, handle)),)
