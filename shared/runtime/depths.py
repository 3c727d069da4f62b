"""How much waits in a service, and since when: read every few seconds, however often one scrapes.

Every worker of a service tells the same numbers, so a dashboard takes their maximum.
"""

import asyncio
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.kernel.waiting import pause
from shared.outbox.mail import Depth
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_due import COUNT_UP_TO
from shared.outbox.outbox import Outbox
from shared.telemetry.metrics import Metrics

READ_SECONDS = 5.0
"""Between two looks; both queries read an index, and no more than COUNT_UP_TO rows of a lane."""

LANE = ("connection", "lane")


class Depths:
    """Gauges over the outbox and the mailbox of one service."""

    def __init__(
        self, database: Database, outbox: Outbox | None, mailbox: Mailbox | None, metrics: Metrics
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._mailbox = mailbox
        if outbox is not None:
            self._rows = metrics.gauge(
                "causeway_outbox_rows",
                f"Events that wait for the broker, counted up to {COUNT_UP_TO}",
            )
            self._oldest = metrics.gauge(
                "causeway_outbox_oldest_seconds",
                "Age of the oldest event that waits for the broker",
            )
        if mailbox is not None:
            self._records = metrics.gauge(
                "causeway_mailbox_records",
                f"Records that wait in a lane, parked ones apart, counted up to {COUNT_UP_TO}",
                LANE,
            )
            self._parked = metrics.gauge(
                "causeway_mailbox_parked",
                "Records of a lane that an operator put aside until they are requeued or change, "
                f"counted up to {COUNT_UP_TO}",
                LANE,
            )
            self._waited = metrics.gauge(
                "causeway_mailbox_oldest_seconds",
                "Time since the first change of the record that waits longest in a lane",
                LANE,
            )

    async def run(self, stop: asyncio.Event) -> None:
        """Looks until told to stop; DatabaseUnavailableError."""
        while not stop.is_set():
            async with self._database.begin() as conn:
                await self.read(conn)
            await pause(stop, READ_SECONDS)

    async def read(self, conn: AsyncConnection) -> None:
        """One look."""
        if self._outbox is not None:
            rows, seconds = await _waiting(conn, self._outbox)
            self._rows.set(rows)
            self._oldest.set(seconds)
        if self._mailbox is not None:
            depths = await self._mailbox.depth(conn)
            self._tell(depths, (await conn.execute(select(func.clock_timestamp()))).scalar_one())

    def _tell(self, depths: list[Depth], now: datetime) -> None:
        """`now` is the database's, as the rows' times are: a process may have a wrong clock."""
        for depth in depths:
            lane = (str(depth.connection_id), depth.lane)
            waited = 0.0 if depth.oldest is None else (now - depth.oldest).total_seconds()
            self._records.labels(*lane).set(depth.records)
            self._parked.labels(*lane).set(depth.parked)
            self._waited.labels(*lane).set(max(0.0, waited))


async def _waiting(conn: AsyncConnection, outbox: Outbox) -> tuple[int, float]:
    """How many events, and how many seconds the first of them has waited."""
    table = outbox.table
    some = select(table.c.position).limit(COUNT_UP_TO).subquery()
    first = select(table.c.time).order_by(table.c.position).limit(1).scalar_subquery()
    age = func.extract("epoch", func.clock_timestamp() - first)
    counted = select(func.count(), func.greatest(func.coalesce(age, 0), 0)).select_from(some)
    row = (await conn.execute(counted)).one()
    return row[0], float(row[1])
