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
from shared.messaging.publisher import Publisher
from shared.outbox.outbox import Outbox
from shared.telemetry.logs import get_logger

CLAIM = 2000
"""Rows of one round: twenty full messages, published side by side."""

LEASE = timedelta(seconds=60)
"""Longer than a round with every publish timing out; a crashed relay's rows wait this long."""

QUIET_POLL_SECONDS = 1.0
_LOG = get_logger(__name__)


class Relay:
    """Moves rows from one service's outbox to the broker; several may run side by side."""

    def __init__(
        self, database: Database, outbox: Outbox, publisher: Publisher, wakeups: Wakeups
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._publisher = publisher
        self._wakeups = wakeups

    async def run(self, stop: asyncio.Event) -> None:
        """Relays until told to stop; PublishFailedError when the broker went away."""
        while not stop.is_set():
            if await self.relay_some() < CLAIM:
                await self._wakeups.wait(self._outbox.channel, QUIET_POLL_SECONDS)

    async def relay_some(self) -> int:
        """One round; answers how many rows it claimed. Unconfirmed rows are given back."""
        token = new_id()
        rows = await self._claim(token)
        messages = _messages(rows)
        outcomes = await asyncio.gather(
            *(self._publish(message) for message in messages), return_exceptions=True
        )
        confirmed = [
            row["position"]
            for message, outcome in zip(messages, outcomes, strict=True)
            if outcome is None
            for row in message
        ]
        await self._finish(token, confirmed)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                _LOG.warning("not confirmed", outbox=self._outbox.channel, error=str(outcome))
                raise outcome
        return len(rows)

    async def _claim(self, token: UUID) -> list[RowMapping]:
        table = self._outbox.table
        free = or_(table.c.held_until.is_(None), table.c.held_until < func.now())
        ready = (
            select(table.c.position)
            .where(free)
            .order_by(table.c.position)
            .limit(CLAIM)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(table)
            .where(table.c.position.in_(ready))
            .values(token=token, held_until=func.now() + LEASE)
            .returning(*table.c)
        )
        async with self._database.begin() as conn:
            found = (await conn.execute(statement)).mappings().all()
        return sorted(found, key=lambda row: row["position"])

    async def _publish(self, message: Sequence[RowMapping]) -> None:
        await self._publisher.publish([_envelope(row, self._outbox) for row in message])

    async def _finish(self, token: UUID, confirmed: Sequence[int]) -> None:
        """Deletes what was confirmed, and lets go of the rest at once."""
        table = self._outbox.table
        async with self._database.begin() as conn:
            if confirmed:
                mine = table.c.token == token
                await conn.execute(delete(table).where(mine, table.c.position.in_(confirmed)))
            await conn.execute(
                update(table).where(table.c.token == token).values(token=None, held_until=None),
            )


def _messages(rows: Sequence[RowMapping]) -> list[list[RowMapping]]:
    """Consecutive rows of one type and connection share a message, up to its limit."""
    messages: list[list[RowMapping]] = []
    for _, part in groupby(rows, key=_kind):
        same = list(part)
        messages += [same[start : start + MAX_BATCH] for start in range(0, len(same), MAX_BATCH)]
    return messages


def _kind(row: RowMapping) -> tuple[str, UUID]:
    return row["type"], row["connection_id"]


def _envelope(row: RowMapping, outbox: Outbox) -> Envelope:
    return Envelope(
        id=row["id"],
        source=outbox.source,
        type=row["type"],
        time=row["time"],
        subject=row["subject"],
        connection_id=row["connection_id"],
        traceparent=row["traceparent"],
        data=row["data"],
    )
