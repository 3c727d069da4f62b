"""Rounds of polling over a poller that a test fills."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.ingress.handlers.lifecycle import note_lifecycle
from services.ingress.handlers.poll import (
    LEASE,
    WAIT_AFTER_FAILURE,
    WAIT_AFTER_REFUSAL,
    Polling,
    poll_next,
)
from services.ingress.ports import Connection
from shared.contracts.ingress import ContactChanged, RecordChange, TaskCreated
from shared.contracts.mapping import SettingsPublished, SyncStarted
from shared.contracts.settings import ActivitySettings
from shared.kernel.errors import CausewayError, FatalError, RetriableError
from shared.kernel.records import Side
from shared.security.hashing import FieldHash
from tests.factories.standings import BROKEN, STOPPED, stamps
from tests.fakes.clock import FixedClock
from tests.fakes.ingress.poller import FakePoller
from tests.fakes.ingress.samples import NOON, connection, row, settings
from tests.fakes.ingress.store import FakeStore

EVERY = timedelta(seconds=20)
ONE = UUID(int=1)
STAMPS = stamps()


class Round:
    """One connection's cursors, and the hands to poll."""

    def __init__(self, known: Connection | None = None) -> None:
        self.clock = FixedClock()
        self.store = FakeStore(self.clock)
        self.poller = FakePoller(self.store)
        self.known = known or connection()
        self.polling = Polling(self.store, self.poller, self.clock, FieldHash(b"k" * 32), EVERY)

    async def start(self) -> "Round":
        """The connection is stored, its cursors are there."""
        self.store.state.connections[self.known.id] = self.known
        async with self.store.begin() as work:
            await note_lifecycle(
                work, self.known.id, SettingsPublished(settings=settings(0)), next(STAMPS)
            )
        return self

    async def go(self, side: Side = Side.SALESFORCE) -> list[str]:
        """One round, when its time has come; the ids that were reported."""
        before = len(self.store.events)
        assert await poll_next(self.polling, side)
        told = self.store.events[before:]
        return [one.record_id for one in told if isinstance(one, RecordChange)]

    def due_in(self) -> timedelta:
        """Until the next round of Salesforce's contacts."""
        held = self.store.state.cursors[ONE, Side.SALESFORCE, "Contact"]
        assert held.held_until is None
        return held.due_at - self.clock.now()


async def test_a_round_reports_and_comes_again_later() -> None:
    polled = await Round().start()
    polled.poller.rows = [
        row("003A", FirstName="Ada", Email=None),
        row("00Q1", object_name="Lead"),
        row("00T1", object_name="Task", age=0),
    ]
    assert await polled.go() == ["003A", "00Q1", "00T1"]

    assert [type(one) for one in polled.store.events] == [
        ContactChanged,
        ContactChanged,
        TaskCreated,
    ]
    assert polled.due_in() == EVERY
    assert not await poll_next(polled.polling, Side.SALESFORCE)


async def test_all_objects_of_a_side_are_asked_for_at_once() -> None:
    polled = await Round().start()
    await polled.go()
    await polled.go(Side.HUBSPOT)

    asked = [(side, [r.object_name for r in requests]) for _, side, requests in polled.poller.asked]
    assert asked == [(Side.SALESFORCE, ["Contact", "Lead", "Task"]), (Side.HUBSPOT, ["tasks"])]
    starts = {request.since for request in polled.poller.asked[0][2]}
    assert starts == {NOON - timedelta(minutes=6)}


async def test_the_next_round_overlaps_and_reports_nothing_twice() -> None:
    polled = await Round().start()
    polled.poller.rows = [row("003A", seconds=-30), row("003B", seconds=-20)]
    assert await polled.go() == ["003A", "003B"]

    polled.clock.advance(EVERY)
    polled.poller.rows.append(row("003C", seconds=-25))
    assert await polled.go() == ["003C"]

    assert polled.poller.asked[1][2][0].since == NOON - timedelta(seconds=80)
    polled.clock.advance(EVERY)
    assert await polled.go() == []


async def test_a_row_that_changed_again_inside_the_overlap_is_reported_again() -> None:
    polled = await Round().start()
    polled.poller.rows = [row("003A", seconds=-30)]
    await polled.go()
    polled.clock.advance(EVERY)
    polled.poller.rows = [row("003A", seconds=-10)]
    assert await polled.go() == ["003A"]

    polled.clock.advance(EVERY)
    polled.poller.rows = [row("003A", seconds=-10, deleted=True)]
    assert await polled.go() == ["003A"]


