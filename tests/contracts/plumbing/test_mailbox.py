"""What every mailbox promises (design: section 6), in memory and on Postgres."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from shared.outbox.mail import Claimed, Lane, LaneLostError, Note, Priority
from tests.contracts.plumbing.mailboxes import Offices

LEASE = timedelta(seconds=60)
ONE = UUID("11111111-1111-7111-8111-111111111111")
TWO = UUID("22222222-2222-7222-8222-222222222222")


def note(
    record: str = "1",
    *,
    connection: UUID = ONE,
    lane: str = "contact",
    side: str = "hubspot",
    priority: int = Priority.LIVE,
    kind: str = "updated",
) -> Note:
    return Note(connection, lane, side, record, priority, {"kind": kind}, f"trace-{kind}")


async def put(office: Offices, *notes: Note) -> None:
    async with office.begin() as mail:
        await mail.note(notes)


async def lane_of(office: Offices, *, lease: timedelta = LEASE) -> Lane | None:
    async with office.begin() as mail:
        return await mail.claim_lane(holder=uuid4(), lease=lease)


async def held_lane(office: Offices) -> Lane:
    lane = await lane_of(office)
    assert lane is not None
    return lane


async def claim(office: Offices, lane: Lane, *, limit: int = 10) -> list[Claimed]:
    async with office.begin() as mail:
        return await mail.claim(lane, limit=limit, lease=LEASE)


async def settle(office: Offices, done: Sequence[Claimed]) -> None:
    async with office.begin() as mail:
        await mail.settle(done)


async def postpone(office: Offices, rows: Sequence[Claimed], *, count: bool = True) -> None:
    async with office.begin() as mail:
        await mail.postpone(rows, due_in=timedelta(minutes=5), reason="locked", count_attempt=count)


async def waiting(office: Offices) -> int:
    return sum(depth.records for depth in await office.depth())


async def test_what_was_noted_comes_out_as_it_was(office: Offices) -> None:
    await put(office, note("7", kind="created"))
    lane = await held_lane(office)

    (row,) = await claim(office, lane)

    assert (lane.connection_id, lane.lane) == (ONE, "contact")
    assert (row.connection_id, row.lane, row.side, row.record_id) == (
        ONE,
        "contact",
        "hubspot",
        "7",
    )
    assert (row.generation, row.attempts, row.priority) == (1, 0, Priority.LIVE)
    assert row.cause == {"kind": "created"}
    assert row.traceparent == "trace-created"
    assert row.first_seen_at <= await office.now()


async def test_i9_a_burst_of_changes_is_one_row_with_the_last_cause(office: Offices) -> None:
    await put(office, note(kind="created"), note(kind="updated"))
    await put(office, note(kind="merged"))

    assert await waiting(office) == 1
    (row,) = await claim(office, await held_lane(office))
    assert row.cause == {"kind": "merged"}
    assert row.generation == 2


async def test_a_burst_of_changes_goes_on_in_the_trace_of_the_first(office: Offices) -> None:
    await put(office, note(kind="created"))
    await put(office, note(kind="merged"))

    (row,) = await claim(office, await held_lane(office))
    assert row.traceparent == "trace-created"


async def test_a_change_during_the_work_begins_a_trace_and_a_wait_of_its_own(
    office: Offices,
) -> None:
    await put(office, note(kind="created"))
    await office.advance(timedelta(minutes=10))
    lane = await held_lane(office)
    rows = await claim(office, lane)
    await put(office, note(kind="renamed"))
    await settle(office, rows)

    (again,) = await claim(office, lane)

    assert again.traceparent == "trace-renamed"
    assert again.first_seen_at - rows[0].first_seen_at > timedelta(minutes=9)


async def test_work_that_failed_still_waits_since_the_first_change(office: Offices) -> None:
    await put(office, note(kind="created"))
    lane = await held_lane(office)
    rows = await claim(office, lane)
    await put(office, note(kind="renamed"))
    await postpone(office, rows)

    (again,) = await claim(office, lane)

    assert again.first_seen_at == rows[0].first_seen_at


async def test_the_same_id_on_the_other_side_is_another_record(office: Offices) -> None:
    await put(office, note(), note(side="salesforce"))

    assert await waiting(office) == 2


async def test_nothing_due_means_no_lane(office: Offices) -> None:
    assert await lane_of(office) is None


async def test_a_row_is_claimed_once(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)

    assert [row.record_id for row in await claim(office, lane)] == ["1"]
    assert await claim(office, lane) == []


async def test_a_claim_takes_no_more_than_its_limit(office: Offices) -> None:
    await put(office, *(note(str(n)) for n in range(7)))
    lane = await held_lane(office)

    assert [len(await claim(office, lane, limit=3)) for _ in range(4)] == [3, 3, 1, 0]


async def test_a_settled_row_is_gone(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)

    await settle(office, await claim(office, lane))

    assert await waiting(office) == 0


async def test_i7_a_change_during_the_work_is_not_lost(office: Offices) -> None:
    await put(office, note("1"), note("2"))
    lane = await held_lane(office)
    rows = await claim(office, lane)
    await put(office, note("1", kind="renamed"))

    await settle(office, rows)

    (again,) = await claim(office, lane)
    assert (again.record_id, again.cause) == ("1", {"kind": "renamed"})


async def test_a_change_during_the_work_cannot_be_claimed_by_another(office: Offices) -> None:
    """Two batches never touch the same record at once."""
    await put(office, note())
    lane = await held_lane(office)
    await claim(office, lane)

    await put(office, note())

    assert await claim(office, lane) == []


async def test_i7_a_crashed_workers_rows_come_back_when_the_leases_end(office: Offices) -> None:
    await put(office, note())
    await claim(office, await held_lane(office))
    assert await lane_of(office) is None

    await office.advance(LEASE + timedelta(seconds=1))

    assert [row.record_id for row in await claim(office, await held_lane(office))] == ["1"]


async def test_i7_a_late_settle_does_not_delete_what_another_works_on(office: Offices) -> None:
    await put(office, note())
    late = await claim(office, await held_lane(office))
    await office.advance(LEASE + timedelta(seconds=1))
    await claim(office, await held_lane(office))

    await settle(office, late)

    assert await waiting(office) == 1


async def test_a_worker_that_lost_its_lane_is_told(office: Offices) -> None:
    await put(office, note())
    slow = await held_lane(office)
    await office.advance(LEASE + timedelta(seconds=1))
    quick = await held_lane(office)

    assert quick.fence == slow.fence + 1
    with pytest.raises(LaneLostError):
        await claim(office, slow)
    assert len(await claim(office, quick)) == 1


async def test_a_lane_that_expired_unnoticed_can_be_worked_on(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    await office.advance(LEASE + timedelta(seconds=1))

    assert len(await claim(office, lane)) == 1
    assert await lane_of(office) is None


async def test_a_released_lane_is_free_at_once(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    async with office.begin() as mail:
        await mail.release_lane(lane)

    assert (await held_lane(office)).fence == lane.fence + 1


async def test_releasing_a_lane_that_was_lost_changes_nothing(office: Offices) -> None:
    await put(office, note())
    slow = await held_lane(office)
    await office.advance(LEASE + timedelta(seconds=1))
    await held_lane(office)
    async with office.begin() as mail:
        await mail.release_lane(slow)

    assert await lane_of(office) is None


async def test_interactive_before_live_before_retries_before_imports(office: Offices) -> None:
    await put(
        office,
        note("import", priority=Priority.IMPORT),
        note("retry", priority=Priority.RETRY),
        note("live"),
        note("person", priority=Priority.INTERACTIVE),
    )

    rows = await claim(office, await held_lane(office))

    assert [row.record_id for row in rows] == ["person", "live", "retry", "import"]


async def test_a_record_keeps_its_most_urgent_priority(office: Offices) -> None:
    await put(office, note(priority=Priority.INTERACTIVE))
    await put(office, note(priority=Priority.IMPORT))

    (row,) = await claim(office, await held_lane(office))

    assert row.priority == Priority.INTERACTIVE


async def test_a_busy_connection_holds_up_nobody(office: Offices) -> None:
    await put(office, *(note(str(n)) for n in range(50)), note(connection=TWO))
    served = []
    for _ in range(3):
        lane = await held_lane(office)
        served.append(lane.connection_id)
        await claim(office, lane, limit=5)
        async with office.begin() as mail:
            await mail.release_lane(lane)

    assert set(served[:2]) == {ONE, TWO}
    assert served[2] == ONE


async def test_two_workers_take_two_lanes(office: Offices) -> None:
    await put(office, note(), note(lane="company"))

    assert {(await held_lane(office)).lane for _ in range(2)} == {"contact", "company"}


async def test_a_postponed_row_waits_and_counts_its_attempt(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    await postpone(office, await claim(office, lane))
    assert await claim(office, lane) == []

    await office.advance(timedelta(minutes=6))

    (row,) = await claim(office, lane)
    assert row.attempts == 1


async def test_an_attempt_that_was_nobodys_fault_is_not_counted(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    await postpone(office, await claim(office, lane), count=False)
    await office.advance(timedelta(minutes=6))

    (row,) = await claim(office, lane)

    assert row.attempts == 0


async def test_a_postponed_row_with_a_newer_change_is_due_at_once(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    rows = await claim(office, lane)
    await put(office, note(kind="renamed"))

    await postpone(office, rows)

    (row,) = await claim(office, lane)
    assert (row.cause, row.attempts) == ({"kind": "renamed"}, 0)


@pytest.mark.parametrize(
    ("priority", "due"),
    [
        (Priority.INTERACTIVE, True),
        (Priority.LIVE, True),
        (Priority.RETRY, False),
        (Priority.IMPORT, False),
    ],
)
async def test_who_may_end_a_rows_waiting(office: Offices, priority: Priority, due: bool) -> None:  # noqa: FBT001 -- a table's column
    await put(office, note())
    lane = await held_lane(office)
    await postpone(office, await claim(office, lane))

    await put(office, note(priority=priority))

    assert bool(await claim(office, lane)) is due


async def test_a_paused_connection_waits_and_resumes(office: Offices) -> None:
    await put(office, note())
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")
    assert await lane_of(office) is None

    async with office.begin() as mail:
        await mail.resume(ONE)

    assert len(await claim(office, await held_lane(office))) == 1


async def test_what_waited_for_another_try_is_due_when_its_connection_resumes(
    office: Offices,
) -> None:
    await put(office, note(), note(connection=TWO))
    for _ in range(2):
        lane = await held_lane(office)
        await postpone(office, await claim(office, lane))
        async with office.begin() as mail:
            await mail.release_lane(lane)

    async with office.begin() as mail:
        await mail.resume(ONE)

    lane = await held_lane(office)
    assert (lane.connection_id, len(await claim(office, lane))) == (ONE, 1)
    assert await lane_of(office) is None


async def test_a_pause_also_stops_a_worker_that_holds_the_lane(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")

    assert await claim(office, lane) == []


async def test_a_paused_connection_holds_up_nobody_else(office: Offices) -> None:
    await put(office, note(), note(connection=TWO))
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")

    assert (await held_lane(office)).connection_id == TWO


async def test_i7_changes_during_a_pause_are_kept(office: Offices) -> None:
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")
    await put(office, note("1"), note("2"))
    async with office.begin() as mail:
        await mail.resume(ONE)

    assert len(await claim(office, await held_lane(office))) == 2


async def test_a_full_quota_only_moves_the_time(office: Offices) -> None:
    await put(office, note())
    async with office.begin() as mail:
        await mail.postpone_connection(ONE, await office.now() + timedelta(hours=1))
    assert await lane_of(office) is None

    await office.advance(timedelta(hours=1, seconds=1))

    (row,) = await claim(office, await held_lane(office))
    assert row.attempts == 0


async def test_the_depth_tells_how_much_waits_and_since_when(office: Offices) -> None:
    await put(office, note("1"))
    await office.advance(timedelta(minutes=10))
    await put(office, note("2"), note("3", connection=TWO))

    deep = {(depth.connection_id, depth.lane): depth for depth in await office.depth()}

    assert {key: depth.records for key, depth in deep.items()} == {
        (ONE, "contact"): 2,
        (TWO, "contact"): 1,
    }
    first, second = (deep[connection, "contact"].oldest for connection in (ONE, TWO))
    assert first is not None
    assert second is not None
    assert second - first > timedelta(minutes=9)


async def test_a_lane_that_became_empty_is_told_as_empty(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    await settle(office, await claim(office, lane))

    assert [(d.connection_id, d.lane, d.records, d.oldest) for d in await office.depth()] == [
        (ONE, "contact", 0, None)
    ]
