"""An event is handled once: its inbox row and its effect are one transaction (I3)."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import Table, delete, func, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.kernel.waiting import pause
from shared.messaging.envelope import Envelope
from shared.messaging.topology import BatchHandler

TransactionalHandler = Callable[[AsyncConnection, Sequence[Envelope]], Awaitable[None]]

KEEP = timedelta(days=8)
"""Longer than the longest redelivery: a dead letter is looked at within a week."""

PRUNE_AT_ONCE = 1000
PRUNE_SECONDS = 600.0
"""Between two looks for old ids; nobody waits for their going."""


class Inbox:
    """The inbox of one service; `duplicates` counts what came again, by consumer."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self.duplicates: Counter[str] = Counter()

    async def first_time(
        self, conn: AsyncConnection, consumer: str, ids: Sequence[UUID]
    ) -> set[UUID]:
        """The ids that this consumer has not handled yet; they count as handled from now on.

        Up to 16,000 at once (two parameters each); the bus hands over a thousand.
        """
        if not ids:
            return set()
        wanted = [{"consumer": consumer, "event_id": event_id} for event_id in sorted(set(ids))]
        fresh = insert(self._table).values(wanted).on_conflict_do_nothing()
        new = set((await conn.execute(fresh.returning(self._table.c.event_id))).scalars())
        self.duplicates[consumer] += len(ids) - len(new)
        return new

    async def prune(self, conn: AsyncConnection, *, limit: int) -> int:
        """Forgets up to `limit` old ids; answers how many."""
        table = self._table
        old = (
            select(table.c.consumer, table.c.event_id)
            .where(table.c.at < func.now() - KEEP)
            .limit(limit)
        )
        result = await conn.execute(
            delete(table).where(tuple_(table.c.consumer, table.c.event_id).in_(old)),
        )
        return result.rowcount


def transactional(
    database: Database, inbox: Inbox, consumer: str, handler: TransactionalHandler
) -> BatchHandler:
    """A handler for the bus: each event's effect happens once, however often it is delivered."""

    async def handle(envelopes: Sequence[Envelope]) -> None:
        async with database.begin() as conn:
            ids = [envelope.id for envelope in envelopes]
            new = await inbox.first_time(conn, consumer, ids)
            unique = {e.id: e for e in envelopes if e.id in new}
            if unique:
                await handler(conn, list(unique.values()))

    return handle


def pruning(database: Database, inbox: Inbox) -> Callable[[asyncio.Event], Awaitable[None]]:
    """A loop that forgets old ids in small bites, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            async with database.begin() as conn:
                forgotten = await inbox.prune(conn, limit=PRUNE_AT_ONCE)
            if forgotten < PRUNE_AT_ONCE:
                await pause(stop, PRUNE_SECONDS)

    return run
