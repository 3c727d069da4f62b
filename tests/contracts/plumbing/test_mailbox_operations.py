"""What operators may do to records that wait, in memory and on Postgres."""

from datetime import timedelta

import pytest

from shared.outbox.mail import Priority
from shared.outbox.mailbox_operations import EVERY, Step, Waiting, Which
from tests.contracts.plumbing.acts import (
    LEASE,
    ONE,
    TWO,
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


async def park(office: Offices, which: Which = EVERY) -> Step:
    async with office.desk() as desk:
        return await desk.park(which, by="ada", why="the CRM repairs it")


async def requeue(office: Offices, which: Which = EVERY) -> Step:
    async with office.desk() as desk:
        return await desk.requeue(which, by="ada")


async def listed(office: Offices, which: Which = EVERY) -> list[Waiting]:
    async with office.desk() as desk:
        return await desk.page(which)


async def test_a_list_says_what_each_row_waits_for(office: Offices) -> None:
    await put(office, note("failed"))
    lane = await held_lane(office)
    await postpone(office, await claim(office, lane))
    await put(office, note("in work"))
    await claim(office, lane)
    await put(office, note("aside"))
    await park(office, Which(record_id="aside"))
    now = await office.now()

    rows = {row.record_id: row for row in await listed(office)}

    failed = rows["failed"]
    assert (failed.attempts, failed.reason, failed.held, failed.parked) == (
        1,
        "locked",
        False,
        False,
    )
    assert failed.due_at is not None
    assert timedelta(minutes=4) < failed.due_at - now < timedelta(minutes=6)
    assert failed.priority == Priority.LIVE
    assert (rows["in work"].held, rows["in work"].parked) == (True, False)
    aside = rows["aside"]
    assert (aside.due_at, aside.held, aside.parked) == (None, False, True)
    assert aside.reason == "parked by ada: the CRM repairs it"


@pytest.mark.parametrize(
    ("which", "found"),
    [
        (EVERY, ["1", "2", "3", "4"]),
        (Which(connection_id=ONE), ["1", "2", "3"]),
        (Which(connection_id=ONE, lane="contact"), ["2", "3"]),
        (Which(side="salesforce"), ["3"]),
        (Which(record_id="4"), ["4"]),
        (Which(connection_id=ONE, record_id="4"), []),
    ],
)
async def test_every_condition_narrows(office: Offices, which: Which, found: list[str]) -> None:
    await put(
        office,
        note("1", lane="company"),
        note("2"),
        note("3", side="salesforce"),
        note("4", connection=TWO),
    )

    assert [row.record_id for row in await listed(office, which)] == found
    assert (await park(office, which)).done == len(found)
    assert [row.record_id for row in await listed(office) if row.parked] == found
    assert (await requeue(office, which)).done == len(found)


async def test_a_list_goes_on_behind_its_last_row(office: Offices) -> None:
    await put(office, *(note(str(n)) for n in range(5)))

    async with office.desk() as desk:
        first = await desk.page(EVERY, limit=3)
        rest = await desk.page(EVERY, limit=3, after=first[-1].key)

    assert [row.record_id for row in (*first, *rest)] == ["0", "1", "2", "3", "4"]


async def test_each_step_takes_so_many_and_says_where_to_go_on(office: Offices) -> None:
    await put(office, *(note(str(n)) for n in range(5)))

    async with office.desk() as desk:
        parked = [await desk.park(EVERY, by="ada", why="x", limit=2) for _ in range(3)]
        first = await desk.requeue(EVERY, by="ada", limit=3)
        last = await desk.requeue(EVERY, by="ada", limit=3, after=first.after)

    assert [step.done for step in parked] == [2, 2, 1]
    assert [(step.done, step.after is None) for step in (first, last)] == [(3, False), (2, True)]


async def test_a_parked_row_is_not_claimed_however_long_it_waits(office: Offices) -> None:
    await put(office, note())
    await park(office)

    await office.advance(timedelta(days=400))

    assert await lane_of(office) is None


async def test_a_parked_row_stays_parked_when_its_connection_resumes(office: Offices) -> None:
    await put(office, note("1"), note("2"))
    await park(office, Which(record_id="1"))
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")
        await mail.resume(ONE)

    assert [row.record_id for row in await claim(office, await held_lane(office))] == ["2"]


async def test_a_parked_row_is_no_row_that_waits_and_is_told_apart(office: Offices) -> None:
    await put(office, note("1"))
    await office.advance(timedelta(minutes=10))
    await put(office, note("2"))
    await park(office, Which(record_id="1"))

    (deep,) = await office.depth()

    assert (deep.records, deep.parked) == (1, 1)
    assert deep.oldest is not None
    assert await office.now() - deep.oldest < timedelta(minutes=5)


async def test_a_lane_with_nothing_but_parked_rows_is_told_as_empty(office: Offices) -> None:
    await put(office, note())
    await park(office)

    (deep,) = await office.depth()

    assert (deep.records, deep.oldest, deep.parked) == (0, None, 1)


@pytest.mark.parametrize(
    ("priority", "tried"),
    [
        (Priority.INTERACTIVE, True),
        (Priority.LIVE, True),
        (Priority.RETRY, False),
        (Priority.IMPORT, False),
    ],
)
async def test_who_may_end_a_parking(office: Offices, priority: Priority, tried: bool) -> None:  # noqa: FBT001 -- a table's column
    await put(office, note())
    await park(office)

    await put(office, note(priority=priority))

    (row,) = await listed(office)
    assert (row.parked, row.reason == "") == (not tried, tried)
    assert (await lane_of(office) is not None) is tried


async def test_a_row_in_work_is_not_parked(office: Offices) -> None:
    await put(office, note("1"), note("2"))
    lane = await held_lane(office)
    rows = await claim(office, lane, limit=1)

    assert await park(office) == Step(done=1, held=1, after=None)

    await settle(office, rows)
    assert [row.parked for row in await listed(office)] == [True]


async def test_a_worker_that_comes_back_too_late_changes_no_parked_row(office: Offices) -> None:
    await put(office, note("1"), note("2"))
    late = await claim(office, await held_lane(office))
    await office.advance(LEASE + timedelta(seconds=1))
    await park(office)

    await settle(office, late[:1])
    await postpone(office, late[1:])

    assert [row.parked for row in await listed(office)] == [True, True]


async def test_parking_again_leaves_the_first_reason(office: Offices) -> None:
    await put(office, note())
    await park(office)

    async with office.desk() as desk:
        step = await desk.park(EVERY, by="bob", why="again")

    assert step == Step(done=0, held=0, after=None)
    assert [row.reason for row in await listed(office)] == ["parked by ada: the CRM repairs it"]


async def test_a_requeued_row_is_tried_now_as_if_it_had_never_failed(office: Offices) -> None:
    await put(office, note("failed"), note("aside"))
    lane = await held_lane(office)
    await postpone(office, await claim(office, lane))
    await park(office, Which(record_id="aside"))

    assert await requeue(office) == Step(done=2, held=0, after=None)

    rows = await claim(office, lane)
    assert {(row.record_id, row.attempts) for row in rows} == {("failed", 0), ("aside", 0)}


async def test_a_row_in_work_stays_with_its_worker_and_runs_again(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    rows = await claim(office, lane)

    assert await requeue(office) == Step(done=0, held=1, after=None)

    assert await claim(office, lane) == []
    await settle(office, rows)
    assert [row.record_id for row in await claim(office, lane)] == ["1"]


async def test_a_row_in_work_that_fails_after_it_was_requeued_is_tried_at_once(
    office: Offices,
) -> None:
    await put(office, note())
    lane = await held_lane(office)
    rows = await claim(office, lane)
    await requeue(office)

    await postpone(office, rows)

    (again,) = await claim(office, lane)
    assert again.attempts == 0


async def test_a_worker_that_comes_back_too_late_settles_no_requeued_row(office: Offices) -> None:
    await put(office, note())
    late = await claim(office, await held_lane(office))
    await office.advance(LEASE + timedelta(seconds=1))
    await requeue(office)

    await settle(office, late)

    assert await waiting(office) == 1


async def test_what_is_due_already_keeps_its_place(office: Offices) -> None:
    await put(office, note("first"))
    await office.advance(timedelta(minutes=1))
    await put(office, note("second"))
    await requeue(office)

    rows = await claim(office, await held_lane(office))

    assert [row.record_id for row in rows] == ["first", "second"]
