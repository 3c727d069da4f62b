"""The mailbox and the inbox under concurrency, which only Postgres can tell."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.db.notify import Wakeups
from shared.outbox.mail import Lane, LaneLostError, Note
from tests.integration.plumbing.service import MAILBOX, PATIENCE, Plumbing

LEASE = timedelta(seconds=60)
CONNECTIONS = [UUID(int=n) for n in range(1, 6)]


def notes(connection: UUID, *records: int) -> list[Note]:
    return [Note(connection, "contact", "hubspot", str(record)) for record in records]


async def claim_lane(plumbing: Plumbing) -> Lane | None:
    async with plumbing.database.begin() as conn:
        return await plumbing.mailbox.claim_lane(conn, holder=uuid4(), lease=LEASE)


async def drain(plumbing: Plumbing, seen: Counter[tuple[UUID, str]]) -> None:
    """A worker: a lane, a batch, settle, release; until there is nothing left for it."""
    mailbox = plumbing.mailbox
    while (lane := await claim_lane(plumbing)) is not None:
        async with plumbing.database.begin() as conn:
            rows = await mailbox.claim(conn, lane, limit=7, lease=LEASE)
        seen.update((row.connection_id, row.record_id) for row in rows)
        async with plumbing.database.begin() as conn:
            await mailbox.settle(conn, rows)
            await mailbox.release_lane(conn, lane)


async def test_workers_side_by_side_never_claim_the_same_record(plumbing: Plumbing) -> None:
    async with plumbing.database.begin() as conn:
        for connection in CONNECTIONS:
            await plumbing.mailbox.note(conn, notes(connection, *range(60)))
    seen: Counter[tuple[UUID, str]] = Counter()

    while await plumbing.rows(MAILBOX.mailbox):
        await asyncio.gather(*(drain(plumbing, seen) for _ in range(4)))

    assert len(seen) == 300
    assert set(seen.values()) == {1}


async def test_batches_inside_one_lane_never_share_a_record(plumbing: Plumbing) -> None:
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.note(conn, notes(CONNECTIONS[0], *range(100)))
    lane = await claim_lane(plumbing)
    assert lane is not None

    async def batch() -> list[str]:
        async with plumbing.database.begin() as conn:
            rows = await plumbing.mailbox.claim(conn, lane, limit=25, lease=LEASE)
        return [row.record_id for row in rows]

    claimed = [
        record for part in await asyncio.gather(*(batch() for _ in range(4))) for record in part
    ]

    assert len(claimed) == len(set(claimed)) == 100


async def test_i7_news_and_settles_at_once_end_in_no_deadlock_and_lose_nothing(
    plumbing: Plumbing,
) -> None:
    """Both lock many rows of the same records; they do it in the same order."""
    chance = random.Random(7)  # noqa: S311 -- reproducible
    records = list(range(40))
    versions: Counter[str] = Counter()
    seen: Counter[tuple[UUID, str]] = Counter()
    done = asyncio.Event()

    async def tell() -> None:
        for _ in range(30):
            some = chance.sample(records, 25)
            async with plumbing.database.begin() as conn:
                await plumbing.mailbox.note(conn, notes(CONNECTIONS[0], *some))
            versions.update(map(str, some))

    async def work() -> None:
        while not done.is_set() or await plumbing.rows(MAILBOX.mailbox):
            await drain(plumbing, seen)

    async with asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        for _ in range(2):
            group.create_task(work())
        await asyncio.gather(tell(), tell(), tell())
        done.set()

    assert {record for _, record in seen} == set(versions)
    assert await plumbing.rows(MAILBOX.mailbox) == 0


async def test_extending_a_lane_keeps_it_and_a_lost_one_cannot_be_extended(
    plumbing: Plumbing,
) -> None:
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.note(conn, notes(CONNECTIONS[0], 1))
    lane = await claim_lane(plumbing)
    assert lane is not None
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.extend_lane(conn, lane, lease=timedelta(seconds=-1))
    other = await claim_lane(plumbing)
    assert other is not None

    with pytest.raises(LaneLostError):
        async with plumbing.database.begin() as conn:
            await plumbing.mailbox.extend_lane(conn, lane, lease=LEASE)
    assert other.fence == lane.fence + 1


async def test_news_wake_whoever_waits_for_the_mailbox(
    plumbing: Plumbing, wakeups: Wakeups
) -> None:
    async with asyncio.timeout(PATIENCE):
        await wakeups.wait(plumbing.mailbox.channel, PATIENCE)  # ends when it is listened to
        waiter = asyncio.create_task(wakeups.wait(plumbing.mailbox.channel, 600))
        async with plumbing.database.begin() as conn:
            await plumbing.mailbox.note(conn, notes(CONNECTIONS[0], 1))
        await waiter


async def test_i3_two_deliveries_at_the_same_moment_have_one_effect(plumbing: Plumbing) -> None:
    ids = [uuid4() for _ in range(50)]

    async def deliver() -> int:
        async with plumbing.database.begin() as conn:
            shuffled = random.sample(ids, len(ids))
            return len(await plumbing.inbox.first_time(conn, "q", shuffled))

    assert sum(await asyncio.gather(*(deliver() for _ in range(6)))) == 50
