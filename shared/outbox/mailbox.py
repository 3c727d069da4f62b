"""Records with changes waiting, one row each; claimed by lane, settled by token and generation.

A second change of a waiting record adds no row but raises its generation, so a settle that did
not see it leaves the row, due at once. All times are the database's (design: section 6).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.kernel.ids import new_id
from shared.outbox.mail import Claimed, Depth, Lane, LaneLostError, Note
from shared.outbox.mailbox_due import NEVER, depths
from shared.outbox.mailbox_keys import HELD, UNCHANGED, arrays, as_table, keys, locked, same
from shared.outbox.mailbox_statements import Statements, claimed, own
from shared.outbox.mailbox_tables import MailboxTables
from shared.outbox.noting import coalesced, news

__all__ = ["Depth", "LaneLostError", "Mailbox"]

NOTE_AT_ONCE = 2000
"""Rows of one upsert: their locks are held for some 20 ms."""


class Mailbox:
    """The mailbox of one service. Every method works on the caller's transaction."""

    def __init__(self, tables: MailboxTables) -> None:
        self.tables = tables
        self._mail = tables.mailbox
        self._pauses = tables.pauses
        self._statements = Statements(tables)
        self.channel = f"{tables.mailbox.schema}_mailbox"

    async def note(self, conn: AsyncConnection, notes: Sequence[Note]) -> None:
        """Puts news into the mailbox. Live and interactive news are due at once."""
        unique = coalesced(notes)
        for start in range(0, len(unique), NOTE_AT_ONCE):
            part = unique[start : start + NOTE_AT_ONCE]
            await conn.execute(self._statements.note, news(part))
        lanes = {(note.connection_id, note.lane): note for note in unique}
        if lanes:
            values = arrays([lanes[lane] for lane in sorted(lanes)], ("connection_id", "lane"))
            await conn.execute(self._statements.add_lanes, values)
            await self.wake(conn)

    async def claim_lane(
        self, conn: AsyncConnection, *, holder: UUID, lease: timedelta
    ) -> Lane | None:
        """The lane with due rows that was served longest ago; None when no lane has any."""
        values = {"holder_id": holder, "lease": lease}
        row = (await conn.execute(self._statements.claim_lane, values)).one_or_none()
        return None if row is None else Lane(row.connection_id, row.lane, row.fence, holder)

    async def extend_lane(self, conn: AsyncConnection, lane: Lane, *, lease: timedelta) -> None:
        """Goes on holding a lane; LaneLostError when somebody else does."""
        values = own(lane) | {"lease": lease}
        if (await conn.execute(self._statements.extend_lane, values)).rowcount != 1:
            raise LaneLostError(lane)

    async def release_lane(self, conn: AsyncConnection, lane: Lane) -> None:
        """Lets go of a lane; nothing happens when somebody else holds it."""
        await conn.execute(self._statements.release_lane, own(lane))

    async def claim(
        self, conn: AsyncConnection, lane: Lane, *, limit: int, lease: timedelta
    ) -> list[Claimed]:
        """Due rows by priority and age, held until the lease ends; none of a paused connection.

        LaneLostError when another worker took the lane over.
        """
        values = own(lane) | {"lease": lease, "row_limit": limit, "new_token": new_id()}
        found = claimed((await conn.execute(self._statements.claim, values)).all())
        if not found:
            await self.extend_lane(conn, lane, lease=lease)  # nothing is due, or the lane is lost
        return found

    async def settle(self, conn: AsyncConnection, done: Sequence[Claimed]) -> set[str]:
        """Deletes rows that have not changed since; the others are due again at once.

        Answers the record ids that are gone.
        """
        settled = await conn.execute(self._statements.settle, arrays(done, UNCHANGED))
        held, ids, at = settled.one()
        gone = set(ids or ())
        if len(gone) < held:
            await self._free_changed(conn, done, first_seen_at=func.now())
        self.settled(done, gone, at)
        return gone

    def settled(self, done: Sequence[Claimed], gone: set[str], at: datetime) -> None:
        """Is told of every settle: what was done, whose rows went, the database's time."""

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

    async def _lock_held(self, conn: AsyncConnection, claimed: Sequence[Claimed]) -> None:
        """The rows that are still held by their claims, changed since or not."""
        held = as_table(claimed, HELD)
        rows = select(self._mail.c.generation).join(held, same(self._mail, held, HELD))
        await conn.execute(locked(self._mail, rows))

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
