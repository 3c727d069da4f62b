"""Orders about the window on Postgres, taken by token and lease on the database's clock."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.package_watcher.domain.model import Failure
from services.package_watcher.domain.window import Action, Change, Window, WindowState
from services.package_watcher.ports import TakenWindow
from services.package_watcher.store.tables import AWAY
from services.package_watcher.store.window_tables import windows

WINDOW_CHANNEL = "package_watcher_windows"
"""Notified when work on a window is due at once."""


class PostgresWindows:
    """The `Windows` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def current(self, connection_id: UUID) -> Window | None:
        """The last order of a connection."""
        return await self._one(_current(connection_id))

    async def held(self, connection_id: UUID) -> Window | None:
        """The last order of a connection, held by this transaction until it ends."""
        return await self._one(_current(connection_id).with_for_update())

    async def known(self, window_id: UUID) -> bool:
        """Whether there is or was an order of this id."""
        query = select(windows.c.id).where(windows.c.id == window_id)
        return (await self._conn.execute(query)).first() is not None

    async def begin(self, window: Window) -> None:
        """Makes it the current one, due at once; the one before is not looked at again."""
        before = (
            update(windows)
            .where(windows.c.connection_id == window.connection_id, windows.c.current)
            .values(current=False, due_at=None)
        )
        await self._conn.execute(before)
        row = {**_row(window), "current": True, "due_at": func.now()}
        await self._conn.execute(insert(windows).values(row))
        await self._conn.execute(select(func.pg_notify(WINDOW_CHANNEL, "")))

    async def take(self, *, token: UUID, lease: timedelta) -> TakenWindow | None:
        """The one that is due longest; two watchers never take the same one."""
        free = or_(windows.c.held_until.is_(None), windows.c.held_until <= func.now())
        due = (
            select(windows.c.id)
            .where(windows.c.due_at <= func.now(), windows.c.connection_id.not_in(AWAY), free)
            .order_by(windows.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .scalar_subquery()
        )
        take = (
            update(windows)
            .where(windows.c.id == due)
            .values(token=token, held_until=func.now() + lease)
            .returning(windows)
        )
        row = (await self._conn.execute(take)).mappings().one_or_none()
        return None if row is None else TakenWindow(_window(row), token)

    async def retake(self, taken: TakenWindow) -> Window | None:
        """The row as it is now, held by this transaction; None when it is no longer ours."""
        query = (
            select(windows)
            .where(
                windows.c.id == taken.window.id,
                windows.c.token == taken.token,
                windows.c.current,
            )
            .with_for_update()
        )
        return await self._one(query)

    async def settle(self, window: Window, due_in: timedelta | None) -> None:
        """Writes what is known now, and when to look again; never when that is None."""
        due_at = None if due_in is None else func.now() + due_in
        row = {**_row(window), "due_at": due_at, "token": None, "held_until": None}
        await self._conn.execute(update(windows).where(windows.c.id == window.id).values(row))

    async def _one(self, query: Select[tuple[object, ...]]) -> Window | None:
        row = (await self._conn.execute(query)).mappings().one_or_none()
        return None if row is None else _window(row)


def _current(connection_id: UUID) -> Select[tuple[object, ...]]:
    return select(windows).where(windows.c.connection_id == connection_id, windows.c.current)


def _row(window: Window) -> dict[str, object]:
    row = asdict(window)
    return {name: list(one) if isinstance(one, tuple) else one for name, one in row.items()}


def _window(row: RowMapping) -> Window:
    return Window(
        id=row["id"],
        connection_id=row["connection_id"],
        action=Action(row["action"]),
        layouts=tuple(row["layouts"]),
        state=WindowState(row["state"]),
        asked_at=row["asked_at"],
        since=row["since"],
        deadline=row["deadline"],
        request_id=row["request_id"],
        starts=row["starts"],
        quiet_looks=row["quiet_looks"],
        said=row["said"],
        failures=tuple(Failure(**item) for item in row["failures"]),
        changes=tuple(Change(**item) for item in row["changes"]),
        wait=row["wait"],
    )
