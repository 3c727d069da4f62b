"""Whatever Salesforce answers, in whatever order: the promises of an installation hold."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.package_watcher.domain.advance import (
    DEADLINES,
    MAX_SENDS,
    Effect,
    Failed,
    Installed,
    Started,
    advance,
    ordered,
    step_of,
)
from services.package_watcher.domain.cadence import LONGEST_WAIT_SECONDS, Cadence, next_look
from services.package_watcher.domain.model import (
    RESTING,
    TERMINAL,
    Failure,
    Installation,
    Method,
    Order,
    State,
)
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    Observation,
    Progress,
    Refused,
    Reported,
    Unreachable,
)
from services.package_watcher.domain.progress import percent

ID = UUID("01890000-0000-7000-8000-000000000001")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
TEXTS = st.sampled_from(["", "no", "This package is not yet available", "unable to lock row"])
OBSERVATIONS: st.SearchStrategy[Observation] = st.one_of(
    st.builds(Accepted, st.sampled_from(["0Af1", "0Hf1"])),
    st.builds(
        Progress,
        st.sampled_from(Reported),
        TEXTS,
        st.just((Failure("Lead", "no"),)) | st.just(()),
        st.integers(0, 7),
        st.integers(0, 7),
    ),
    st.builds(Looked, st.sampled_from([(), ("Lead",), ("Contact", "Task")]), TEXTS),
    st.builds(Refused, st.just("X"), TEXTS),
    st.builds(Unreachable, TEXTS, st.none() | st.floats(0, 90_000)),
    st.builds(Held, TEXTS, st.floats(0, 90_000)),
)


class InstallationMachine(RuleBasedStateMachine):
    """One connection whose operator orders, and whose org answers anything at any time."""

    @initialize(method=st.sampled_from(Method))
    def begin(self, method: Method) -> None:
        self.now = NOON
        self.order(method)

    def order(self, method: Method) -> None:
        self.installation, first = ordered(ID, ID, Order(method), self.now)
        self.effects: list[Effect] = list(first)
        self.seen_in_place = False
        self.held = False

    @precondition(lambda self: self.installation.state in RESTING)
    @rule(method=st.sampled_from(Method))
    def operator_orders(self, method: Method) -> None:
        self.order(method)

    @rule(seen=OBSERVATIONS, seconds=st.integers(0, 4000))
    def observe(self, seen: Observation, seconds: int) -> None:
        before = self.installation
        self.now += timedelta(seconds=seconds)
        self.installation, effects = advance(before, seen, self.now)
        self.effects += effects
        self.held = self.held or isinstance(seen, Held)
        self.seen_in_place = self.seen_in_place or (isinstance(seen, Looked) and seen.in_place)
        self.check_step(before, seen)

    def check_step(self, before: Installation, seen: Observation) -> None:
        if before.state in TERMINAL:
            assert self.installation == before
        deadline = before.deadline
        assert deadline is not None
        if self.now >= deadline and not isinstance(seen, Held):
            assert self.installation.state in TERMINAL
        assert self.installation.deadline is not None
        assert self.installation.deadline >= deadline

    @invariant()
    def effects_are_told_once(self) -> None:
        starts = [effect for effect in self.effects if isinstance(effect, Started)]
        ends = [effect for effect in self.effects if isinstance(effect, (Installed, Failed))]
        assert len(starts) <= 1
        assert len(ends) == (self.installation.state in TERMINAL)
        if starts:
            assert self.effects[0] == Started()
        if ends:
            installed = self.installation.state is State.INSTALLED
            assert isinstance(ends[0], Installed) is installed

    @invariant()
    def installed_means_seen(self) -> None:
        assert self.installation.state is not State.INSTALLED or self.seen_in_place

    @invariant()
    def only_a_hold_moves_the_deadline(self) -> None:
        if not self.held:
            allowed = DEADLINES[self.installation.order.method]
            assert self.installation.deadline == self.installation.requested_at + allowed

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
    def numbers_stay_in_bounds(self) -> None:
        assert 0 <= percent(self.installation, self.now) <= 100
        assert self.installation.sends <= MAX_SENDS + 1


InstallationMachine.TestCase.settings = settings(
    max_examples=150, stateful_step_count=30, deadline=None
)
TestInstallation = InstallationMachine.TestCase
