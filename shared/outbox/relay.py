"""Publishes the outbox: claims by token and database time, deletes after the confirm (I2)."""

import asyncio
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, RowMapping, any_, delete, func, literal, select, update
from sqlalchemy.sql.elements import ColumnElement

from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.ids import new_id
from shared.messaging.envelope import MAX_BATCH, Envelope
from shared.messaging.publisher import Publisher, PublishFailedError
from shared.outbox.outbox import COLUMNS, Outbox

CLAIM = 1000
"""Rows of one round: ten full messages, published side by side."""

ABREAST = 2
"""Rounds at once while there is much to do: one is claimed while the other waits for confirms."""

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
        self._turn = asyncio.Lock()

    async def run(self, stop: asyncio.Event) -> None:
        """Relays until told to stop; PublishFailedError when the broker went away.

        Begins with what an earlier run could not give back, as the database was away by then.
        """
        await self._let_go()
        while not stop.is_set():
            if await self.relay_some() == CLAIM:
                await self._relay_many(stop)
            else:
                await self._wakeups.wait(self._outbox.channel, QUIET_POLL_SECONDS)

    async def relay_some(self) -> int:
        """One round; answers how many rows it claimed. Unconfirmed rows are given back at once."""
        async with self._turn:  # rounds are published in the order in which they were claimed
            rows = await self._claim()
            parts = _messages(rows)
            publishing = {asyncio.create_task(self._publish(part)): part for part in parts}
        if not publishing:
            return 0
        try:
            await asyncio.wait(publishing, timeout=ROUND_SECONDS)
        finally:
            for task in publishing:
                task.cancel()
        done = [task for task in publishing if task.done() and not task.cancelled()]
        failures = [error for task in done if (error := task.exception()) is not None]
        sent = [task for task in done if task.exception() is None]
        await self._finish(rows, {row["position"] for task in sent for row in publishing[task]})
        if len(sent) < len(publishing):
            raise failures[0] if failures else PublishFailedError("the round took too long")
        return len(rows)

    async def _relay_many(self, stop: asyncio.Event) -> None:
        """Until little is left. After a failure the other round still comes to its own end."""
        rounds = (self._relay_full_rounds(stop) for _ in range(ABREAST))
        for error in await asyncio.gather(*rounds, return_exceptions=True):
            if error is not None:
                raise error

    async def _relay_full_rounds(self, stop: asyncio.Event) -> None:
        while not stop.is_set() and await self.relay_some() == CLAIM:
            pass

    async def _claim(self) -> list[RowMapping]:
        table = self._outbox.table
        free = table.c.held_until.is_(None) | (table.c.held_until < func.now())
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

    async def _finish(self, rows: Sequence[RowMapping], confirmed: AbstractSet[int]) -> None:
        """Deletes what was confirmed of a round, and lets go of its rest at once."""
        table = self._outbox.table
        rest = [row["position"] for row in rows if row["position"] not in confirmed]
        async with self._database.begin() as conn:
            await conn.execute(delete(table).where(self._mine(sorted(confirmed))))
            if rest:
                free = update(table).where(self._mine(rest))
                await conn.execute(free.values(token=None, held_until=None))

    async def _let_go(self) -> None:
        """Of everything: nothing is under way."""
        table = self._outbox.table
        everything = update(table).where(table.c.token == self._token)
        async with self._database.begin() as conn:
            await conn.execute(everything.values(token=None, held_until=None))

    def _mine(self, positions: Sequence[int]) -> ColumnElement[bool]:
        """Those rows, unless their lease ended and somebody else has them."""
        table = self._outbox.table
        those = table.c.position == any_(literal(positions, ARRAY(BigInteger)))
        return those & (table.c.token == self._token)


def _messages(rows: Sequence[RowMapping]) -> list[list[RowMapping]]:
    """Consecutive rows of one type and connection share a message, up to its limit."""
    messages: list[list[RowMapping]] = []
    for _, part in groupby(rows, key=_kind):
        same = list(part)
        messages += [same[start : start + MAX_BATCH] for start in range(0, len(same), MAX_BATCH)]
    return messages


def _kind(row: RowMapping) -> tuple[str, UUID]:
    return row["type"], row["connection_id"]
