"""Installations on Postgres: one row each, taken by token and lease on the database's clock."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.package_watcher.domain.model import Installation
from services.package_watcher.ports import Current, Taken
from services.package_watcher.store.rows import installation_of, installation_row
from services.package_watcher.store.tables import AWAY, installations

CHANNEL = "package_watcher_installations"
"""Notified when an installation is due at once."""


class PostgresInstallations:
    """The `Installations` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def current(self, connection_id: UUID) -> Current | None:
        """The current installation and when it is looked at next."""
        row = await self._row(_current(connection_id))
        if row is None:
            return None
        return Current(installation_of(row), row["due_at"], row["looked_at"])

    async def held(self, connection_id: UUID) -> Installation | None:
        """The current installation, held by this transaction until it ends."""
        row = await self._row(_current(connection_id).with_for_update())
        return None if row is None else installation_of(row)

    async def known(self, installation_id: UUID) -> bool:
        """Whether there is or was an installation of this id."""
        query = select(installations.c.id).where(installations.c.id == installation_id)
        return (await self._conn.execute(query)).first() is not None

    async def begin(self, installation: Installation) -> None:
        """Makes it the current one, due at once."""
        before = (
            update(installations)
            .where(
                installations.c.connection_id == installation.connection_id,
                installations.c.current,
            )
            .values(current=False, due_at=None, sealed_password="")
        )
        await self._conn.execute(before)
        row = {**installation_row(installation), "current": True, "due_at": func.now()}
        await self._conn.execute(insert(installations).values(row))
        await self._conn.execute(select(func.pg_notify(CHANNEL, "")))

    async def go_on(self, installation: Installation) -> None:
        """Writes it and makes it due at once."""
        row = {
            **installation_row(installation),
            "due_at": func.now(),
            "token": None,
            "held_until": None,
        }
        statement = update(installations).where(installations.c.id == installation.id).values(row)
        await self._conn.execute(statement)
        await self._conn.execute(select(func.pg_notify(CHANNEL, "")))

    async def take(self, *, token: UUID, lease: timedelta) -> Taken | None:
        """The one that is due longest; two watchers never take the same one."""
        due = (
            select(installations.c.id)
            .where(
                installations.c.due_at <= func.now(),
                installations.c.connection_id.not_in(AWAY),
                or_(
                    installations.c.held_until.is_(None),
                    installations.c.held_until <= func.now(),
                ),
            )
            .order_by(installations.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(installations)
            .where(installations.c.id == due.scalar_subquery())
            .values(token=token, held_until=func.now() + lease)
            .returning(*installations.c)
        )
        row = (await self._conn.execute(statement)).mappings().one_or_none()
        return None if row is None else Taken(installation_of(row), token)

    async def retake(self, taken: Taken) -> Installation | None:
        """The row as it is now, held; None when another took it or a new order replaced it."""
        query = select(installations).where(
            installations.c.id == taken.installation.id,
            installations.c.token == taken.token,
            installations.c.current,
        )
        row = await self._row(query.with_for_update())
        return None if row is None else installation_of(row)

    async def settle(self, installation: Installation, due_in: timedelta | None) -> None:
        """Writes what is known now, and when to look again."""
        row = {
            **installation_row(installation),
            "due_at": None if due_in is None else func.now() + due_in,
            "looked_at": func.now(),
            "token": None,
            "held_until": None,
        }
        statement = update(installations).where(installations.c.id == installation.id).values(row)
        await self._conn.execute(statement)

    async def _row(self, query: Select[tuple[object, ...]]) -> RowMapping | None:
        return (await self._conn.execute(query)).mappings().one_or_none()


def _current(connection_id: UUID) -> Select[tuple[object, ...]]:
    return select(installations).where(
        installations.c.connection_id == connection_id,
        installations.c.current,
    )
