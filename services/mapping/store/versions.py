"""Versions of the settings, on Postgres."""

from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.ports import Version
from services.mapping.store.rows import version_of, version_row
from services.mapping.store.tables import versions


class PostgresVersions:
    """The `Versions` port over one transaction. Rows are added, never changed."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID, version: int) -> Version | None:
        """One version."""
        query = select(versions).where(
            versions.c.connection_id == connection_id,
            versions.c.version == version,
        )
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else version_of(row)

    async def add(self, connection_id: UUID, version: Version) -> None:
        """A new version; the caller holds the setup, so that numbers are given once."""
        row = {"connection_id": connection_id, **version_row(version)}
        await self._conn.execute(insert(versions).values(row))

    async def page(self, connection_id: UUID, *, before: int | None, limit: int) -> list[Version]:
        """The newest first."""
        query = (
            select(versions)
            .where(versions.c.connection_id == connection_id)
            .order_by(versions.c.version.desc())
            .limit(limit)
        )
        if before is not None:
            query = query.where(versions.c.version < before)
        return [version_of(row) for row in (await self._conn.execute(query)).mappings()]
