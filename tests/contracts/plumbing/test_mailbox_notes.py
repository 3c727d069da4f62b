"""What news of a record does to its row (design: section 6), in memory and on Postgres."""

from datetime import timedelta

import pytest

from shared.outbox.mail import Priority
from tests.contracts.plumbing.acts import (
    ONE,
    claim,
    held_lane,
    note,
    postpone,
    put,
    settle,
    waiting,
)
from tests.contracts.plumbing.mailboxes import Offices


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


async def test_a_record_keeps_its_most_urgent_priority(office: Offices) -> None:
    await put(office, note(priority=Priority.INTERACTIVE))
    await put(office, note(priority=Priority.IMPORT))

    (row,) = await claim(office, await held_lane(office))

    assert row.priority == Priority.INTERACTIVE


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
