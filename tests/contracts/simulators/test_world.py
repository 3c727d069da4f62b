"""The invented world: the same for the same plan, of one piece, as dirty as it is told to be."""

import itertools
from dataclasses import replace
from typing import Any

import pytest

from tests.simulators.people import people
from tests.simulators.people_places import CULTURES
from tests.simulators.world.companies import company
from tests.simulators.world.dirt import LONG_FIRST, LONG_LAST, LONG_NAME, LONG_TITLE, SOILS
from tests.simulators.world.plan import ACTIVITIES, KINDS, MAX_RECORDS, Plan, parse_plan
from tests.simulators.world.trades import TRADES
from tests.simulators.world.world import World

PLAN = Plan(
    seed=7, people=400, companies=40, deals=60, tasks=50, notes=9, calls=9, emails=9, meetings=9
)
MAX_DEAL_NAME = 120
MAX_PHONE = 40
MAX_SUBJECT = 255


def made(plan: Plan) -> dict[str, list[Any]]:
    world = World(plan)
    return {
        "people": list(world.people()),
        "companies": list(world.companies()),
        "deals": list(world.deals()),
        **{kind: list(world.activities(kind)) for kind in ACTIVITIES},
    }


def test_the_same_plan_makes_the_same_world() -> None:
    assert made(replace(PLAN, dirty=0.5)) == made(replace(PLAN, dirty=0.5))
    assert made(PLAN) != made(replace(PLAN, seed=8))


def test_a_plan_makes_as_many_as_it_says() -> None:
    assert {kind: len(found) for kind, found in made(PLAN).items()} == {
        kind: PLAN.count(kind) for kind in KINDS
    }
    assert PLAN.total == 586


def test_without_companies_and_dirt_the_people_are_those_of_old_seeds() -> None:
    plan = Plan(seed=11, people=30, email_domain="old.example")
    assert list(World(plan).people()) == people(30, seed=11, email_domain="old.example")


def test_people_work_for_the_company_that_they_name() -> None:
    world, found = World(PLAN), made(PLAN)
    for number, person in enumerate(found["people"]):
        employer = found["companies"][world.company_of(number)]
        assert person.company == employer.name
        assert person.email.endswith(f"@{employer.domain}")


def test_some_companies_are_larger_than_others() -> None:
    world = World(PLAN)
    staff = sorted(world.company_of(number) for number in range(PLAN.people))
    sizes = sorted(len(list(group)) for _, group in itertools.groupby(staff))
    assert sizes[-1] > 5 * sizes[0]


def test_an_email_domain_that_is_given_is_everybodys() -> None:
    found = World(replace(PLAN, email_domain="one.example")).people()
    assert all(one.email.endswith("@one.example") for one in found)


def test_a_deal_is_of_the_company_of_its_person() -> None:
    world = World(PLAN)
    for deal, buyer, person in world.deals():
        assert buyer is not None
        assert person is not None
        assert world.company_of(person) == buyer
        assert deal.name.startswith(company(PLAN.seed, buyer).name)
        assert len(deal.name) <= MAX_DEAL_NAME


def test_activities_are_about_people_and_sometimes_deals() -> None:
    found = list(World(PLAN).activities("tasks"))
    assert all(person is not None and person < PLAN.people for _, person, _ in found)
    assert 0 < sum(deal is not None for _, _, deal in found) < len(found)
    assert all(len(one.subject) <= MAX_SUBJECT for one, _, _ in found)


def test_addresses_and_domains_are_used_once() -> None:
    found = made(replace(PLAN, people=3_000, companies=500, dirty=0.9))
    emails = [one.email.lower() for one in found["people"] if one.email]
    assert len(set(emails)) == len(emails)
    assert len({one.domain for one in found["companies"]}) == 500


def test_dirt_hits_its_share_and_every_kind_of_it_occurs() -> None:
    clean = made(replace(PLAN, people=2_000))["people"]
    dirty = made(replace(PLAN, people=2_000, dirty=0.2))["people"]
    soiled = [one for one, other in zip(dirty, clean, strict=True) if one != other]
    assert 250 < len(soiled) < 450
    assert len(SOILS) == 10
    assert any(one.last_name.isupper() for one in soiled)
    assert any(one.email.isupper() for one in soiled)
    assert any(one.last_name.startswith("\t") for one in soiled)
    assert any(not one.phone for one in soiled)
    assert any(not one.email for one in soiled)
    assert any(not any(sign.isdigit() for sign in one.phone) for one in soiled if one.phone)
    assert any("31.02.2024" in one.remark for one in soiled)
    assert any("🚀" in one.last_name for one in soiled)
    assert any("\u200f" in one.last_name for one in soiled)
    assert any("<script>" in one.last_name for one in soiled)
    assert any(len(one.last_name) == LONG_LAST for one in soiled)


def test_dirt_stays_within_what_both_crms_take() -> None:
    found = made(replace(PLAN, people=2_000, companies=400, dirty=1.0))
    for one in found["people"]:
        assert one.last_name.strip()
        assert len(one.last_name.strip()) <= LONG_LAST
        assert len(one.first_name.strip()) <= LONG_FIRST
        assert len(one.title) <= LONG_TITLE
        assert len(one.phone) <= MAX_PHONE
    for firm in found["companies"]:
        assert firm.name.strip()
        assert len(firm.name.strip()) <= LONG_NAME


def test_every_culture_has_trades() -> None:
    assert set(TRADES) == {culture.country for culture in CULTURES}


def test_an_order_says_what_a_plan_is() -> None:
    order = {"people": "5", "seed": 3, "companies": 2, "dirty": 0.5, "email_domain": "a.example"}
    plan = Plan(seed=3, people=5, companies=2, dirty=0.5, email_domain="a.example")
    assert parse_plan(order, people=100, seed=1) == plan
    assert parse_plan({}, people=100, seed=1) == Plan(seed=1, people=100)
    assert parse_plan({"people": 2, "duplicates": 9}, people=0, seed=1).total == 4


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ({"people": -1}, "people is -1"),
        ({"deals": -2}, "deals is -2"),
        ({"duplicates": -1}, "duplicates is -1"),
        ({"dirty": 1.1}, "dirty is 1.1"),
        ({"dirty": -0.1}, "dirty is -0.1"),
        ({"people": MAX_RECORDS, "tasks": 1}, "1000001 records are too many"),
        ({"people": "many"}, "invalid literal"),
    ],
)
def test_an_order_that_cannot_be_is_refused(order: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_plan(order, people=0, seed=1)
