"""I1, I2, I3: whatever fails on the way, a committed event has its effect once everywhere.

The outbox, the relays, the inbox and Postgres are the real ones; the broker between them is a
wire on which publishes are refused, land without a confirm or late, and come in any order.
"""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.db.database import Database
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import PublishFailedError
from shared.outbox.inbox import transactional
from tests.integration.plumbing.service import EFFECTS, INBOX, METADATA, OUTBOX, Plumbing, outgoing
from tests.property.plumbing.running import ON_SERVERS, Run, loop_of_its_own
from tests.property.plumbing.station import Station
from tests.property.plumbing.wire import Answer, End, Losing, LostError, Wire

pytestmark = pytest.mark.timeout(600)  # a failure is made small, which takes its time

QUEUES = ("plumbing.one", "plumbing.two")
NUMBERS = st.integers(min_value=0, max_value=9)
RELAYS = st.sampled_from([0, 1])
SENDERS = st.lists(st.sampled_from([UUID(int=1), UUID(int=2)]), min_size=1, max_size=4)
"""The connections of one transaction's events: a change of connection begins a new message."""

MOST_OPEN = 3
"""Transactions that are open at a time; the pool has ten connections."""


class OutboxMachine(RuleBasedStateMachine):
    """Transactions, two relays, a wire with two queues, and consumers."""

    def __init__(self, plumbing: Plumbing, run: Run) -> None:
        super().__init__()
        self.plumbing, self.run = plumbing, run
        self.wire = Wire({queue: [] for queue in QUEUES})
        self.stations = [self.station(), self.station()]
        self.database = Losing(plumbing.database)
        self.handlers = {
            queue: transactional(self.database, plumbing.inbox, queue, partial(_effect, queue))
            for queue in QUEUES
        }
        self.open: list[tuple[AsyncExitStack, list[str]]] = []
        self.held: dict[str, Station] = {}
        self.committed: set[str] = set()
        self.made = 0
        run(self._empty())

    def station(self) -> Station:
        return Station(self.plumbing.database, self.plumbing.outbox, self.wire)

    async def _empty(self) -> None:
        async with self.plumbing.database.begin() as conn:
            for table in (OUTBOX, INBOX, EFFECTS):
                await conn.execute(delete(table))

    def teardown(self) -> None:
        self.comes_to_rest()

    @initialize(senders=SENDERS)
    def first_events(self, senders: list[UUID]) -> None:
        self.transact(senders)
        self.end_transaction(0, commits=True)

    @precondition(lambda self: len(self.open) < MOST_OPEN)
    @rule(senders=SENDERS)
    def transact(self, senders: list[UUID]) -> None:
        """Events and the deed that they tell of, in a transaction that stays open for now."""
        subjects = [str(self.made + n) for n in range(len(senders))]
        self.made += len(senders)
        self.open.append((self.run(self._transact(subjects, senders)), subjects))

    async def _transact(self, subjects: list[str], senders: list[UUID]) -> AsyncExitStack:
        stack = AsyncExitStack()
        conn = await stack.enter_async_context(self.plumbing.database.begin())
        events = [event for s, c in zip(subjects, senders, strict=True) for event in outgoing(c, s)]
        await self.plumbing.outbox.add(conn, events, now=datetime.now(UTC))
        await _write(conn, [f"done {subject}" for subject in subjects])
        return stack

    @precondition(lambda self: self.open)
    @rule(which=NUMBERS, commits=st.booleans())
    def end_transaction(self, which: int, *, commits: bool) -> None:
        stack, subjects = self.open.pop(which % len(self.open))
        self.run(self._end(stack, commits=commits))
        if commits:
            self.committed |= set(subjects)

    async def _end(self, stack: AsyncExitStack, *, commits: bool) -> None:
        with suppress(LostError):
            async with stack:
                if not commits:
                    raise LostError(End.BEFORE_COMMIT)

    @rule(which=RELAYS)
    def begin_round(self, which: int) -> None:
        """A relay takes exactly what nobody alive holds, oldest first."""
        station = self.stations[which]
        if station.round is not None:
            return
        free = [subject for subject in self.run(self._outbox()) if subject not in self.held]
        self.run(station.begin())
        assert station.gate.subjects() == free, "held by another, or left behind"
        self.held |= dict.fromkeys(free, station)
        if not free:
            station.end_empty_round()

    @rule(which=RELAYS, message=NUMBERS, answer=st.sampled_from(Answer))
    def answer(self, which: int, message: int, answer: Answer) -> None:
        station = self.stations[which]
        if station.gate.asked:
            station.gate.answer(message, answer)
            self.run(station.proceed())
            self.finish(station)

    @rule(which=RELAYS)
    def confirm_all(self, which: int) -> None:
        while self.stations[which].gate.asked:
            self.answer(which, 0, Answer.CONFIRMED)

    def finish(self, station: Station) -> None:
        """A round that is over, well or not, holds nothing, unless its database was lost."""
        if station.round is None or not station.round.done():
            return
        error = station.round.exception()
        assert error is None or isinstance(error, PublishFailedError | LostError)
        station.round = None
        if not isinstance(error, LostError) or error.end is End.AFTER_COMMIT:
            self.let_go(station)

    def let_go(self, station: Station) -> None:
        self.held = {s: holder for s, holder in self.held.items() if holder is not station}

    @rule(which=RELAYS, end=st.sampled_from(End))
    def lose_the_database_at_the_end(self, which: int, end: End) -> None:
        """Applies to the end of the round that is under way."""
        if self.stations[which].round is not None:
            self.stations[which].database.end = end

    @rule(which=RELAYS)
    def start_anew(self, which: int) -> None:
        """A relay that failed gives back what it could not give back by then."""
        if self.stations[which].round is None:
            self.run(self.stations[which].give_back())
            self.let_go(self.stations[which])

    @rule(which=RELAYS, lands=st.booleans())
    def crash_relay(self, which: int, *, lands: bool) -> None:
        """What it held stays held until the lease ends; another process takes its place."""
        self.run(self.stations[which].die(lands=lands))
        self.stations[which] = self.station()

    @rule()
    def leases_end(self) -> None:
        """A relay that is still at work goes on, and does not know."""
        self.run(self._leases_end())
        self.held.clear()

    async def _leases_end(self) -> None:
        past = func.now() - timedelta(seconds=1)
        async with self.plumbing.database.begin() as conn:
            held = OUTBOX.c.held_until.is_not(None)
            await conn.execute(update(OUTBOX).where(held).values(held_until=past))

    @rule()
    def a_late_message_lands(self) -> None:
        if self.wire.late:
            self.wire.lands_late()

    @rule(
        queue=st.sampled_from(QUEUES),
        picks=st.lists(NUMBERS, min_size=1, max_size=4),
        end=st.none() | st.sampled_from(End),
        acks=st.booleans(),
    )
    def deliver(self, queue: str, picks: list[int], end: End | None, *, acks: bool) -> None:
        """Any messages in any order; without an acknowledgement they come again."""
        if self.wire.queues[queue]:
            bodies, batch = self.wire.chosen(queue, picks)
            self.database.end = end
            with suppress(LostError):
                self.run(self.handlers[queue](batch))
                if acks:
                    self.wire.acknowledge(queue, bodies)

    @rule(queue=st.sampled_from(QUEUES), one=NUMBERS, other=NUMBERS)
    def deliver_to_two_at_once(self, queue: str, one: int, other: int) -> None:
        if self.wire.queues[queue]:
            batches = [self.wire.chosen(queue, picks)[1] for picks in ([one, other], [other])]
            self.run(self._side_by_side(queue, batches))

    async def _side_by_side(self, queue: str, batches: Sequence[Sequence[Envelope]]) -> None:
        await asyncio.gather(*(self.handlers[queue](batch) for batch in batches))

    async def _outbox(self) -> list[str]:
        async with self.plumbing.database.begin() as conn:
            statement = select(OUTBOX.c.subject).order_by(OUTBOX.c.position)
            return list((await conn.execute(statement)).scalars())

    @invariant()
    def i2_a_row_goes_only_after_its_confirm(self) -> None:
        rows = self.run(self._outbox())
        assert len(rows) == len(set(rows))
        assert self.committed - self.wire.confirmed <= set(rows) <= self.committed

    @invariant()
    def i1_i3_no_effect_without_its_event_and_none_twice(self) -> None:
        effects: Counter[str] = self.run(self.plumbing.effects())
        assert set(effects.values()) <= {1}
        assert set(effects) <= self.all_effects()

    def all_effects(self) -> set[str]:
        return {f"{who} {subject}" for who in ("done", *QUEUES) for subject in self.committed}

    def comes_to_rest(self) -> None:
        """Everybody dies once more; then nothing fails, and nothing may be missing (I7)."""
        for which in (0, 1):
            self.crash_relay(which, lands=False)
        while self.open:
            self.end_transaction(0, commits=True)
        self.leases_end()
        while self.wire.late:
            self.wire.lands_late()
        self.begin_round(0)
        self.confirm_all(0)
        assert self.run(self._outbox()) == []
        for queue in QUEUES:
            while self.wire.queues[queue]:
                self.deliver(queue, [3, 1, 2, 0], None, acks=True)
        assert self.run(self.plumbing.effects()) == Counter(self.all_effects())


async def _effect(queue: str, conn: AsyncConnection, envelopes: Sequence[Envelope]) -> None:
    await _write(conn, [f"{queue} {envelope.subject}" for envelope in envelopes])


async def _write(conn: AsyncConnection, effects: Sequence[str]) -> None:
    await conn.execute(insert(EFFECTS).values([{"subject": effect} for effect in effects]))


@pytest.fixture
def run() -> Iterator[Run]:
    with loop_of_its_own() as opened:
        yield opened


@pytest.fixture
def plumbing(run: Run, database_url: str) -> Iterator[Plumbing]:
    database = Database.connect(database_url, application="test")
    run(_prepare(database))
    yield Plumbing(database, {})
    run(database.close())


async def _prepare(database: Database) -> None:
    async with database.begin() as conn:
        await conn.execute(text("CREATE SCHEMA plumbing"))
        await conn.run_sync(METADATA.create_all)


def test_i1_i2_i3_whatever_fails_each_committed_event_has_its_effect_once(
    run: Run, plumbing: Plumbing
) -> None:
    class Here(OutboxMachine):
        def __init__(self) -> None:
            super().__init__(plumbing, run)

    run_state_machine_as_test(Here, settings=ON_SERVERS)
