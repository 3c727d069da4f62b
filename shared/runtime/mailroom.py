"""A mailbox that measures: how long changes waited until they were settled, and lost lanes."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.outbox.mail import Claimed, Lane, LaneLostError, Priority
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_tables import MailboxTables
from shared.telemetry.metrics import Metrics

LAG_BUCKETS = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0)
"""Seconds: from a change that is settled at once, over the native integration's quarter of an
hour, to a quota that was used up for a day."""


class MeasuredMailbox(Mailbox):
    """The mailbox of a service, with the main level of its service measured at each settle."""

    def __init__(self, tables: MailboxTables, metrics: Metrics) -> None:
        super().__init__(tables)
        self._lag = metrics.histogram(
            "causeway_change_to_settle_seconds",
            "Time from the first change of a waiting record to the end of its sync",
            ("lane", "priority"),
            buckets=LAG_BUCKETS,
        )
        self._conflicts = metrics.counter(
            "causeway_lane_conflicts",
            "Times that a worker found its lane in another worker's hands",
            ("lane",),
        )

    def settled(self, done: Sequence[Claimed], gone: set[str], at: datetime) -> None:
        """See Mailbox; the time is the database's, as the rows' own is."""
        for row in done:
            if row.record_id in gone:
                priority = Priority(row.priority).name.lower()
                self._lag.labels(row.lane, priority).observe(
                    (at - row.first_seen_at).total_seconds()
                )

    async def extend_lane(self, conn: AsyncConnection, lane: Lane, *, lease: timedelta) -> None:
        """See Mailbox; every claim that finds nothing asks it why."""
        try:
            await super().extend_lane(conn, lane, lease=lease)
        except LaneLostError:
            self._conflicts.labels(lane.lane).inc()
            raise
