"""What quota listens to. It publishes QuotaExhausted, QuotaRestored, QuotaThresholdCrossed."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from services.quota.handlers import note_event
from services.quota.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved
from shared.contracts.mapping import SettingsPublished
from shared.contracts.standing import stamp
from shared.db.database import Database
from shared.messaging.envelope import Envelope
from shared.messaging.registry import EventRegistry
from shared.messaging.topology import Subscription
from shared.outbox.inbox import Inbox, TransactionalHandler, transactional

QUEUE = "quota.lifecycle"
# A broken connection keeps its budget: nobody gets a token for it, so nobody asks for calls.
LIFECYCLE: tuple[type[Event], ...] = (ConnectionEstablished, ConnectionRemoved, SettingsPublished)


class WorkOn(Protocol):
    """Makes a unit of work over the inbox's transaction."""

    def on(self, conn: AsyncConnection) -> Work:
        """The unit of work."""
        ...


def subscriptions(works: WorkOn, database: Database, inbox: Inbox) -> tuple[Subscription, ...]:
    """One queue: these events are rare."""
    handler = transactional(database, inbox, QUEUE, _lifecycle(works))
    return (Subscription(QUEUE, LIFECYCLE, handler),)


def _lifecycle(works: WorkOn) -> TransactionalHandler:
    registry = EventRegistry(LIFECYCLE)

    async def handle(conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
        for envelope in envelopes:
            event = registry.parse(envelope)
            if event is not None:
                at = stamp(envelope.time, envelope.id)
                await note_event(works.on(conn), envelope.connection_id, event, at)

    return handle
