"""Publishes the outbox: claims by token and database time, deletes after the confirm (I2)."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import RowMapping, delete, func, or_, select, update

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.ids import new_id
from shared.messaging.envelope import MAX_BATCH, Envelope
from shared.messaging.publisher import Publisher, PublishFailedError
from shared.outbox.outbox import COLUMNS, Outbox

CLAIM = 2000
"""Rows of one round: twenty full messages, published side by side."""

ROUND_SECONDS = 30.0
"""Longer than two publishes that time out one after the other; the rest is given back."""

LEASE = timedelta(seconds=60)
"""Longer than a round; the rows of a relay that crashed wait this long."""

QUIET_POLL_SECONDS = 1.0


class Relay:
    """Moves rows from one service's outbox to the broker; several may run side by side."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        publisher: Publisher,
        wakeups: Wakeups,
        *,
        lease: timedelta = LEASE,
        token: UUID | None = None,
    ) -> None:
        """`token` marks its rows; whoever starts a relay anew after a failure gives it again."""
        self._database = database
        self._outbox = outbox
        self._publisher = publisher
        self._wakeups = wakeups
        self._lease = lease
        self._token = token or new_id()

    async def run(self, stop: asyncio.Event) -> None:
        """Relays until told to stop; PublishFailedError when the broker went away.

        Begins with what an earlier run could not give back, as the database was away by then.
        """
        await self._finish([])
        while not stop.is_set():
            if await self.relay_some() < CLAIM:
                await self._wakeups.wait(self._outbox.channel, QUIET_POLL_SECONDS)

    async def relay_some(self) -> int:
        """One round; answers how many rows it claimed. Unconfirmed rows are given back at once."""
        rows = await self._claim()
        if not rows:
            return 0
        publishing = {asyncio.create_task(self._publish(part)): part for part in _messages(rows)}
        try:
            await asyncio.wait(publishing, timeout=ROUND_SECONDS)
        finally:
            for task in publishing:
                task.cancel()
        done = [task for task in publishing if task.done() and not task.cancelled()]
        failures = [error for task in done if (error := task.exception()) is not None]
        sent = [task for task in done if task.exception() is None]
        await self._finish([row["position"] for task in sent for row in publishing[task]])
        if len(sent) < len(publishing):
            raise failures[0] if failures else PublishFailedError("the round took too long")
        return len(rows)

    async def _claim(self) -> list[RowMapping]:
        table = self._outbox.table
        free = or_(table.c.held_until.is_(None), table.c.held_until < func.now())
        ready = (
            select(table.c.position)
            .where(free)
            .order_by(table.c.position)
            .limit(CLAIM)
            .with_for_update(skip_locked=True)
            .cte("ready")  # evaluated once: a plain subquery may lock more than its limit
        )
        statement = (
            update(table)
            .where(table.c.position.in_(select(ready.c.position)))
            .values(token=self._token, held_until=func.now() + self._lease)
            .returning(*table.c)
        )
        async with self._database.begin() as conn:
            found = (await conn.execute(statement)).mappings().all()
        return sorted(found, key=lambda row: row["position"])

    async def _publish(self, message: Sequence[RowMapping]) -> None:
        source = self._outbox.source
        await self._publisher.publish(
            [Envelope(source=source, **{name: row[name] for name in COLUMNS}) for row in message],
        )

    async def _finish(self, confirmed: Sequence[int]) -> None:
        """Deletes what was confirmed, and lets go of the rest at once."""
        table = self._outbox.table
        mine = table.c.token == self._token
        async with self._database.begin() as conn:
            if confirmed:
                await conn.execute(delete(table).where(mine, table.c.position.in_(confirmed)))
            await conn.execute(update(table).where(mine).values(token=None, held_until=None))


def _messages(rows: Sequence[RowMapping]) -> list[list[RowMapping]]:
    """Consecutive rows of one type and connection share a message, up to its limit."""
    messages: list[list[RowMapping]] = []
    for _, part in groupby(rows, key=_kind):
        same = list(part)
        messages += [same[start : start + MAX_BATCH] for start in range(0, len(same), MAX_BATCH)]
    return messages


def _kind(row: RowMapping) -> tuple[str, UUID]:
    return row["type"], row["connection_id"]
