"""Versions of the settings, and the catalogues that they are judged by, on Postgres."""

from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.domain.model import Catalogue
from services.mapping.ports import Version
from services.mapping.store.rows import catalogue_of, catalogue_row, version_of, version_row
from services.mapping.store.tables import catalogues, versions


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


class PostgresCatalogues:
    """The `Catalogues` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Catalogue | None:
        """The fields as they were read last."""
        query = select(catalogues).where(catalogues.c.connection_id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else catalogue_of(row)

    async def save(self, connection_id: UUID, catalogue: Catalogue) -> None:
        """Replaces what was read before."""
        row = {"connection_id": connection_id, **catalogue_row(catalogue), "read_at": func.now()}
        statement = upsert(catalogues).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=row),
        )
