"""Workers of a mailbox that come, go, stall and die, in any order, and one ledger of it all.

Minutes pass in twenties, and what ends, ends ten minutes apart from any of them: so the same
machine runs on a mailbox whose clock goes on by itself.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from shared.outbox.mail import Lane, LaneLostError, Note, Priority
from tests.contracts.plumbing.mailboxes import Offices
from tests.property.plumbing.ledger import Batch, Hold, Key, Ledger
from tests.property.plumbing.running import Run, one_of

News = tuple[Key, Priority]

ONE, TWO = UUID(int=1), UUID(int=2)
NUMBERS = st.integers(min_value=0, max_value=9)
CONNECTIONS = st.sampled_from([ONE, TWO])
KEYS: list[Key] = [
    (ONE, "contact", "hubspot", "1"),
    (ONE, "contact", "hubspot", "2"),
    (ONE, "contact", "salesforce", "1"),
    (ONE, "company", "hubspot", "1"),
    (TWO, "contact", "hubspot", "1"),
    (TWO, "contact", "hubspot", "2"),
]
"""Few, so that what happens happens to the same ones."""

NEWS = st.tuples(st.sampled_from(KEYS), st.sampled_from(Priority))
PASSING = st.sampled_from([20, 40, 100])
LASTING = st.sampled_from([10, 30, 70])
LIMITS = st.integers(min_value=1, max_value=4)

DRAIN_ROUNDS = 20
"""Six records in three lanes, of which each round takes at least one."""


class MailboxMachine(RuleBasedStateMachine):
    """A mailbox under whatever its callers may do, or fail to do."""

    def __init__(self, office: Offices, run: Run) -> None:
        super().__init__()
        self.office = office
        self.run = run
        self.ledger = Ledger()
        self.lanes: list[Lane] = []
        self.batches: list[tuple[Lane, Batch]] = []
        self.workers = 0

    def teardown(self) -> None:
        self.comes_to_rest()

    @initialize(news=st.lists(NEWS, min_size=3, max_size=6))
    def begin(self, news: list[News]) -> None:
        self.tell(news)

    @rule(news=st.lists(NEWS, min_size=1, max_size=5))
    def note(self, news: list[News]) -> None:
        """Duplicates in one call, and records that wait or are held already, are among them."""
        self.tell(news)

    @rule(which=NUMBERS, priority=st.sampled_from(Priority))
    def note_what_is_worked_on(self, which: int, priority: Priority) -> None:
        for _, batch in one_of(self.batches, which):
            self.tell([(key, priority) for key in batch.rows])

    def tell(self, news: Sequence[News]) -> None:
        notes = self.notes(news)
        self.run(self._note(notes))
        self.ledger.note(notes)

    def notes(self, news: Sequence[News]) -> list[Note]:
        self.ledger.changes += len(news)
        first = self.ledger.changes - len(news) + 1
        return [
            Note(*key, priority, {"change": str(n)})
            for n, (key, priority) in enumerate(news, start=first)
        ]

    async def _note(self, notes: Sequence[Note]) -> None:
        async with self.office.begin() as mail:
            await mail.note(notes)

    @rule(minutes=LASTING)
    def claim_lane(self, minutes: int) -> None:
        self.take_lane(minutes)

    def take_lane(self, minutes: int) -> Lane | None:
        self.workers += 1
        lane: Lane | None = self.run(self._claim_lane(UUID(int=self.workers), minutes))
        self.ledger.lane_claimed(lane, minutes=minutes)
        if lane is not None:
            self.lanes.append(lane)
        return lane

    async def _claim_lane(self, holder: UUID, minutes: int) -> Lane | None:
        async with self.office.begin() as mail:
            return await mail.claim_lane(holder=holder, lease=timedelta(minutes=minutes))

    @rule(which=NUMBERS, limit=LIMITS, minutes=LASTING)
    def claim(self, which: int, limit: int, minutes: int) -> None:
        for lane in one_of(self.lanes, which):
            self.take_rows(lane, limit=limit, minutes=minutes)

    @rule(which=NUMBERS, minutes=LASTING)
    def extend(self, which: int, minutes: int) -> None:
        """A claim of nothing goes on holding the lane."""
        for lane in one_of(self.lanes, which):
            self.take_rows(lane, limit=0, minutes=minutes)

    @rule(limit=LIMITS, minutes=LASTING)
    def work(self, limit: int, minutes: int) -> None:
        """A turn in which nothing goes wrong."""
        lane = self.take_lane(minutes)
        if lane is not None:
            self.done_all(self.take_rows(lane, limit=limit, minutes=minutes))
            self.give_back(lane)

    @rule(
        limit=LIMITS,
        minutes=LASTING,
        news=st.booleans(),
        meanwhile=st.sampled_from(["nothing", "time", "hold"]),
        settles=st.booleans(),
        gives_back=st.booleans(),
    )
    def work_meanwhile(
        self,
        limit: int,
        minutes: int,
        meanwhile: str,
        *,
        news: bool,
        settles: bool,
        gives_back: bool,
    ) -> None:
        """A turn with two batches in flight, and something that happens between them."""
        lane = self.take_lane(minutes)
        if lane is None:
            return
        first = self.take_rows(lane, limit=limit, minutes=minutes)
        if meanwhile == "time":
            self.time_passes(20)
        if meanwhile == "hold":
            self.hold(lane.connection_id, 10)
        if news and first is not None:
            self.tell([(key, Priority.RETRY) for key in first.rows])
        second = self.take_rows(lane, limit=limit, minutes=minutes)
        if settles:
            self.done_all(first, second)
        if gives_back:
            self.give_back(lane)

    def take_rows(self, lane: Lane, *, limit: int, minutes: int) -> Batch | None:
        try:
            claimed = self.run(self._claim(lane, limit, minutes))
        except LaneLostError:
            assert not self.ledger.owns(lane), "a worker was told that its own lane is lost"
            self.lanes.remove(lane)
            return None
        batch = self.ledger.claimed(lane, claimed, limit=limit, minutes=minutes)
        if batch is not None:
            self.batches.append((lane, batch))
        return batch

    async def _claim(self, lane: Lane, limit: int, minutes: int) -> Any:
        async with self.office.begin() as mail:
            return await mail.claim(lane, limit=limit, lease=timedelta(minutes=minutes))

    @rule(which=NUMBERS, forgets=st.booleans())
    def release(self, which: int, *, forgets: bool) -> None:
        for lane in one_of(self.lanes, which):
            self.give_back(lane)
            if forgets:
                self.lanes.remove(lane)

    def give_back(self, lane: Lane) -> None:
        self.run(self._release(lane))
        self.ledger.released(lane)

    async def _release(self, lane: Lane) -> None:
        async with self.office.begin() as mail:
            await mail.release_lane(lane)

    @rule(which=NUMBERS, some=LIMITS, again=st.booleans())
    def settle(self, which: int, some: int, *, again: bool) -> None:
        """Also long after the lease, for a second time, or with news in between."""
        for batch, keys in self.part(which, some, again=again):
            self.done(batch, keys)

    def done(self, batch: Batch, keys: Sequence[Key]) -> None:
        self.run(self._settle(batch, keys))
        self.ledger.settled(batch, keys)

    def done_all(self, *batches: Batch | None) -> None:
        for batch in batches:
            if batch is not None:
                self.done(batch, list(batch.rows))

    async def _settle(self, batch: Batch, keys: Sequence[Key]) -> None:
        async with self.office.begin() as mail:
            await mail.settle([batch.rows[key] for key in keys])

    @rule(which=NUMBERS, some=LIMITS, again=st.booleans(), minutes=LASTING, counted=st.booleans())
    def postpone(self, which: int, some: int, minutes: int, *, again: bool, counted: bool) -> None:
        for batch, keys in self.part(which, some, again=again):
            self.run(self._postpone(batch, keys, minutes, counted=counted))
            self.ledger.postponed(batch, keys, minutes=minutes, counted=counted)

    async def _postpone(
        self, batch: Batch, keys: Sequence[Key], minutes: int, *, counted: bool
    ) -> None:
        async with self.office.begin() as mail:
            await mail.postpone(
                [batch.rows[key] for key in keys],
                due_in=timedelta(minutes=minutes),
                reason="locked",
                count_attempt=counted,
            )

    def part(self, which: int, some: int, *, again: bool) -> list[tuple[Batch, list[Key]]]:
        """Rows of a batch, which stays in its worker's hands if they will be told `again`."""
        chosen = one_of(self.batches, which)
        if not again:
            self.batches = [each for each in self.batches if each not in chosen]
        return [(batch, sorted(batch.rows)[:some]) for _, batch in chosen]

    @rule(which=NUMBERS)
    def crash(self, which: int) -> None:
        """A worker is gone with its lane and all its batches; only their leases are left."""
        for gone in one_of(self.lanes, which):
            self.lanes.remove(gone)
            self.batches = [(lane, batch) for lane, batch in self.batches if lane != gone]

    @rule(minutes=PASSING)
    def time_passes(self, minutes: int) -> None:
        self.run(self.office.advance(timedelta(minutes=minutes)))
        self.ledger.now += minutes

    @rule(connection=CONNECTIONS, minutes=LASTING | st.none())
    def hold(self, connection: UUID, minutes: int | None) -> None:
        """By a person, or for some time (a quota is full)."""
        self.run(self._hold(connection, minutes))
        hold = self.ledger.holds.setdefault(connection, Hold())
        if minutes is None:
            hold.paused = True
        else:
            hold.until = self.ledger.now + minutes

    async def _hold(self, connection: UUID, minutes: int | None) -> None:
        async with self.office.begin() as mail:
            if minutes is None:
                await mail.pause(connection, "an admin paused it")
            else:
                until = await self.office.now() + timedelta(minutes=minutes)
                await mail.postpone_connection(connection, until)

    @rule()
    def resume(self) -> None:
        for connection in (ONE, TWO):
            self.run(self._resume(connection))
            self.ledger.resumed(connection)

    async def _resume(self, connection: UUID) -> None:
        async with self.office.begin() as mail:
            await mail.resume(connection)

    @invariant()
    def a_row_goes_with_its_latest_change_and_only_then(self) -> None:
        waiting = self.run(self.office.depth())
        assert {(d.connection_id, d.lane): d.records for d in waiting} == self.ledger.depth()

    def comes_to_rest(self) -> None:
        """Everybody is dead, and one worker is left: nothing may have been lost (I7)."""
        self.resume()
        self.time_passes(100)
        for _ in range(DRAIN_ROUNDS):
            lane = self.take_lane(70)
            if lane is None:
                break
            batch = self.take_rows(lane, limit=3, minutes=70)
            assert batch is not None, "a lane was handed out for nothing"
            self.done_all(batch)
            self.give_back(lane)
        self.a_row_goes_with_its_latest_change_and_only_then()
        assert self.ledger.rows == {}
        assert self.ledger.handled == self.ledger.noted, "a change was never handled"
