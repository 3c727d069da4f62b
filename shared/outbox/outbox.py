"""Events leave only through here (I1): on the caller's transaction, or not at all."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Table, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.messaging.envelope import Envelope, envelope_for
from shared.outbox.mail import Outgoing
from shared.telemetry.traces import current_traceparent

COLUMNS = ("id", "type", "time", "subject", "connection_id", "traceparent", "data")
"""What a row and an envelope share; the source is the same for all of an outbox."""

INSERT_AT_ONCE = 1000
"""Rows of one INSERT: seven parameters each stay below Postgres' 32,767."""


class Outbox:
    """The outbox of one service; `source` is the service's name in the envelopes."""

    def __init__(self, table: Table, *, source: str) -> None:
        self.table = table
        self.channel = f"{table.schema}_outbox"
        self.source = source

    async def add(
        self, conn: AsyncConnection, events: Sequence[Outgoing], *, now: datetime
    ) -> None:
        """Stores events on the caller's transaction, and wakes the relay when that commits."""
        if not events:
            return
        trace = current_traceparent()
        rows = [_row(self._envelope(outgoing, now, trace)) for outgoing in events]
        for start in range(0, len(rows), INSERT_AT_ONCE):
            await conn.execute(insert(self.table).values(rows[start : start + INSERT_AT_ONCE]))
        await conn.execute(select(func.pg_notify(self.channel, "")))

    def _envelope(self, outgoing: Outgoing, now: datetime, trace: str | None) -> Envelope:
        return envelope_for(
            outgoing.event,
            source=self.source,
            subject=outgoing.subject,
            connection_id=outgoing.connection_id,
            now=now,
            traceparent=outgoing.traceparent or trace,
        )


def _row(envelope: Envelope) -> dict[str, object]:
    return {name: getattr(envelope, name) for name in COLUMNS}
