"""Operators beside workers, and operators who are stopped on their way."""

import asyncio
from collections import Counter
from uuid import uuid4

import pytest
import structlog

from shared.kernel.errors import RetriableError
from shared.outbox.mailbox_operations import EVERY
from shared.runtime.operations.mailbox_desk import MailboxDesk, StoppedError
from tests.integration.plumbing.service import MAILBOX, PATIENCE, Plumbing
from tests.integration.plumbing.waiting import LEASE, put, put_many

BATCH = 20


@pytest.fixture
def desk(plumbing: Plumbing) -> MailboxDesk:
    return MailboxDesk("plumbing", plumbing.database, plumbing.mailbox)


async def work(plumbing: Plumbing, seen: Counter[str]) -> bool:
    """One turn of a worker; whether there was a lane for it."""
    mailbox = plumbing.mailbox
    async with plumbing.database.begin() as conn:
        lane = await mailbox.claim_lane(conn, holder=uuid4(), lease=LEASE)
    if lane is None:
        return False
    async with plumbing.database.begin() as conn:
        rows = await mailbox.claim(conn, lane, limit=BATCH, lease=LEASE)
    async with plumbing.database.begin() as conn:
        await mailbox.settle(conn, rows)
        await mailbox.release_lane(conn, lane)
    seen.update(row.record_id for row in rows)
    return True


async def test_i7_operators_and_workers_at_once_end_in_no_deadlock_and_lose_nothing(
    plumbing: Plumbing, desk: MailboxDesk
) -> None:
    """All of them lock many rows of the same lane; they do it in the same order."""
    await put_many(plumbing, 600)
    seen: Counter[str] = Counter()
    operated = asyncio.Event()

    async def operate() -> None:
        for turn in range(12):
            await put(plumbing, *(f"{n:05}" for n in range(turn, 600, 12)))
            await desk.park(EVERY, by="ada", why="x")
            await desk.requeue(EVERY, by="ada")
        operated.set()

    async def drain() -> None:
        while not operated.is_set() or await plumbing.rows(MAILBOX.mailbox):
            await work(plumbing, seen)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        group.create_task(operate())
        for _ in range(2):
            group.create_task(drain())

    assert set(seen) == {f"{n:05}" for n in range(600)}
    assert await plumbing.rows(MAILBOX.mailbox) == 0


async def test_a_command_that_comes_to_a_stop_says_how_far_it_was_and_can_be_repeated(
    plumbing: Plumbing, desk: MailboxDesk
) -> None:
    await put_many(plumbing, 1_500)

    def stop(_records: int) -> None:
        raise RetriableError("The database is away.", code="database_unavailable")

    with structlog.testing.capture_logs() as lines, pytest.raises(StoppedError) as stopped:
        await desk.park(EVERY, by="ada", why="x", progress=stop)
    again = await desk.park(EVERY, by="ada", why="x")

    assert "done before: 1000." in str(stopped.value)
    assert stopped.value.code == "database_unavailable"
    assert [line["records"] for line in lines] == [1_000]
    assert again.done == 500
