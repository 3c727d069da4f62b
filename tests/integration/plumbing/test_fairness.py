"""A mailbox in which very much waits: who is served next, and what the database looks at for it."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.notify import Wakeups
from shared.kernel.ids import new_id
from shared.outbox.bound import BoundMailbox
from shared.outbox.lanes import LaneServer
from shared.outbox.mail import Claimed, Lane, Mail, Note
from shared.outbox.mailbox import Mailbox
from tests.integration.plumbing.service import PATIENCE, Plumbing

MANY = 100_000
BATCH = 100
LEASE = timedelta(seconds=60)
BUSY = UUID(int=1)
QUIET = UUID(int=2)
BLOCKS = 600
"""Of the mailbox and its index, for one question: a batch's own rows, and a few for each priority.

The index of the rows that wait is longer than this; whoever walks along it is noticed.
"""

SHAPES = {
    "due": "now() - interval '1 hour' + g * interval '1 millisecond'",
    "back-off": "now() + interval '1 hour' + g * interval '1 millisecond'",
    "both": "now() + (CASE WHEN g % 2 = 0 THEN 1 ELSE -1 END) * (interval '1 hour'"
    " + g * interval '1 millisecond')",
}


async def fill(plumbing: Plumbing, due_at: str) -> None:
    """100,000 records of one lane by one statement."""
    first = Note(BUSY, "contact", "hubspot", "0")
    rows = f"""
        INSERT INTO plumbing.mailbox
            (connection_id, lane, side, record_id, priority, due_at, cause)
        SELECT :busy, 'contact', 'hubspot', g::text, 10 + g % 3 * 10, {due_at}, '{{}}'
        FROM generate_series(1, {MANY}) g
    """  # noqa: S608 -- constants of this file
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.note(conn, [first])
        await conn.execute(text("DELETE FROM plumbing.mailbox"))
        await conn.execute(text(rows), {"busy": BUSY})


@dataclass(frozen=True)
class Work:
    """A unit of work with nothing but a mailbox."""

    mail: Mail


@dataclass
class Office:
    """A drain of one worker that writes down which lane each batch came from."""

    plumbing: Plumbing
    after_batch: Callable[["Office"], Awaitable[None]]
    served: list[tuple[UUID, str]] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[Work]:
        async with self.plumbing.database.begin() as conn:
            yield Work(BoundMailbox(self.plumbing.mailbox, conn))

    async def serve(self, lane: Lane) -> int:
        async with self.begin() as work:
            rows = await work.mail.claim(lane, limit=BATCH, lease=LEASE)
        self.served.append((lane.connection_id, lane.lane))
        await self.after_batch(self)
        async with self.begin() as work:
            await work.mail.settle(rows)
        return len(rows)

    async def drain(self) -> None:
        channel = self.plumbing.mailbox.channel
        wakeups = Wakeups(self.plumbing.urls["plumbing"])
        async with asyncio.timeout(PATIENCE):
            await LaneServer(self, self.serve, wakeups, channel, LEASE, new_id).run(self.stop)


async def note(plumbing: Plumbing, connection: UUID, lane: str) -> None:
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.note(conn, [Note(connection, lane, "hubspot", "the one")])


OTHERS = [(QUIET, "contact"), (BUSY, "company")]
NAMES = ["another connection", "another object type"]


@pytest.mark.parametrize("other", OTHERS, ids=NAMES)
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_record_waits_for_one_batch_of_a_busy_lane_at_most(
    plumbing: Plumbing, shape: str, other: tuple[UUID, str]
) -> None:
    async def stop_at_the_other(office: Office) -> None:
        if office.served[-1] == other:
            office.stop.set()

    await fill(plumbing, SHAPES[shape])
    await note(plumbing, *other)
    office = Office(plumbing, stop_at_the_other)

    await office.drain()

    assert len(office.served) - 1 <= 1


@pytest.mark.parametrize("known", [False, True], ids=["new lane", "known lane"])
@pytest.mark.parametrize("other", OTHERS, ids=NAMES)
async def test_a_record_that_comes_amid_a_batch_is_in_the_next_one(
    plumbing: Plumbing,
    other: tuple[UUID, str],
    known: bool,  # noqa: FBT001 -- a table's column
) -> None:
    busy = (BUSY, "contact")
    arrivals = {0, 6} if known else {6}
    last = 8 if known else 7

    async def note_amid_a_batch(office: Office) -> None:
        done = len(office.served)
        if done - 1 in arrivals:
            await note(plumbing, *other)
        if done > last:
            office.stop.set()

    await fill(plumbing, SHAPES["due"])
    office = Office(plumbing, note_amid_a_batch)

    await office.drain()

    assert [n for n, lane in enumerate(office.served) if lane != busy] == [
        arrival + 1 for arrival in sorted(arrivals)
    ]


async def explained(
    conn: AsyncConnection, question: Callable[[], Awaitable[object]]
) -> list[dict[str, Any]]:
    """Every look at the mailbox that the statements of a call take, as Postgres planned it."""
    statements: list[tuple[str, Any]] = []

    def remember(_conn: object, _cursor: object, sql: str, parameters: Any, *_rest: object) -> None:
        statements.append((sql, parameters))

    event.listen(conn.sync_connection, "before_cursor_execute", remember)
    save = await conn.begin_nested()
    await question()
    event.remove(conn.sync_connection, "before_cursor_execute", remember)
    await save.rollback()
    found: list[dict[str, Any]] = []
    for sql, parameters in statements:
        if sql.lstrip().split()[0] in {"SELECT", "UPDATE", "WITH", "DELETE"}:
            save = await conn.begin_nested()
            plan = await conn.exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", parameters
            )
            found += _looks(plan.scalar_one())
            await save.rollback()
    return found


def _looks(plan: Any) -> list[dict[str, Any]]:
    parsed = json.loads(plan) if isinstance(plan, str) else plan
    nodes = list(_nodes(parsed[0]["Plan"]))
    return [n for n in nodes if n.get("Relation Name") == "mailbox" and "Scan" in n["Node Type"]]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", []):
        yield from _nodes(child)


async def postpone(mailbox: Mailbox, conn: AsyncConnection, rows: Sequence[Claimed]) -> None:
    await mailbox.postpone(conn, rows, due_in=LEASE, reason="locked", count_attempt=True)


@pytest.mark.parametrize("analysed", [False, True], ids=["no statistics", "statistics"])
@pytest.mark.parametrize("shape", SHAPES)
async def test_a_question_looks_at_what_it_answers_and_at_little_else(
    plumbing: Plumbing,
    shape: str,
    analysed: bool,  # noqa: FBT001 -- a table's column
) -> None:
    mailbox = plumbing.mailbox
    await fill(plumbing, SHAPES[shape])
    await note(plumbing, BUSY, "contact")
    if analysed:
        async with plumbing.database.begin() as conn:
            await conn.execute(text("ANALYZE plumbing.mailbox"))

    async with plumbing.database.begin() as conn:
        check = await explained(conn, lambda: mailbox.claim_lane(conn, holder=uuid4(), lease=LEASE))
        lane = await mailbox.claim_lane(conn, holder=uuid4(), lease=LEASE)
        assert lane is not None
        claim = await explained(conn, lambda: mailbox.claim(conn, lane, limit=BATCH, lease=LEASE))
        rows = await mailbox.claim(conn, lane, limit=BATCH, lease=LEASE)
        settle = await explained(conn, lambda: mailbox.settle(conn, rows))

        back = await explained(conn, lambda: postpone(mailbox, conn, rows))

    assert rows
    for looks in (check, claim, settle, back):
        assert looks
        for look in looks:
            assert look["Node Type"] not in {"Seq Scan", "Bitmap Heap Scan"}, look
            assert look.get("Rows Removed by Filter", 0) * look["Actual Loops"] <= BATCH, look
            assert look["Shared Hit Blocks"] + look["Shared Read Blocks"] <= BLOCKS, look
