"""When the fields of each connection are read again, on Postgres; leased on its clock."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, case, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.mapping.domain.kept import Refresh, Taken
from services.mapping.domain.standing import Standing
from services.mapping.store.field_tables import refreshes
from services.mapping.store.tables import catalogue_objects, setups
from shared.kernel.records import Side

LAST_OBJECT = "Task"
"""Catalogues of before 0002 hold contacts only: those are read at once."""


class PostgresRefreshes:
    """The `Refreshes` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def get(self, connection_id: UUID) -> Refresh | None:
        """When it was read, when it is next, and what stands since."""
        query = select(refreshes).where(refreshes.c.connection_id == connection_id)
        row = (await self._conn.execute(query)).mappings().one_or_none()
        if row is None:
            return None
        return Refresh(row["read_at"], row["due_at"], row["problem"], _standing(row["standing"]))

    async def take(self, *, token: UUID, lease: timedelta, every: timedelta) -> Taken | None:
        """The one that is due longest of the connections that work."""
        await self._enter_new(every)
        due = (
            select(refreshes.c.connection_id)
            .join(setups, setups.c.connection_id == refreshes.c.connection_id)
            .where(
                setups.c.connected,
                setups.c.broken == "",
                refreshes.c.due_at <= func.now(),
                or_(refreshes.c.held_until.is_(None), refreshes.c.held_until <= func.now()),
            )
            .order_by(refreshes.c.due_at)
            .limit(1)
            .with_for_update(skip_locked=True, of=refreshes)
        )
        statement = (
            update(refreshes)
            .where(refreshes.c.connection_id == due.scalar_subquery())
            .values(token=token, held_until=func.now() + lease)
            .returning(refreshes.c.connection_id, refreshes.c.attempts)
        )
        row = (await self._conn.execute(statement)).one_or_none()
        return None if row is None else Taken(row.connection_id, token, row.attempts)

    async def holds(self, taken: Taken) -> bool:
        """Whether the lease is still this one's; the row is locked until the end."""
        query = select(refreshes.c.token).where(_held(taken)).with_for_update()
        return (await self._conn.execute(query)).first() is not None

    async def done(self, connection_id: UUID, standing: Standing, *, next_in: timedelta) -> None:
        """Read now, whoever had it."""
        row = {
            "connection_id": connection_id,
            "due_at": func.now() + next_in,
            "token": None,
            "held_until": None,
            "attempts": 0,
            "problem": "",
            "read_at": func.now(),
            "standing": msgspec.to_builtins(standing),
            "hits": len(standing.hits),
        }
        statement = insert(refreshes).values(row)
        await self._conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=row),
        )

    async def failed(self, taken: Taken, problem: str, *, next_in: timedelta) -> None:
        """Tried again after `next_in`."""
        values = {
            "due_at": func.now() + next_in,
            "token": None,
            "held_until": None,
            "attempts": refreshes.c.attempts + 1,
            "problem": problem,
        }
        await self._conn.execute(update(refreshes).where(_held(taken)).values(values))

    async def hit(self) -> Mapping[UUID, int]:
        """Hits of all connections, zeros too; a deployment has few connections."""
        query = select(refreshes.c.connection_id, refreshes.c.hits)
        return {row.connection_id: row.hits for row in await self._conn.execute(query)}

    async def _enter_new(self, every: timedelta) -> None:
        """Connections that were set up since the last time."""
        read = exists().where(
            catalogue_objects.c.connection_id == setups.c.connection_id,
            catalogue_objects.c.side == Side.SALESFORCE.value,
            catalogue_objects.c.object_name == LAST_OBJECT,
        )
        due = case((read, func.now() + every), else_=func.now())
        known = exists().where(refreshes.c.connection_id == setups.c.connection_id)
        new = select(setups.c.connection_id, due, literal(0)).where(
            and_(setups.c.connected, setups.c.version > 0, ~known)
        )
        statement = insert(refreshes).from_select(["connection_id", "due_at", "attempts"], new)
        await self._conn.execute(statement.on_conflict_do_nothing())


def _held(taken: Taken) -> Any:
    return and_(refreshes.c.connection_id == taken.connection_id, refreshes.c.token == taken.token)


def _standing(found: object) -> Standing:
    return msgspec.convert(found, Standing)
