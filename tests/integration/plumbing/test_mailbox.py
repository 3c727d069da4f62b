"""The mailbox on Postgres: coalescing, claims, generations, fences, fairness, pauses."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select, update

from shared.outbox.mail import Lane, LaneLostError, Note, Priority
from tests.integration.plumbing.conftest import Plumbing

LEASE = timedelta(seconds=60)


def note(connection: UUID, record: str, *, priority: int = Priority.LIVE) -> Note:
    return Note(connection, "contact", "hubspot", record, priority, {"kind": "updated"})


async def lane_of(plumbing: Plumbing) -> Lane | None:
    async with plumbing.database.begin() as conn:
        return await plumbing.mailbox.claim_lane(conn, holder=uuid4(), lease=LEASE)


async def put(plumbing: Plumbing, *notes: Note) -> None:
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.note(conn, notes)


async def waiting(plumbing: Plumbing) -> int:
    async with plumbing.database.begin() as conn:
        table = plumbing.mailbox_tables.mailbox
        return (await conn.execute(select(func.count()).select_from(table))).scalar_one()


async def test_a_second_change_of_a_waiting_record_adds_no_row(plumbing: Plumbing) -> None:
    one = uuid4()
    await put(plumbing, note(one, "1"), note(one, "1"))
    await put(plumbing, note(one, "1"))

    assert await waiting(plumbing) == 1


async def test_a_claimed_row_cannot_be_claimed_twice(plumbing: Plumbing) -> None:
    await put(plumbing, note(uuid4(), "1"))
    lane = await lane_of(plumbing)
    assert lane is not None

    async with plumbing.database.begin() as conn:
        first = await plumbing.mailbox.claim(conn, lane, limit=10, lease=LEASE)
    async with plumbing.database.begin() as conn:
        second = await plumbing.mailbox.claim(conn, lane, limit=10, lease=LEASE)

    assert [claimed.record_id for claimed in first] == ["1"]
    assert second == []


async def test_a_change_during_the_work_leaves_the_row_due_at_once(plumbing: Plumbing) -> None:
    one = uuid4()
    await put(plumbing, note(one, "1"), note(one, "2"))
    lane = await lane_of(plumbing)
    assert lane is not None
    async with plumbing.database.begin() as conn:
        claimed = await plumbing.mailbox.claim(conn, lane, limit=10, lease=LEASE)
    await put(plumbing, note(one, "1"))

    async with plumbing.database.begin() as conn:
        gone = await plumbing.mailbox.settle(conn, claimed)
        again = await plumbing.mailbox.claim(conn, lane, limit=10, lease=LEASE)

    assert gone == {"2"}
    assert [row.record_id for row in again] == ["1"]


async def test_a_lane_is_held_by_one_worker(plumbing: Plumbing) -> None:
    await put(plumbing, note(uuid4(), "1"))

    assert await lane_of(plumbing) is not None
    assert await lane_of(plumbing) is None


async def test_a_worker_that_lost_its_lane_is_told(plumbing: Plumbing) -> None:
    await put(plumbing, note(uuid4(), "1"))
    slow = await lane_of(plumbing)
    assert slow is not None
    lanes = plumbing.mailbox_tables.lanes
    async with plumbing.database.begin() as conn:
        await conn.execute(update(lanes).values(held_until=func.now() - timedelta(seconds=1)))
    quick = await lane_of(plumbing)

    assert quick is not None
    assert quick.fence == slow.fence + 1
    with pytest.raises(LaneLostError):
        async with plumbing.database.begin() as conn:
            await plumbing.mailbox.claim(conn, slow, limit=10, lease=LEASE)


async def test_a_crashed_workers_rows_come_back_when_the_lease_ends(plumbing: Plumbing) -> None:
    await put(plumbing, note(uuid4(), "1"))
    lane = await lane_of(plumbing)
    assert lane is not None
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.claim(conn, lane, limit=10, lease=LEASE)
    for table in (plumbing.mailbox_tables.mailbox, plumbing.mailbox_tables.lanes):
        async with plumbing.database.begin() as conn:
            await conn.execute(update(table).values(held_until=func.now() - timedelta(seconds=1)))

    after = await lane_of(plumbing)
    assert after is not None
    async with plumbing.database.begin() as conn:
        rows = await plumbing.mailbox.claim(conn, after, limit=10, lease=LEASE)
    assert [row.record_id for row in rows] == ["1"]


async def test_live_changes_go_before_an_import(plumbing: Plumbing) -> None:
    one = uuid4()
    await put(plumbing, *(note(one, str(n), priority=Priority.IMPORT) for n in range(5)))
    await put(plumbing, note(one, "live"))
    lane = await lane_of(plumbing)
    assert lane is not None

    async with plumbing.database.begin() as conn:
        rows = await plumbing.mailbox.claim(conn, lane, limit=1, lease=LEASE)

    assert [row.record_id for row in rows] == ["live"]


async def test_a_busy_connection_holds_up_nobody(plumbing: Plumbing) -> None:
    busy, quiet = uuid4(), uuid4()
    await put(plumbing, *(note(busy, str(n)) for n in range(500)))
    await put(plumbing, note(quiet, "1"))
    served = []
    for _ in range(2):
        lane = await lane_of(plumbing)
        assert lane is not None
        served.append(lane.connection_id)
        async with plumbing.database.begin() as conn:
            await plumbing.mailbox.claim(conn, lane, limit=100, lease=LEASE)
            await plumbing.mailbox.release_lane(conn, lane)

    assert set(served) == {busy, quiet}


async def test_a_paused_connection_waits_and_resumes(plumbing: Plumbing) -> None:
    one = uuid4()
    await put(plumbing, note(one, "1"))
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.pause(conn, one, "an admin paused it")
    assert await lane_of(plumbing) is None

    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.resume(conn, one)
    assert await lane_of(plumbing) is not None


async def test_a_full_quota_only_moves_the_time(plumbing: Plumbing) -> None:
    one = uuid4()
    await put(plumbing, note(one, "1"))
    async with plumbing.database.begin() as conn:
        until = datetime.now(UTC) + timedelta(hours=1)
        await plumbing.mailbox.postpone_connection(conn, one, until)

    assert await lane_of(plumbing) is None
    assert await waiting(plumbing) == 1


async def test_a_postponed_row_waits_and_counts_its_attempt(plumbing: Plumbing) -> None:
    await put(plumbing, note(uuid4(), "1"))
    lane = await lane_of(plumbing)
    assert lane is not None
    async with plumbing.database.begin() as conn:
        rows = await plumbing.mailbox.claim(conn, lane, limit=10, lease=LEASE)
        await plumbing.mailbox.postpone(
            conn, rows, due_in=timedelta(0), reason="locked", count_attempt=True
        )
    async with plumbing.database.begin() as conn:
        again = await plumbing.mailbox.claim(conn, lane, limit=10, lease=LEASE)

    assert [row.attempts for row in again] == [1]
