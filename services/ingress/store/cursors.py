"""Polling positions on Postgres."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, case, delete, func, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from services.ingress.domain.polling import OVERLAP, PolledRow
from services.ingress.ports import Cursor
from services.ingress.store.tables import cursors, seen
from shared.kernel.records import Side

SEEN_AT_ONCE = 2000
"""Rows of one insert: five columns each stay far below Postgres' 32,767 parameters."""

KEEP_SEEN = OVERLAP * 10
"""Far longer than a round looks back, so that a row inside the overlap is never forgotten."""


class PostgresCursors:
    """The `Cursors` port over one transaction."""

    def __init__(self, conn: AsyncConnection) -> None:
        self._conn = conn

    async def due(self, side: Side, lease: timedelta) -> list[Cursor]:
        """All cursors of the connection that waits longest on this side; held by a lease.

        Rows that another poller locks are left to it: two that take the same connection in
        different orders would wait for each other for ever.
        """
        free = or_(cursors.c.held_until.is_(None), cursors.c.held_until < func.now())
        mine = and_(cursors.c.side == side.value, free)
        first = (
            select(cursors.c.connection_id)
            .where(mine, cursors.c.due_at <= func.now())
            .order_by(cursors.c.due_at)
            .limit(1)
            .scalar_subquery()
        )
        key = (cursors.c.connection_id, cursors.c.side, cursors.c.object_name)
        unlocked = (
            select(*key)
            .where(mine, cursors.c.connection_id == first)
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(cursors)
            .where(tuple_(*key).in_(unlocked))
            .values(held_until=func.now() + lease, taken_at=func.clock_timestamp())
            .returning(*cursors.c)
        )
        rows = (await self._conn.execute(statement)).mappings()
        return [
            Cursor(row["connection_id"], Side(row["side"]), row["object_name"], row["position"])
            for row in rows
        ]

    async def ensure(self, wanted: Sequence[Cursor]) -> None:
        """Adds cursors that are missing."""
        values = [
            {"connection_id": c.connection_id, "side": c.side.value, "object_name": c.object_name}
            for c in wanted
        ]
        await self._conn.execute(insert(cursors).values(values).on_conflict_do_nothing())

    async def wake(self, connection_id: UUID) -> None:
        """Makes all cursors of a connection due.

        Those that are held too: that they became due after they were taken is what `release` sees.
        """
        await self._conn.execute(
            update(cursors)
            .where(cursors.c.connection_id == connection_id)
            .values(due_at=func.clock_timestamp())
        )

    async def unseen(self, cursor: Cursor, rows: Sequence[PolledRow]) -> list[PolledRow]:
        """The rows that were not reported in this state before; they are from now on."""
        fresh: list[PolledRow] = []
        for start in range(0, len(rows), SEEN_AT_ONCE):
            fresh += await self._unseen(cursor, rows[start : start + SEEN_AT_ONCE])
        if cursor.position is not None:
            old = and_(
                seen.c.connection_id == cursor.connection_id,
                seen.c.object_name == cursor.object_name,
                seen.c.modified_at < cursor.position - KEEP_SEEN,
            )
            await self._conn.execute(delete(seen).where(old))
        return fresh

    async def _unseen(self, cursor: Cursor, rows: Sequence[PolledRow]) -> list[PolledRow]:
        by_key = {(row.record_id, row.modified_at, row.deleted): row for row in rows}
        statement = (
            insert(seen)
            .values(
                [
                    {
                        "connection_id": cursor.connection_id,
                        "object_name": cursor.object_name,
                        "record_id": record_id,
                        "modified_at": modified_at,
                        "deleted": deleted,
                    }
                    for record_id, modified_at, deleted in by_key
                ],
            )
            .on_conflict_do_nothing()
            .returning(seen.c.record_id, seen.c.modified_at, seen.c.deleted)
        )
        fresh = {tuple(row) for row in (await self._conn.execute(statement)).all()}
        return [row for key, row in by_key.items() if key in fresh]

    async def save(self, cursor: Cursor) -> None:
        """Stores how far the polling of one object is; None starts afresh.

        A poller whose lease ended may come late, so a position never moves backwards.
        """
        position = None
        if cursor.position is not None:
            position = func.greatest(cursors.c.position, cursor.position)
        await self._conn.execute(
            update(cursors)
            .where(
                cursors.c.connection_id == cursor.connection_id,
                cursors.c.side == cursor.side.value,
                cursors.c.object_name == cursor.object_name,
            )
            .values(position=position, polled_at=func.now()),
        )

    async def release(self, held: Sequence[Cursor], wait: timedelta) -> None:
        """Lets go of cursors until their next round, at once if they were woken meanwhile."""
        woken = cursors.c.due_at.between(cursors.c.taken_at, func.clock_timestamp())
        keys = [(c.connection_id, c.side.value, c.object_name) for c in held]
        columns = tuple_(cursors.c.connection_id, cursors.c.side, cursors.c.object_name)
        await self._conn.execute(
            update(cursors)
            .where(columns.in_(keys))
            .values(
                held_until=None,
                due_at=case((woken, cursors.c.due_at), else_=func.now() + wait),
            ),
        )
