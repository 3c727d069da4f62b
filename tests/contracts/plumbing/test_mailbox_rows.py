"""How rows are claimed, settled and postponed (design: section 6), in memory and on Postgres."""

from datetime import timedelta

from shared.outbox.mail import Priority
from tests.contracts.plumbing.acts import (
    LEASE,
    claim,
    held_lane,
    lane_of,
    note,
    postpone,
    put,
    settle,
    waiting,
)
from tests.contracts.plumbing.mailboxes import Offices


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
