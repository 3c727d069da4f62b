"""What operators do to a mailbox: look at what waits, have it tried now, put it aside.

Every step is one transaction over a bounded number of rows, in the order of their keys; whoever
wants all of them goes on behind the last one. No step takes a row out of a worker's hands.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Table,
    and_,
    case,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_due import NEVER
from shared.outbox.mailbox_keys import KEY, as_table, free, keys, locked, same

AT_ONCE = 1_000
"""Rows of one transaction: some 50 ms, a short wait for a worker that wants one of them."""


class Key(NamedTuple):
    """The place of a row, and where to go on behind it."""

    connection_id: UUID
    lane: str
    side: str
    record_id: str


@dataclass(frozen=True, slots=True)
class Which:
    """The rows that are meant: every condition that is given holds; none means every row."""

    connection_id: UUID | None = None
    lane: str | None = None
    side: str | None = None
    record_id: str | None = None


EVERY = Which()


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row. `due_at` is None while it is parked; `held` says that a worker has it."""

    connection_id: UUID
    lane: str
    side: str
    record_id: str
    due_at: datetime | None
    attempts: int
    priority: int
    reason: str
    first_seen_at: datetime
    held: bool
    parked: bool

    @property
    def key(self) -> Key:
        """Where a list goes on behind this row."""
        return Key(self.connection_id, self.lane, self.side, self.record_id)


@dataclass(frozen=True, slots=True)
class LaneSummary:
    """The rows of one lane by what they wait for; `oldest` is the first change, parked ones apart.

    `on_hold` says why nothing of the connection is claimed at the moment; empty when it is.
    """

    connection_id: UUID
    lane: str
    due: int
    later: int
    held: int
    parked: int
    oldest: datetime | None
    on_hold: str

    @property
    def records(self) -> int:
        """All of them."""
        return self.due + self.later + self.held + self.parked


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did. `held` rows were in work; `after` is where the next one begins, if any."""

    done: int
    held: int
    after: Key | None


class MailboxOperations:
    """The operations on one service's mailbox. Every method works on the caller's transaction."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._mail = mailbox.tables.mailbox
        self._pauses = mailbox.tables.pauses

    async def known_lanes(self, conn: AsyncConnection) -> list[str]:
        """The object types that this mailbox ever had a row of."""
        lane = self._mailbox.tables.lanes.c.lane
        return list((await conn.execute(select(lane).distinct().order_by(lane))).scalars())

    async def page(
        self, conn: AsyncConnection, which: Which, *, limit: int, after: Key | None = None
    ) -> list[Waiting]:
        """Rows in the order of their keys, from behind `after`."""
        mail = self._mail
        names = ("attempts", "priority", "reason", "first_seen_at")
        parked = mail.c.due_at == NEVER
        columns = (
            case((parked, null()), else_=mail.c.due_at).label("due_at"),
            *(mail.c[name] for name in names),
            (~free(mail)).label("held"),
            parked.label("parked"),
        )
        query = select(*keys(mail), *columns).where(self._are(which, after))
        rows = await conn.execute(query.order_by(*keys(mail)).limit(limit))
        return [Waiting(*row) for row in rows]

    async def count(self, conn: AsyncConnection, which: Which, *, after: Key | None = None) -> int:
        """How many rows there are, from behind `after`."""
        query = select(func.count()).select_from(self._mail).where(self._are(which, after))
        return int((await conn.execute(query)).scalar_one())

    async def lanes(self, conn: AsyncConnection, which: Which) -> list[LaneSummary]:
        """Every lane that has such rows. It counts them all: for people, not for a loop."""
        mail, pauses = self._mail, self._pauses
        lane = (mail.c.connection_id, mail.c.lane)
        held, parked = ~free(mail), mail.c.due_at == NEVER
        late = mail.c.due_at > func.now()
        states = (and_(~held, ~late), and_(~held, late, ~parked), held, parked)
        counts = (func.count().filter(state) for state in states)
        oldest = func.min(mail.c.first_seen_at).filter(~parked)
        counted = select(*lane, *counts, oldest, _on_hold(pauses)).where(self._are(which))
        joined = counted.outerjoin(pauses, pauses.c.connection_id == mail.c.connection_id)
        grouped = joined.group_by(*lane, pauses.c.connection_id).order_by(*lane)
        return [LaneSummary(*row) for row in await conn.execute(grouped)]

    async def requeue(
        self,
        conn: AsyncConnection,
        which: Which,
        *,
        by: str,
        after: Key | None = None,
        limit: int = AT_ONCE,
    ) -> Step:
        """Makes rows due now, as if they had never failed, parked ones too, and wakes the drain.

        A row in work keeps its worker, and runs again when that is done with it.
        """
        mail = self._mail
        found, behind = await self._lock_some(conn, self._are(which, after), limit)
        these = same(mail, as_table(found, KEY), KEY)
        again = update(mail).where(these, ~free(mail)).values(generation=mail.c.generation + 1)
        held = (await conn.execute(again)).rowcount
        now = update(mail).where(these, free(mail))
        done = await conn.execute(
            now.values(
                due_at=func.least(mail.c.due_at, func.now()),
                attempts=0,
                reason=f"requeued by {by}",
                token=None,
                held_until=None,
            )
        )
        await self._mailbox.wake(conn)
        return Step(done.rowcount, held, behind)

    async def park(
        self,
        conn: AsyncConnection,
        which: Which,
        *,
        by: str,
        why: str,
        after: Key | None = None,
        limit: int = AT_ONCE,
    ) -> Step:
        """Lets rows wait until they are requeued or a live change comes. One in work is not parked.

        A worker that comes back with such a row after its lease was over changes nothing.
        """
        mail = self._mail
        awake = and_(self._are(which, after), mail.c.due_at < NEVER)
        found, behind = await self._lock_some(conn, awake, limit)
        aside = update(mail).where(same(mail, as_table(found, KEY), KEY), free(mail))
        done = await conn.execute(
            aside.values(
                due_at=NEVER,
                attempts=0,
                reason=f"parked by {by}: {why}",
                token=None,
                held_until=None,
            )
        )
        return Step(done.rowcount, len(found) - done.rowcount, behind)

    async def _lock_some(
        self, conn: AsyncConnection, which: ColumnElement[bool], limit: int
    ) -> tuple[list[Key], Key | None]:
        """The first of these rows, locked as everywhere, and where the next ones begin.

        They are found along the primary key, whose order is not that of the locks.
        """
        mail = self._mail
        query = select(*keys(mail)).where(which).order_by(*keys(mail)).limit(limit)
        found = [Key(*row) for row in await conn.execute(query)]
        these = as_table(found, KEY)
        rows = select(*keys(mail)).join(these, same(mail, these, KEY)).where(which)
        there = [Key(*row) for row in await conn.execute(locked(mail, rows))]
        return there, found[-1] if len(found) == limit else None

    def _are(self, which: Which, after: Key | None = None) -> ColumnElement[bool]:
        given = [
            self._mail.c[name] == value
            for name in KEY
            if (value := getattr(which, name)) is not None
        ]
        if after is not None:
            given.append(tuple_(*keys(self._mail)) > after)
        return and_(true(), *given)


def _on_hold(pauses: Table) -> ColumnElement[str]:
    until = func.to_char(func.timezone("UTC", pauses.c.until), 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
    return case(
        (pauses.c.paused, literal("paused: ").concat(pauses.c.reason)),
        (pauses.c.until > func.now(), literal("no calls before ").concat(until)),
        else_="",
    )
