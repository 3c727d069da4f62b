"""Whatever Salesforce answers, in whatever order: the promises of an installation hold."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.package_watcher.domain.advance import MAX_SENDS, advance, step_of
from services.package_watcher.domain.cadence import LONGEST_WAIT_SECONDS, Cadence, next_look
from services.package_watcher.domain.history import MAX_LINES
from services.package_watcher.domain.model import (
    RESTING,
    TERMINAL,
    Installation,
    Kind,
    Method,
    Order,
    State,
)
from services.package_watcher.domain.observation import Held, Looked, Observation
from services.package_watcher.domain.orders import (
    DEADLINES,
    HELD_AT_MOST,
    Effect,
    Failed,
    Installed,
    Leaving,
    Started,
    Uninstalled,
    ordered,
    resumable,
    resumed,
)
from services.package_watcher.domain.progress import StepState, percent, stages
from services.package_watcher.domain.todo import todo_of
from tests.property.package_watcher.answers import OBSERVATIONS

ID = UUID("01890000-0000-7000-8000-000000000001")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
ORDERS = st.builds(
    Order,
    st.sampled_from(Method),
    kind=st.sampled_from(Kind),
    sealed_password=st.sampled_from(["", "v1.sealed"]),
).filter(lambda order: order.kind is not Kind.UNINSTALL or order.method is not Method.MANUAL)


class InstallationMachine(RuleBasedStateMachine):
    """One connection whose operator orders, and whose org answers anything at any time."""

    @initialize(order=ORDERS)
    def begin(self, order: Order) -> None:
        self.now = NOON
        self.start(order)

    def start(self, order: Order) -> None:
        self.installation, first = ordered(ID, ID, order, self.now)
        self.effects: list[Effect] = list(first)
        self.opened_at = self.now
        self.seen_in_place = self.seen_gone = self.held = False

    @precondition(lambda self: self.installation.state in RESTING)
    @rule(order=ORDERS)
    def operator_orders(self, order: Order) -> None:
        self.start(order)

    @rule(seconds=st.integers(0, 90_000))
    def operator_resumes(self, seconds: int) -> None:
        before = self.installation
        self.now += timedelta(seconds=seconds)
        self.installation, first = resumed(before, self.now)
        if not resumable(before):
            assert (self.installation, first) == (before, ())
            return
        assert (self.installation.id, self.installation.request_id) == (
            before.id,
            before.request_id,
        )
        assert self.installation.state not in TERMINAL
        self.effects, self.opened_at, self.held = list(first), self.now, False

    @rule(seen=OBSERVATIONS, seconds=st.integers(0, 4000))
    def observe(self, seen: Observation, seconds: int) -> None:
        before = self.installation
        self.now += timedelta(seconds=seconds)
        self.installation, effects = advance(before, seen, self.now)
        self.effects += effects
        self.held = self.held or isinstance(seen, Held)
        self.seen_in_place = self.seen_in_place or (isinstance(seen, Looked) and seen.in_place)
        self.seen_gone = self.seen_gone or (isinstance(seen, Looked) and not seen.in_place)
        self.check_step(before, seen)

    def check_step(self, before: Installation, seen: Observation) -> None:
        if before.state in TERMINAL:
            assert self.installation == before
            return
        deadline, after = before.deadline, self.installation.deadline
        assert deadline is not None
        assert after is not None
        assert deadline <= after <= max(deadline, self.opened_at + HELD_AT_MOST)
        if self.now >= deadline and not isinstance(seen, Held):
            assert self.installation.state in TERMINAL
        if self.now >= self.opened_at + HELD_AT_MOST:
            assert self.installation.state in TERMINAL

    @invariant()
    def effects_are_told_once(self) -> None:
        starts = [one for one in self.effects if isinstance(one, (Started, Leaving))]
        ends = [one for one in self.effects if isinstance(one, (Installed, Uninstalled, Failed))]
        assert len(starts) <= 1
        assert len(ends) == (self.installation.state in TERMINAL)
        if starts:
            assert self.effects[0] == starts[0]
        if ends:
            expected = {State.INSTALLED: Installed, State.UNINSTALLED: Uninstalled}
            assert type(ends[0]) is expected.get(self.installation.state, Failed)

    @invariant()
    def the_end_means_seen(self) -> None:
        assert self.installation.state is not State.INSTALLED or self.seen_in_place
        assert self.installation.state is not State.UNINSTALLED or self.seen_gone

    @invariant()
    def each_kind_has_its_own_states(self) -> None:
        leaving = self.installation.order.kind is Kind.UNINSTALL
        foreign = (
            {State.INSTALLING, State.INSTALLED, State.WAITING_FOR_ADMIN}
            if leaving
            else {State.UNINSTALLING, State.UNINSTALLED}
        )
        assert self.installation.state not in foreign

    @invariant()
    def only_a_hold_moves_the_deadline(self) -> None:
        if not self.held:
            allowed = DEADLINES[self.installation.order.method]
            assert self.installation.deadline == self.opened_at + allowed

    @invariant()
    def a_running_installation_is_always_looked_at_again(self) -> None:
        for answered in (True, False):
            pause = next_look(self.installation, Cadence(), answered=answered)
            ended = self.installation.state in TERMINAL
            assert (pause is None) == ended
            assert (step_of(self.installation) is None) == ended
            if pause is not None:
                assert 2.0 <= pause.total_seconds() <= LONGEST_WAIT_SECONDS

    @invariant()
    def a_key_is_kept_no_longer_than_it_may_be_needed(self) -> None:
        if self.installation.state in TERMINAL - {State.TIMED_OUT}:
            assert self.installation.order.sealed_password == ""

    @invariant()
    def what_is_shown_stays_in_bounds(self) -> None:
        one = self.installation
        assert 0 <= percent(one, self.now) <= 100
        assert one.sends <= MAX_SENDS + 1
        assert 1 <= len(one.history) <= MAX_LINES
        assert one.history[0].asked == "order"
        times = [line.first_at for line in one.history]
        assert times == sorted(times)
        assert [s for s in stages(one) if s.state is StepState.CURRENT] == [] or (
            one.state not in TERMINAL
        )
        assert todo_of(one) or one.state in {State.INSTALLED, State.WAITING_FOR_ADMIN}


InstallationMachine.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None
)
TestInstallation = InstallationMachine.TestCase