@pytest.mark.parametrize(
    ("error", "wait"),
    [
        (RetriableError("busy", code="busy"), WAIT_AFTER_FAILURE),
        (RetriableError("quota", code="quota", retry_after=90.0), timedelta(seconds=90)),
        (FatalError("no right", code="forbidden"), WAIT_AFTER_REFUSAL),
        (FatalError("connect it again", code="connection_broken"), EVERY),
    ],
)
async def test_a_failed_round_waits_and_loses_nothing(
    error: CausewayError, wait: timedelta
) -> None:
    polled = await Round().start()
    polled.poller.failures = [error]
    polled.poller.rows = [row("003A", seconds=-60)]
    assert await polled.go() == []
    assert polled.due_in() == wait

    polled.clock.advance(wait)
    assert await polled.go() == ["003A"]


async def test_a_connection_that_breaks_before_its_first_round_loses_nothing() -> None:
    polled = await Round(connection(standing=BROKEN)).start()
    polled.poller.rows = [row("003A", seconds=60)]
    await polled.go()

    polled.clock.advance(timedelta(hours=3))
    polled.store.state.connections[ONE] = connection()
    assert await polled.go() == ["003A"]


async def test_a_refusal_waits_longer_than_a_failure() -> None:
    assert WAIT_AFTER_REFUSAL > WAIT_AFTER_FAILURE > EVERY


@pytest.mark.parametrize(
    "known",
    [
        connection(standing=STOPPED),
        connection(standing=BROKEN),
        connection(settings=None, standing=STOPPED),
    ],
    ids=["not started", "broken", "no settings"],
)
async def test_a_connection_that_cannot_be_polled_is_not(known: Connection) -> None:
    polled = await Round(known).start()
    polled.poller.rows = [row("003A")]

    assert await polled.go() == []
    assert polled.poller.asked == []
    assert polled.due_in() == EVERY


async def test_a_poller_that_died_lets_go_when_its_lease_ends() -> None:
    polled = await Round().start()
    async with polled.store.begin() as work:
        assert len(await work.cursors.due(Side.SALESFORCE, LEASE)) == 4
    assert not await poll_next(polled.polling, Side.SALESFORCE)

    polled.clock.advance(LEASE + timedelta(seconds=1))
    assert await poll_next(polled.polling, Side.SALESFORCE)


async def test_connections_take_turns() -> None:
    polled = await Round().start()
    other = connection(2, "8888")
    polled.store.state.connections[other.id] = other
    async with polled.store.begin() as work:
        await note_lifecycle(work, other.id, SyncStarted(), next(STAMPS))

    await polled.go()
    await polled.go()

    assert {known.id for known, _, _ in polled.poller.asked} == {ONE, UUID(int=2)}
    assert not await poll_next(polled.polling, Side.SALESFORCE)


async def test_tasks_that_do_not_cross_over_are_not_polled() -> None:
    off = ActivitySettings(hubspot_tasks_to_salesforce=False, salesforce_tasks_to_hubspot=False)
    polled = await Round(connection(settings=settings(1, off))).start()
    await polled.go()
    await polled.go(Side.HUBSPOT)

    (asked,) = polled.poller.asked
    assert [request.object_name for request in asked[2]] == ["Contact", "Lead"]


async def test_what_happened_while_tasks_were_switched_off_is_not_caught_up() -> None:
    polled = await Round().start()
    polled.poller.rows = [row("1", object_name="tasks", seconds=-10, ours=None)]
    assert await polled.go(Side.HUBSPOT) == ["1"]

    off = ActivitySettings(hubspot_tasks_to_salesforce=False)
    await _publish(polled, 2, off)
    polled.poller.rows.append(row("2", object_name="tasks", seconds=600, ours=None))
    polled.clock.advance(timedelta(hours=1))
    assert await polled.go(Side.HUBSPOT) == []
    await _publish(polled, 3, ActivitySettings())
    polled.clock.advance(EVERY)
    polled.poller.rows.append(row("3", object_name="tasks", seconds=3600, ours=None))

    assert await polled.go(Side.HUBSPOT) == ["3"]


async def _publish(polled: Round, version: int, activities: ActivitySettings) -> None:
    published = SettingsPublished(settings=settings(version, activities))
    async with polled.store.begin() as work:
        await note_lifecycle(work, ONE, published, next(STAMPS))
