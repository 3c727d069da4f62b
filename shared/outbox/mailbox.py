"""Records with changes waiting, one row each; claimed by lane, settled by token and generation.

A second change of a waiting record adds no row but raises its generation, so a settle that did
not see it leaves the row, due at once. All times are the database's (design: section 6).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Update,
    and_,
    delete,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.ids import new_id
from shared.outbox.mail import Claimed, Depth, Lane, LaneLostError, Note
from shared.outbox.mailbox_due import NEVER, any_due, claimable, depths, on_hold
from shared.outbox.mailbox_keys import HELD, UNCHANGED, as_table, keys, locked, same
from shared.outbox.mailbox_tables import MailboxTables
from shared.outbox.noting import coalesced, free, upsert

__all__ = ["Depth", "LaneLostError", "Mailbox"]

NOTE_AT_ONCE = 2000
"""Rows of one upsert: seven parameters each stay below Postgres' 32,767."""

NOT_YET = datetime(1970, 1, 1, tzinfo=UTC)
"""When a new lane was served last: it goes first, not behind a lane that is served right now."""


class Mailbox:
    """The mailbox of one service. Every method works on the caller's transaction."""

    def __init__(self, tables: MailboxTables) -> None:
        self.tables = tables
        self._mail = tables.mailbox
        self._lanes = tables.lanes
        self._pauses = tables.pauses
        self.channel = f"{tables.mailbox.schema}_mailbox"

    async def note(self, conn: AsyncConnection, notes: Sequence[Note]) -> None:
        """Puts news into the mailbox. Live and interactive news are due at once."""
        unique = coalesced(notes)
        for start in range(0, len(unique), NOTE_AT_ONCE):
            part = unique[start : start + NOTE_AT_ONCE]
            await conn.execute(upsert(self._mail, part))
        lanes = sorted({(note.connection_id, note.lane) for note in unique})
        if lanes:
            values = [
                {"connection_id": connection, "lane": lane, "served_at": NOT_YET}
                for connection, lane in lanes
            ]
            await conn.execute(insert(self._lanes).values(values).on_conflict_do_nothing())
            await self.wake(conn)

    async def claim_lane(
        self, conn: AsyncConnection, *, holder: UUID, lease: timedelta
    ) -> Lane | None:
        """The lane with due rows that was served longest ago; None when no lane has any."""
        lanes = self._lanes
        waits = ~on_hold(self.tables.pauses, lanes.c.connection_id)
        first = (
            select(lanes.c.connection_id, lanes.c.lane)
            .where(free(lanes), waits, any_due(self.tables))
            .order_by(lanes.c.served_at)
            .limit(1)
            .with_for_update(skip_locked=True)
            .cte("first")
        )
        statement = (
            update(lanes)
            .where(tuple_(lanes.c.connection_id, lanes.c.lane).in_(select(first)))
            .values(
                holder=holder,
                held_until=func.now() + lease,
                fence=lanes.c.fence + 1,
                served_at=func.clock_timestamp(),
            )
            .returning(lanes.c.connection_id, lanes.c.lane, lanes.c.fence)
        )
        row = (await conn.execute(statement)).one_or_none()
        return None if row is None else Lane(row.connection_id, row.lane, row.fence, holder)

    async def extend_lane(self, conn: AsyncConnection, lane: Lane, *, lease: timedelta) -> None:
        """Goes on holding a lane; LaneLostError when somebody else does."""
        statement = self._own(lane).values(held_until=func.now() + lease)
        if (await conn.execute(statement)).rowcount != 1:
            raise LaneLostError(lane)

    async def release_lane(self, conn: AsyncConnection, lane: Lane) -> None:
        """Lets go of a lane; nothing happens when somebody else holds it."""
        await conn.execute(self._own(lane).values(holder=None, held_until=None))

    async def claim(
        self, conn: AsyncConnection, lane: Lane, *, limit: int, lease: timedelta
    ) -> list[Claimed]:
        """Due rows by priority and age, held until the lease ends; none of a paused connection.

        LaneLostError when another worker took the lane over.
        """
        await self.extend_lane(conn, lane, lease=lease)
        mail, token = self._mail, new_id()
        wanted = claimable(self.tables, (lane.connection_id, lane.lane), limit)
        ready = wanted.cte("ready")  # evaluated once: a plain subquery may lock more than its limit
        statement = (
            update(mail)
            .where(tuple_(*keys(mail)).in_(select(ready)))
            .values(token=token, held_until=func.now() + lease)
            .returning(*(mail.c[name] for name in Claimed.__dataclass_fields__), mail.c.due_at)
        )
        rows = (await conn.execute(statement)).all()
        found = sorted(rows, key=lambda row: (row.priority, row.due_at, row.record_id))
        return [Claimed(*row[:-1]) for row in found]

    async def settle(self, conn: AsyncConnection, done: Sequence[Claimed]) -> set[str]:
        """Deletes rows that have not changed since; the others are due again at once.

        Answers the record ids that are gone.
        """
        mail = self._mail
        held = await self._lock_held(conn, done)
        unchanged = same(mail, as_table(done, UNCHANGED), UNCHANGED)
        statement = delete(mail).where(unchanged).returning(mail.c.record_id)
        gone = (await conn.execute(statement)).scalars().all()
        if len(gone) < held:
            await self._free_changed(conn, done, first_seen_at=func.now())
        return set(gone)

    async def postpone(
        self,
        conn: AsyncConnection,
        claimed: Sequence[Claimed],
        *,
        due_in: timedelta,
        reason: str,
        count_attempt: bool,
    ) -> None:
        """Lets rows wait; those with a newer change are due again at once."""
        mail = self._mail
        await self._lock_held(conn, claimed)
        statement = update(mail).where(same(mail, as_table(claimed, UNCHANGED), UNCHANGED))
        await conn.execute(
            statement.values(
                due_at=func.now() + due_in,
                reason=reason,
                attempts=mail.c.attempts + int(count_attempt),
                token=None,
                held_until=None,
            ),
        )
        await self._free_changed(conn, claimed)

    async def pause(self, conn: AsyncConnection, connection_id: UUID, reason: str) -> None:
        """Holds all lanes of a connection until it is resumed."""
        await self._hold(conn, connection_id, {"paused": True, "reason": reason})

    async def resume(self, conn: AsyncConnection, connection_id: UUID) -> None:
        """Frees the lanes of a connection; what waited for another try is due at once.

        A parked row stays parked: somebody put it aside, whatever its connection does.
        """
        await self._hold(conn, connection_id, {"paused": False, "reason": "", "until": None})
        mail = self._mail
        later = and_(
            mail.c.connection_id == connection_id,
            mail.c.due_at > func.now(),
            mail.c.due_at < NEVER,
        )
        await conn.execute(locked(mail, select(*keys(mail)).where(later)))
        await conn.execute(update(mail).where(later).values(due_at=func.now()))
        await self.wake(conn)

    async def postpone_connection(
        self, conn: AsyncConnection, connection_id: UUID, until: datetime
    ) -> None:
        """Holds all lanes of a connection until that moment."""
        await self._hold(conn, connection_id, {"until": until})

    async def depth(self, conn: AsyncConnection) -> list[Depth]:
        """How much waits in each lane that there ever was, and since when.

        Parked rows are told apart: nothing waits for them. Looks at no more than COUNT_UP_TO rows
        of each kind, the most urgent ones, along their index.
        """
        return [Depth(*row) for row in (await conn.execute(depths(self.tables))).all()]

    def _own(self, lane: Lane) -> Update:
        lanes = self._lanes
        return update(lanes).where(
            lanes.c.connection_id == lane.connection_id,
            lanes.c.lane == lane.lane,
            lanes.c.fence == lane.fence,
            lanes.c.holder == lane.holder,
        )

    async def _lock_held(self, conn: AsyncConnection, claimed: Sequence[Claimed]) -> int:
        """The rows that are still held by their claims, changed since or not; how many."""
        held = as_table(claimed, HELD)
        rows = select(self._mail.c.generation).join(held, same(self._mail, held, HELD))
        return len((await conn.execute(locked(self._mail, rows))).all())

    async def _free_changed(
        self, conn: AsyncConnection, claimed: Sequence[Claimed], **more: Any
    ) -> None:
        """Lets go of rows that got a newer change while they were held."""
        held = as_table(claimed, HELD)
        statement = update(self._mail).where(same(self._mail, held, HELD))
        values = {"token": None, "held_until": None, "attempts": 0, "due_at": func.now(), **more}
        if (await conn.execute(statement.values(values))).rowcount:
            await self.wake(conn)

    async def _hold(
        self, conn: AsyncConnection, connection_id: UUID, values: dict[str, Any]
    ) -> None:
        statement = insert(self._pauses).values(connection_id=connection_id, **values)
        await conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=values),
        )

    async def wake(self, conn: AsyncConnection) -> None:
        """Tells the drain, when the transaction commits, that something may be due."""
        await conn.execute(select(func.pg_notify(self.channel, "")))
