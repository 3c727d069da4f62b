"""Quota never over-grants, whatever holders do with their leases and whenever they return them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.quota.domain.budget import Budget, Lease
from services.quota.domain.granting import Ask, give_back, take
from services.quota.domain.policy import Kind, Purpose
from shared.kernel.records import Side

START = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Holder:
    """One holder: asks after `gap` seconds, makes its calls at `moments` of its lease's life
    (0 = at the grant, 1 = the last moment it may), returns after the last one, or never."""

    gap: float
    calls: int
    purpose: Purpose
    moments: tuple[float, ...]
    returns: bool


HOUR = 3600.0
# Around the edges of an hour and of a day is where a rolling window can be got wrong.
EDGES = st.sampled_from([0.0, 30.0, HOUR, 22.5 * HOUR, 23.2 * HOUR, 23.9 * HOUR, 24 * HOUR])


def holders(gaps: st.SearchStrategy[float], most_calls: int) -> st.SearchStrategy[list[Holder]]:
    return st.lists(
        st.builds(
            Holder,
            gap=gaps,
            calls=st.integers(1, most_calls),
            purpose=st.sampled_from(Purpose),
            moments=st.lists(st.floats(0, 1), min_size=1, max_size=5).map(tuple),
            returns=st.booleans(),
        ),
        max_size=40,
    )


@dataclass
class World:
    budget: Budget
    kind: Kind
    slack: timedelta
    now: datetime = START
    made: list[datetime] = field(default_factory=list)
    pending: list[tuple[datetime, Lease, int]] = field(default_factory=list)

    def play(self, n: int, holder: Holder) -> None:
        self.now += timedelta(seconds=holder.gap)
        self._hand_in()
        ask = Ask(UUID(int=n), self.kind, holder.purpose, holder.calls)
        taken = take(self.budget, ask, now=self.now)
        self.budget = taken.budget
        if isinstance(taken.answer, Lease):
            self._use(taken.answer, holder)

    def _use(self, lease: Lease, holder: Holder) -> None:
        life = lease.expires_at + self.slack - self.now
        times = [self.now + life * moment for moment in holder.moments]
        used = lease.calls - (len(times) - 1 if holder.returns else 0)
        made = [times[call % len(times)] for call in range(max(0, used))]
        self.made += made
        if holder.returns:
            self.pending.append((max([self.now, *made]), lease, len(made)))

    def _hand_in(self) -> None:
        due = [entry for entry in self.pending if entry[0] <= self.now]
        self.pending = [entry for entry in self.pending if entry[0] > self.now]
        for at, lease, used in sorted(due, key=lambda entry: entry[0]):
            self.budget = give_back(self.budget, lease, used=used, now=at)


def most_in_any(window: timedelta, made: list[datetime]) -> int:
    times = sorted(made)
    return max((sum(t <= u < t + window for u in times) for t in times), default=0)


@given(holders(st.floats(0, 6), most_calls=60))
def test_any_ten_seconds_hold_at_most_the_cap(plan: list[Holder]) -> None:
    world = World(Budget(UUID(int=1), Side.HUBSPOT), Kind.CALL, slack=timedelta(seconds=1))
    for n, holder in enumerate(plan):
        world.play(n, holder)
    assert most_in_any(timedelta(seconds=10), world.made) <= 100


@given(holders(st.floats(0, 0.8), most_calls=5))
def test_any_second_holds_at_most_the_cap_of_searches(plan: list[Holder]) -> None:
    world = World(Budget(UUID(int=1), Side.HUBSPOT), Kind.SEARCH, slack=timedelta(seconds=1))
    for n, holder in enumerate(plan):
        world.play(n, holder)
    assert most_in_any(timedelta(seconds=1), world.made) <= 4


@given(holders(st.floats(0, 3 * HOUR) | EDGES, most_calls=200))
def test_any_day_holds_at_most_the_allowance(plan: list[Holder]) -> None:
    start = Budget(UUID(int=1), Side.SALESFORCE, setting=500)
    world = World(start, Kind.CALL, slack=timedelta(seconds=1))
    for n, holder in enumerate(plan):
        world.play(n, holder)
    assert most_in_any(timedelta(hours=24), world.made) <= 500


@given(holders(st.floats(0, 600), most_calls=200))
def test_background_work_alone_never_touches_the_reserve(plan: list[Holder]) -> None:
    start = Budget(UUID(int=1), Side.SALESFORCE, setting=500)
    world = World(start, Kind.CALL, slack=timedelta(seconds=1))
    for n, holder in enumerate(h for h in plan if h.purpose.background):
        world.play(n, holder)
    assert most_in_any(timedelta(hours=24), world.made) <= 375
