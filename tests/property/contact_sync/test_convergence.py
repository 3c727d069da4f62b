"""Edits, creations, news in any order, lost answers, deaths: at rest both sides agree (I9).

Promises P5 to P7: no record is created twice, one link a person, every write is repeatable.
"""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from shared.kernel.records import Side
from tests.fakes.contact_sync.crm import WRITES
from tests.property.contact_sync.people import Village

EMAILS = ("ann@x.test", "bo@x.test", "cy@x.test")
CALLS = (*sorted(WRITES), "hubspot_by_id", "hubspot_by_email", "salesforce", "hubspot_times")
STEPS = 30

sides = st.sampled_from(Side)
emails = st.sampled_from(EMAILS)
numbers = st.integers(0, 11)
values = st.sampled_from(["1", "2", "3", ""])
creations = st.tuples(sides, emails, values, st.booleans())
edits = st.tuples(sides, numbers, numbers, values)
calls = st.sampled_from(CALLS)
preludes = st.tuples(st.booleans(), st.sampled_from([20, 2, 0]))
"""Whether all news arrives before the worker comes, and how many minutes pass."""


class People(RuleBasedStateMachine):
    """People, two CRMs and a worker, in any interleaving."""

    def __init__(self) -> None:
        super().__init__()
        self.village = Village()

    @initialize(people=st.lists(creations, min_size=2, max_size=5), synced=st.booleans())
    def begin(self, people: list[tuple[Side, str, str, bool]], *, synced: bool) -> None:
        for side, email, value, lead in people:
            self.village.create(side, email, value, lead=lead)
        if synced:
            self.village.come_to_rest()

    @rule(creation=creations)
    def create(self, creation: tuple[Side, str, str, bool]) -> None:
        self.village.create(*creation[:3], lead=creation[3])

    @rule(edits=st.lists(edits, min_size=1, max_size=4))
    def edit(self, edits: list[tuple[Side, int, int, str]]) -> None:
        for one in edits:
            self.village.edit(*one)

    @rule(side=sides, number=numbers)
    def readdress(self, side: Side, number: int) -> None:
        self.village.readdress(side, number)

    @rule(picks=st.lists(numbers, min_size=1, max_size=8), again=st.booleans())
    def deliver(self, picks: list[int], *, again: bool) -> None:
        self.village.deliver(picks, again=again)

    @rule(prelude=preludes, lost=st.none() | st.tuples(st.sampled_from(["before", "after"]), calls))
    def drain(self, prelude: tuple[bool, int], lost: tuple[str, str] | None) -> None:
        self.village.drain(prelude, fail=lost)

    @rule(side=sides, creation=creations)
    def lose_a_creation_that_is_edited(
        self, side: Side, creation: tuple[Side, str, str, bool]
    ) -> None:
        """The record's link is not stored yet, and its address is another one by then."""
        self.village.create(side, *creation[1:3], lead=creation[3])
        self.village.drain((True, 20), fail=("after", f"create_in_{side.other.value}"))
        self.village.readdress(side.other, -1)

    @rule(prelude=preludes, commit=st.integers(3, 7))
    def drain_and_die(self, prelude: tuple[bool, int], commit: int) -> None:
        self.village.drain(prelude, die_at=commit)

    @rule(
        prelude=preludes,
        call=calls,
        edit=edits,
        creation=st.none() | creations,
        tell=st.booleans(),
    )
    def drain_while_people_go_on(
        self,
        prelude: tuple[bool, int],
        call: str,
        edit: tuple[Side, int, int, str],
        creation: tuple[Side, str, str, bool] | None,
        *,
        tell: bool,
    ) -> None:
        async def go_on() -> None:
            self.village.edit(*edit)
            if creation is not None:
                self.village.create(*creation[:3], lead=creation[3])
            if tell:
                await self.village.stage.tell_all()

        self.village.drain(prelude, meanwhile=(call, go_on))

    def teardown(self) -> None:
        try:
            self.village.come_to_rest()
            self.village.check()
            self.village.check_that_more_work_writes_nothing()
        finally:
            self.village.close()


TestPeople = People.TestCase
TestPeople.settings = settings(stateful_step_count=STEPS)
