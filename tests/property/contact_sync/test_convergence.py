"""Edits, creations, news in any order, lost answers, deaths: at rest both sides agree (I9).

Promises P5 to P7: no record is created twice, one link a person, every write is repeatable.
"""

from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

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
picks = st.lists(numbers, max_size=6)


class People(RuleBasedStateMachine):
    """People, two CRMs and a worker, in any interleaving."""

    def __init__(self) -> None:
        super().__init__()
        self.village = Village()

    @rule(side=sides, email=emails, value=values, lead=st.booleans())
    def create(self, side: Side, email: str, value: str, *, lead: bool) -> None:
        self.village.create(side, email, value, lead=lead)

    @rule(side=sides, number=numbers, which=numbers, value=values)
    def edit(self, side: Side, number: int, which: int, value: str) -> None:
        self.village.edit(side, number, which, value)

    @rule(side=sides, number=numbers)
    def readdress(self, side: Side, number: int) -> None:
        self.village.readdress(side, number)

    @rule(picks=picks, again=st.booleans())
    def deliver(self, picks: list[int], *, again: bool) -> None:
        self.village.deliver(picks, again=again)

    @rule()
    def drain(self) -> None:
        self.village.drain()

    @rule(when=st.sampled_from(["before", "after"]), call=st.sampled_from(CALLS))
    def drain_with_a_lost_call(self, when: str, call: str) -> None:
        self.village.drain(fail=(when, call))

    @rule(commit=st.integers(1, 7))
    def drain_and_die(self, commit: int) -> None:
        self.village.drain(die_at=commit)

    @rule(call=st.sampled_from(CALLS), side=sides, number=numbers, which=numbers, value=values)
    def drain_while_people_edit(
        self, call: str, side: Side, number: int, which: int, value: str
    ) -> None:
        edit = partial(self.village.edit, side, number, which, value)
        self.village.drain(meanwhile=(call, edit))

    @rule(call=st.sampled_from(CALLS), side=sides, email=emails, value=values)
    def drain_while_people_create(self, call: str, side: Side, email: str, value: str) -> None:
        create = partial(self.village.create, side, email, value, lead=False)
        self.village.drain(meanwhile=(call, create))

    @rule(minutes=st.sampled_from([1, 2, 20]))
    def wait(self, minutes: int) -> None:
        self.village.wait(minutes)

    def teardown(self) -> None:
        try:
            self.village.come_to_rest()
            self.village.check()
            self.village.check_that_more_work_writes_nothing()
        finally:
            self.village.close()


TestPeople = People.TestCase
TestPeople.settings = settings(stateful_step_count=STEPS)
