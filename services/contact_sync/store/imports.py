"""Imports on Postgres."""

from datetime import timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.ports import NO_WAIT, Import
from services.contact_sync.store.rows import import_of, import_row
from services.contact_sync.store.tables import imports


class PostgresImports:
    """The `Imports` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def add(self, new: Import) -> None:
        """Stores a new import; it is due at once."""
        await self._conn.execute(insert(imports).values(import_row(new)))

    async def next(self, lease: timedelta) -> Import | None:
        """The oldest import that walks and that nobody holds; held until the lease ends."""
        free = or_(imports.c.held_until.is_(None), imports.c.held_until < func.now())
        oldest = (
            select(imports.c.id)
            .where(imports.c.state == "walking", free)
            .order_by(imports.c.id)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        statement = (
            update(imports)
            .where(imports.c.id == oldest)
            .values(held_until=func.now() + lease)
            .returning(*imports.c)
        )
        row = (await self._conn.execute(statement)).mappings().one_or_none()
        return None if row is None else import_of(row)

    async def save(self, progress: Import, *, wait: timedelta = NO_WAIT) -> None:
        """Stores how far an import is, and lets go of it when `wait` is over."""
        await self._conn.execute(
            update(imports)
            .where(
                imports.c.id == progress.id,
                imports.c.connection_id == progress.connection_id,
            )
            .values(**import_row(progress), held_until=func.now() + wait if wait else None),
        )
