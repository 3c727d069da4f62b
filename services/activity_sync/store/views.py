"""Read-only queries for people, past the domain: plain SQL with the tenant in each."""

from typing import Any
from uuid import UUID

from sqlalchemy import Table, select

from services.activity_sync.store.tables import journal, parked, timeline
from shared.db.database import Database


class PostgresViews:
    """The `Views` port; every method is one short read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def journal(
        self, connection_id: UUID, *, limit: int, before: UUID | None
    ) -> list[dict[str, Any]]:
        """Writes, the latest first."""
        return await self._newest(journal, connection_id, limit, before)

    async def parked(
        self, connection_id: UUID, *, limit: int, before: UUID | None
    ) -> list[dict[str, Any]]:
        """Activities that wait, the latest first."""
        return await self._newest(parked, connection_id, limit, before)

    async def timeline(
        self, connection_id: UUID, contact_id: str, *, limit: int
    ) -> list[dict[str, Any]]:
        """Events of one HubSpot contact that crossed over, the latest first."""
        query = (
            select(timeline.c.kind, timeline.c.occurred_at)
            .where(timeline.c.connection_id == connection_id, timeline.c.contact_id == contact_id)
            .order_by(timeline.c.occurred_at.desc(), timeline.c.key)
            .limit(limit)
        )
        async with self._database.begin() as conn:
            return [dict(row) for row in (await conn.execute(query)).mappings()]

    async def _newest(
        self, table: Table, connection_id: UUID, limit: int, before: UUID | None
    ) -> list[dict[str, Any]]:
        query = select(table).where(table.c.connection_id == connection_id)
        if before is not None:
            query = query.where(table.c.id < before)
        async with self._database.begin() as conn:
            rows = await conn.execute(query.order_by(table.c.id.desc()).limit(limit))
            return [dict(row) for row in rows.mappings()]
