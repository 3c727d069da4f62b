"""Packages that were in place once, on Postgres: taken by token and lease, as installations are."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.package_watcher.domain.presence import Presence
from services.package_watcher.ports import Checking, Known
from services.package_watcher.store.rows import presence_of, presence_row
from services.package_watcher.store.tables import AWAY, presences


class PostgresPresences:
    """The `Presences` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Known | None:
        """What is known, and when it is looked at."""
        query = select(presences).where(presences.c.connection_id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else Known(presence_of(row), row["due_at"], row["checked_at"])

    async def held(self, connection_id: UUID) -> Presence | None:
        """The row, held by this transaction until it ends."""
        query = select(presences).where(presences.c.connection_id == connection_id)
        row = (await self._conn.execute(query.with_for_update())).mappings().one_or_none()
        return None if row is None else presence_of(row)

    async def put(self, presence: Presence, due_in: timedelta | None) -> None:
        """Inserts or replaces the row; a look that is under way is dropped with its token."""
        row = {
            **presence_row(presence),
            "due_at": None if due_in is None else func.now() + due_in,
            "token": None,
            "held_until": None,
        }
        await self._save(row)

    async def checked(self, presence: Presence, due_in: timedelta) -> None:
        """Writes what a look found."""
        row = {
            **presence_row(presence),
            "due_at": func.now() + due_in,
            "checked_at": func.now(),
            "token": None,
            "held_until": None,
        }
        await self._save(row)

    async def hasten(self, connection_ids: Sequence[UUID]) -> None:
        """Makes these due now."""
        statement = (
            update(presences)
            .where(presences.c.connection_id.in_(connection_ids))
            .values(due_at=func.now())
        )
        await self._conn.execute(statement)

    async def take(self, *, token: UUID, lease: timedelta) -> Checking | None:
        """The one that is due longest; two workers never take the same one."""
        free = or_(presences.c.held_until.is_(None), presences.c.held_until <= func.now())
        due = (
            select(presences.c.connection_id)
            .where(presences.c.due_at <= func.now(), presences.c.connection_id.not_in(AWAY), free)
            .order_by(presences.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(presences)
            .where(presences.c.connection_id == due.scalar_subquery())
            .values(token=token, held_until=func.now() + lease)
            .returning(*presences.c)
        )
        row = (await self._conn.execute(statement)).mappings().one_or_none()
        return None if row is None else Checking(presence_of(row), token)

    async def retake(self, checking: Checking) -> Presence | None:
        """The row as it is now, held; None when it was written or taken meanwhile."""
        query = select(presences).where(
            presences.c.connection_id == checking.presence.connection_id,
            presences.c.token == checking.token,
        )
        row = (await self._conn.execute(query.with_for_update())).mappings().one_or_none()
        return None if row is None else presence_of(row)

    async def forget(self, connection_id: UUID) -> None:
        """Deletes the row."""
        statement = delete(presences).where(presences.c.connection_id == connection_id)
        await self._conn.execute(statement)

    async def _save(self, row: dict[str, object]) -> None:
        statement = insert(presences).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=row)
        )
