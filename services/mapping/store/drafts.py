"""Drafts on Postgres: at most one a connection."""

from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.ports import Draft
from services.mapping.store.rows import draft_of, draft_row
from services.mapping.store.tables import drafts


class PostgresDrafts:
    """The `Drafts` port over one transaction; the caller holds the setup."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Draft | None:
        """The open draft."""
        query = select(drafts).where(drafts.c.connection_id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else draft_of(row)

    async def save(self, connection_id: UUID, draft: Draft) -> None:
        """Replaces what was there."""
        row = {"connection_id": connection_id, **draft_row(draft)}
        statement = insert(drafts).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=row),
        )

    async def drop(self, connection_id: UUID) -> None:
        """It became a version, or was thrown away."""
        await self._conn.execute(delete(drafts).where(drafts.c.connection_id == connection_id))
