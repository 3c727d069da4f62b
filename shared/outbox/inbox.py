"""An event is handled once: its inbox row and its effect are one transaction (I3)."""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, Table, Text, Uuid, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.dml import ReturningInsert

from shared.db.database import Database
from shared.db.purge import Purges
from shared.db.retention import Retention
from shared.messaging.envelope import Envelope
from shared.messaging.topology import BatchHandler

TransactionalHandler = Callable[[AsyncConnection, Sequence[Envelope]], Awaitable[None]]

KEEP = timedelta(days=8)
"""Longer than the longest redelivery: a dead letter is looked at within a week."""


class Inbox:
    """The inbox of one service; `duplicates` counts what came again, by consumer.

    With `purges` events of connections that were purged are dropped, whenever they come.
    """

    def __init__(self, table: Table, purges: Purges | None = None) -> None:
        self.table = table
        self.purges = purges
        self.duplicates: Counter[str] = Counter()
        self.retention = Retention(table, KEEP, lambda moment: table.c.at < moment)
        self._take = _take(table)

    async def first_time(
        self, conn: AsyncConnection, consumer: str, ids: Sequence[UUID]
    ) -> set[UUID]:
        """The ids that this consumer has not handled yet; they count as handled from now on."""
        if not ids:
            return set()
        wanted = {"consumer": consumer, "ids": sorted(set(ids))}
        new = set((await conn.execute(self._take, wanted)).scalars())
        self.duplicates[consumer] += len(ids) - len(new)
        return new


def _take(table: Table) -> ReturningInsert[UUID]:
    """Inserts what is new, in the order of `ids`: one text, whatever their number."""
    ids = func.unnest(bindparam("ids", type_=ARRAY(Uuid)))
    given = select(bindparam("consumer", type_=Text), ids)
    fresh = insert(table).from_select([table.c.consumer, table.c.event_id], given)
    return fresh.on_conflict_do_nothing().returning(table.c.event_id)


def transactional(
    database: Database, inbox: Inbox, consumer: str, handler: TransactionalHandler
) -> BatchHandler:
    """A handler for the bus: each event's effect happens once, however often it is delivered."""

    async def handle(envelopes: Sequence[Envelope]) -> None:
        async with database.begin() as conn:
            ids = [envelope.id for envelope in envelopes]
            new = await inbox.first_time(conn, consumer, ids)
            unique = {e.id: e for e in envelopes if e.id in new}
            kept = list(unique.values())
            if kept and inbox.purges is not None:
                kept = await inbox.purges.screened(conn, kept)
            if kept:
                await handler(conn, kept)

    return handle
