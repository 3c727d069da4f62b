"""Records with changes waiting, one row each; claimed by lane, settled by token and generation.

A second change of a waiting record adds no row but raises its generation, so a settle that did
not see it leaves the row, due at once. All times are the database's (design: section 6).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Table,
    Update,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.elements import ColumnElement

from shared.kernel.ids import new_id
from shared.outbox.mail import Claimed, Depth, Lane, LaneLostError, Note
from shared.outbox.mailbox_tables import MailboxTables
from shared.outbox.noting import KEY, coalesced, free, upsert

__all__ = ["Depth", "LaneLostError", "Mailbox"]

NOTE_AT_ONCE = 2000
"""Rows of one upsert: seven parameters each stay below Postgres' 32,767."""

COUNT_UP_TO = 10_000
"""Rows of a lane that its depth looks at; beyond this a lane is deep, whatever the number."""


class Mailbox:
    """The mailbox of one service. Every method works on the caller's transaction."""

    def __init__(self, tables: MailboxTables) -> None:
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
            values = [{"connection_id": connection, "lane": lane} for connection, lane in lanes]
            await conn.execute(insert(self._lanes).values(values).on_conflict_do_nothing())
            await self._wake(conn)

    async def claim_lane(
        self, conn: AsyncConnection, *, holder: UUID, lease: timedelta
    ) -> Lane | None:
        """The lane with due rows that was served longest ago; None when no lane has any."""
        lanes, mail = self._lanes, self._mail
        due = exists().where(
            mail.c.connection_id == lanes.c.connection_id,
            mail.c.lane == lanes.c.lane,
            mail.c.due_at <= func.now(),
            free(mail),
        )
        first = (
            select(lanes.c.connection_id, lanes.c.lane)
            .where(free(lanes), due, ~self._on_hold(lanes))
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
        key = [mail.c[name] for name in KEY]
        ready = (
            select(*key)
            .where(
                mail.c.connection_id == lane.connection_id,
                mail.c.lane == lane.lane,
                mail.c.due_at <= func.now(),
                free(mail),
                ~self._on_hold(mail),
            )
            .order_by(mail.c.priority, mail.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
            .cte("ready")  # evaluated once: a plain subquery may lock more than its limit
        )
        statement = (
            update(mail)
            .where(tuple_(*key).in_(select(ready)))
            .values(token=token, held_until=func.now() + lease)
            .returning(mail)
        )
        rows = (await conn.execute(statement)).mappings()
        found = sorted(rows, key=lambda row: (row["priority"], row["due_at"], row["record_id"]))
        names = Claimed.__dataclass_fields__
        return [Claimed(**{name: row[name] for name in names}) for row in found]

    async def settle(self, conn: AsyncConnection, done: Sequence[Claimed]) -> set[str]:
        """Deletes rows that have not changed since; the others are due again at once.

        Answers the record ids that are gone.
        """
        await self._lock(conn, self._held_by(done))
        statement = delete(self._mail).where(self._same(done)).returning(self._mail.c.record_id)
        gone = set((await conn.execute(statement)).scalars())
        await self._free_changed(conn, done, first_seen_at=func.now())
        return gone

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
        await self._lock(conn, self._held_by(claimed))
        statement = update(mail).where(self._same(claimed))
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
        """Frees the lanes of a connection; what waited for another try is due at once."""
        await self._hold(conn, connection_id, {"paused": False, "reason": "", "until": None})
        mail = self._mail
        later = and_(mail.c.connection_id == connection_id, mail.c.due_at > func.now())
        await self._lock(conn, later)
        await conn.execute(update(mail).where(later).values(due_at=func.now()))
        await self._wake(conn)

    async def postpone_connection(
        self, conn: AsyncConnection, connection_id: UUID, until: datetime
    ) -> None:
        """Holds all lanes of a connection until that moment."""
        await self._hold(conn, connection_id, {"until": until})

    async def depth(self, conn: AsyncConnection) -> list[Depth]:
        """How much waits in each lane that there ever was, and since when.

        Looks at no more than COUNT_UP_TO rows of each, the most urgent ones, along their index.
        """
        mail, lanes = self._mail, self._lanes
        columns = (lanes.c.connection_id, lanes.c.lane)
        first = (
            select(mail.c.first_seen_at)
            .where(mail.c.connection_id == lanes.c.connection_id, mail.c.lane == lanes.c.lane)
            .order_by(mail.c.priority, mail.c.due_at)
            .limit(COUNT_UP_TO)
            .lateral("first")
        )
        since = first.c.first_seen_at
        counted = select(*columns, func.count(since), func.min(since))
        joined = counted.select_from(lanes.outerjoin(first, true())).group_by(*columns)
        return [Depth(*row) for row in (await conn.execute(joined)).all()]

    def _own(self, lane: Lane) -> Update:
        lanes = self._lanes
        return update(lanes).where(
            lanes.c.connection_id == lane.connection_id,
            lanes.c.lane == lane.lane,
            lanes.c.fence == lane.fence,
            lanes.c.holder == lane.holder,
        )

    def _same(self, claimed: Sequence[Claimed]) -> ColumnElement[bool]:
        """The rows as they were claimed: token and generation still match."""
        columns = [self._mail.c[name] for name in (*KEY, "token", "generation")]
        return tuple_(*columns).in_(
            [
                (c.connection_id, c.lane, c.side, c.record_id, c.token, c.generation)
                for c in claimed
            ],
        )

    def _held_by(self, claimed: Sequence[Claimed]) -> ColumnElement[bool]:
        """The rows that are still held by their claims, changed since or not."""
        columns = [self._mail.c[name] for name in (*KEY, "token")]
        return tuple_(*columns).in_(
            [(c.connection_id, c.lane, c.side, c.record_id, c.token) for c in claimed],
        )

    async def _lock(self, conn: AsyncConnection, which: ColumnElement[bool]) -> None:
        """In the order in which `note` locks, so that the two never wait for each other."""
        key = [self._mail.c[name] for name in KEY]
        by_bytes = [key[0], *(column.collate("C") for column in key[1:])]
        rows = select(*key).where(which).order_by(*by_bytes)
        await conn.execute(rows.with_for_update())

    async def _free_changed(
        self, conn: AsyncConnection, claimed: Sequence[Claimed], **more: Any
    ) -> None:
        """Lets go of rows that got a newer change while they were held."""
        statement = update(self._mail).where(self._held_by(claimed))
        values = {"token": None, "held_until": None, "attempts": 0, "due_at": func.now(), **more}
        if (await conn.execute(statement.values(values))).rowcount:
            await self._wake(conn)

    def _on_hold(self, table: Table) -> ColumnElement[bool]:
        """Whether a row's connection is paused, or waits for a moment to come."""
        pauses = self._pauses
        return exists().where(
            pauses.c.connection_id == table.c.connection_id,
            or_(pauses.c.paused, pauses.c.until > func.now()),
        )

    async def _hold(
        self, conn: AsyncConnection, connection_id: UUID, values: dict[str, Any]
    ) -> None:
        statement = insert(self._pauses).values(connection_id=connection_id, **values)
        await conn.execute(
            statement.on_conflict_do_update(index_elements=["connection_id"], set_=values),
        )

    async def _wake(self, conn: AsyncConnection) -> None:
        await conn.execute(select(func.pg_notify(self.channel, "")))
