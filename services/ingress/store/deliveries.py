"""Raw webhook bodies on Postgres."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingress.ports import Delivery
from services.ingress.store.tables import deliveries

DELIVERIES_CHANNEL = "ingress_deliveries"
"""Notified with each stored delivery; the splitter listens."""


class PostgresDeliveries:
    """The `Deliveries` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def store(self, delivery: Delivery) -> None:
        """Stores one body as one row, and wakes the splitter when this commits."""
        await self._conn.execute(
            insert(deliveries).values(
                id=delivery.id,
                body=delivery.body,
                traceparent=delivery.traceparent,
            ),
        )
        await self._conn.execute(select(func.pg_notify(DELIVERIES_CHANNEL, "")))

    async def take(self, limit: int) -> list[Delivery]:
        """Unsplit deliveries, the oldest first, locked until the transaction ends."""
        query = (
            select(deliveries.c.id, deliveries.c.body, deliveries.c.traceparent)
            .where(deliveries.c.split_at.is_(None))
            .order_by(deliveries.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = (await self._conn.execute(query)).all()
        return [Delivery(row.id, row.body, row.traceparent) for row in rows]

    async def mark_split(self, ids: Sequence[UUID]) -> None:
        """Remembers that these became events."""
        await self._conn.execute(
            update(deliveries).where(deliveries.c.id.in_(ids)).values(split_at=func.now()),
        )
