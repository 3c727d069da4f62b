"""Companies and their people in any order, with lost answers and deaths: at rest all are joined."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from services.contact_sync.domain.model import Link
from shared.contracts.settings import CompanySettings
from shared.kernel.records import ObjectType, Side
from tests.fakes.contact_sync.crm import WRITES
from tests.fakes.contact_sync.stage import Stage
from tests.property.contact_sync.people import Village

numbers = st.integers(0, 5)
sides = st.sampled_from(Side)
steps = st.one_of(
    st.tuples(st.just("company"), sides, numbers),
    st.tuples(st.just("person"), sides, numbers),
    st.tuples(st.just("deliver"), sides, numbers),
    st.tuples(st.just("drain"), st.sampled_from(["", *sorted(WRITES)]), numbers),
    st.tuples(st.just("die"), sides, st.integers(1, 7)),
)


class Town(Village):
    """A village with companies; people are joined to one on the side where they are made."""

    def __init__(self) -> None:
        super().__init__(stage=Stage.build(companies=CompanySettings(enabled=True)))
        self.made = 0

    def step(self, what: str, where: str, number: int) -> None:
        match what:
            case "company":
                self.found(Side(where))
            case "person":
                self.join(Side(where), number)
            case "deliver":
                self.deliver([number], again=number % 2 == 0)
            case "drain":
                self.drain((False, 20), fail=("after", where) if where else None)
            case _:
                self.drain((True, 20), die_at=number)

    def found(self, side: Side) -> None:
        """A person types a company in."""
        self.made += 1
        world, name = self.stage.crms, f"Company {self.made}"
        if side is Side.HUBSPOT:
            world.companies.add(name=name)
        else:
            world.salesforce.add("Account", Name=name)

    def join(self, side: Side, number: int) -> None:
        """A person types in somebody who works for one of that side's companies, if it has any."""
        self.made += 1
        world, email = self.stage.crms, f"p{self.made}@x.test"
        ids = list(world.companies.contacts) if side is Side.HUBSPOT else self.accounts()
        company = ids[number % len(ids)] if ids else ""
        if side is Side.HUBSPOT:
            world.hubspot.add(email=email, lastname="L", associatedcompanyid=company)
        else:
            world.salesforce.add(Email=email, LastName="L", AccountId=company or None)

    def accounts(self) -> list[str]:
        records = self.stage.crms.salesforce.records.values()
        return [record.id for record in records if record.object_name == "Account"]

    def links(self, object_type: ObjectType) -> list[Link]:
        return [link for link in self.stage.store.links if link.object_type is object_type]

    def check_that_all_are_joined(self) -> None:
        """Every record has one other half, and every person is in the same company on both."""
        world = self.stage.crms
        companies = {x.hubspot_id: x.salesforce_id for x in self.links(ObjectType.COMPANY)}
        people = {x.hubspot_id: x.salesforce_id for x in self.links(ObjectType.CONTACT)}
        assert companies.keys() == set(world.companies.contacts)
        assert _sorted(companies.values()) == _sorted(self.accounts())
        assert people.keys() == set(world.hubspot.contacts)
        assert len(people) + len(companies) == len(world.salesforce.records)
        for contact, record in people.items():
            company = world.hubspot.value(contact, "associatedcompanyid")
            account = world.salesforce.value(record, "AccountId")
            assert account == (companies[company] if company else None)
        assert self.stage.store.state.members == {}
        assert self.stage.store.parked == []


def _sorted(ids: Iterable[str]) -> list[str]:
    return sorted(ids)


@given(plan=st.lists(steps, max_size=25))
def test_everybody_ends_up_in_the_same_company_on_both_sides(
    plan: list[tuple[str, str, int]],
) -> None:
    town = Town()
    try:
        for step in plan:
            town.step(*step)
        town.come_to_rest()
        town.check_that_all_are_joined()
    finally:
        town.close()
