"""What becomes of a unit."""

from dataclasses import replace

import pytest

from services.contact_sync.domain.model import Mapping, Policy, Rule
from services.contact_sync.domain.outcome import (
    WRITE_WAR_THRESHOLD,
    Nothing,
    Park,
    Sync,
    Unlink,
    judge,
    with_times,
)
from services.contact_sync.domain.pairing import Unit
from services.contact_sync.domain.plan import Context, Pair
from services.contact_sync.domain.world import Claim
from shared.kernel.records import Side
from tests.unit.contact_sync.people import LEAD, NOW, context, left, link, right

CLAIM = Claim(Side.HUBSPOT, "1")
NAMES = (Mapping("email", "Email"), Mapping("firstname", "FirstName"))
LAST_NAME = Mapping("lastname", "LastName")
COMPANY = Mapping("company", "Company", salesforce_objects=("Lead",))


def unit(pair: Pair, *, taken: bool = False) -> Unit:
    return Unit((CLAIM,), pair, taken=taken)


def made(pair: Pair, *mappings: Mapping, policy: Policy | None = None) -> Sync:
    outcome = judge(unit(pair), context(*mappings), policy or Policy())
    assert isinstance(outcome, Sync)
    return outcome


def parked(pair: Pair, *, taken: bool = False) -> str:
    outcome = judge(unit(pair, taken=taken), context(*NAMES), Policy())
    assert isinstance(outcome, Park)
    return outcome.code


def test_nobody_is_nothing() -> None:
    assert isinstance(judge(unit(Pair(None, None)), context(), Policy()), Nothing)


def test_a_pair_is_synced_and_nothing_is_created() -> None:
    assert made(Pair(left("1", "a@x.test"), right()), *NAMES).create is None


def test_a_lead_is_synced_with_the_mappings_of_leads() -> None:
    sync = made(Pair(left("1", company="E"), right(LEAD, LastName="L")), COMPANY)
    assert sync.object_name == "Lead"
    assert sync.plan.wire(Side.SALESFORCE) == {"Company": "E"}


@pytest.mark.parametrize("pair", [Pair(left("1"), None), Pair(None, right())])
def test_without_an_address_nobody_is_created(pair: Pair) -> None:
    assert parked(pair) == "no_email"


@pytest.mark.parametrize(
    ("pair", "policy"),
    [
        (Pair(left("1", "a@x.test"), None), Policy(create_in_salesforce="nothing")),
        (Pair(None, right(email="a@x.test")), Policy(create_in_hubspot=False)),
    ],
)
def test_creation_that_is_switched_off_leaves_nothing_to_do(pair: Pair, policy: Policy) -> None:
    assert isinstance(judge(unit(pair), context(*NAMES), policy), Nothing)


def test_a_hubspot_contact_is_created_from_salesforce() -> None:
    sync = made(Pair(None, right(email="A@x.test", FirstName="Ada")), *NAMES)
    assert sync.create is Side.HUBSPOT
    assert sync.plan.wire(Side.HUBSPOT) == {"email": "A@x.test", "firstname": "Ada"}


@pytest.mark.parametrize(
    ("values", "last_name"),
    [
        ({"firstname": "Ada"}, "Ada"),
        ({"firstname": "  "}, "ada.l"),
        ({}, "ada.l"),
        ({"lastname": "Lovelace", "firstname": "Ada"}, "Lovelace"),
    ],
)
def test_the_last_name_that_salesforce_requires_is_filled(
    values: dict[str, str], last_name: str
) -> None:
    sync = made(Pair(left("1", "ada.l@x.test", **values), None), *NAMES)
    assert sync.create is Side.SALESFORCE
    assert sync.plan.wire(Side.SALESFORCE)["LastName"] == last_name
    (required,) = (w for w in sync.plan.writes if w.field == "LastName")
    assert required.rule == "required"


def test_what_was_filled_is_carried_back_where_the_mapping_says_so() -> None:
    policy = Policy(create_in_salesforce="lead")
    sync = made(Pair(left("1", "a@x.test"), None), *NAMES, LAST_NAME, COMPANY, policy=policy)

    assert sync.object_name == "Lead"
    assert sync.plan.wire(Side.SALESFORCE) == {
        "Email": "a@x.test",
        "LastName": "a",
        "Company": "[not provided]",
    }
    assert sync.plan.wire(Side.HUBSPOT) == {"lastname": "a", "company": "[not provided]"}
    assert sync.plan.base["lastname"] == "a"


def test_what_was_filled_stays_on_its_side_where_hubspot_always_wins() -> None:
    hubspot_wins = replace(LAST_NAME, rule=Rule.ALWAYS_HUBSPOT)
    sync = made(Pair(left("1", "a@x.test"), None), *NAMES, hubspot_wins)
    assert sync.plan.wire(Side.HUBSPOT) == {}


def test_a_last_name_is_not_lost_where_salesforce_always_wins() -> None:
    always = replace(LAST_NAME, rule=Rule.ALWAYS_SALESFORCE)
    sync = made(Pair(left("1", "a@x.test", lastname="L", firstname="A"), None), *NAMES, always)

    assert sync.plan.wire(Side.SALESFORCE)["LastName"] == "L"
    assert "lastname" not in sync.plan.wire(Side.HUBSPOT)
    fields = [(w.side, w.field) for w in sync.plan.writes]
    assert len(fields) == len(set(fields))


def test_a_given_last_name_and_company_are_not_filled() -> None:
    person = left("1", "a@x.test", lastname="L", company="E")
    policy = Policy(create_in_salesforce="lead")
    sync = made(Pair(person, None), *NAMES, LAST_NAME, COMPANY, policy=policy)
    assert {w.rule for w in sync.plan.writes} == {"prefer_salesforce_unless_blank"}


@pytest.mark.parametrize(
    ("pair", "why"),
    [
        (Pair(None, right(), link()), "the HubSpot contact was deleted"),
        (Pair(left("1"), None, link()), "the Salesforce record was deleted"),
        (Pair(None, None, link()), "the HubSpot contact was deleted"),
    ],
)
def test_a_link_that_lost_a_half_ends(pair: Pair, why: str) -> None:
    outcome = judge(unit(pair), context(*NAMES), Policy())
    assert outcome == Unlink(unit(pair), why)


def test_duplicates_are_shown() -> None:
    assert parked(Pair(None, right(email="a@x.test")), taken=True) == "duplicate_person"
    assert parked(Pair(left("1"), right(), link()), taken=True) == "duplicate_person"
    assert parked(Pair(None, None), taken=True) == "duplicate_person"


def test_a_field_that_is_fought_over_holds_the_record() -> None:
    def pair(times: int) -> Pair:
        return Pair(left("1"), right(), replace(link(), near_misses={"hubspot:firstname": times}))

    assert made(pair(WRITE_WAR_THRESHOLD - 1), *NAMES).create is None
    assert parked(pair(WRITE_WAR_THRESHOLD)) == "write_war"


def test_times_that_were_asked_for_decide_and_one_that_is_missing_does_not() -> None:
    told: Context = context(Mapping("p", "F", Rule.TWO_WAY), review=True)
    pair = Pair(left("1", p="b"), right(F="c"), link(base={"p": "a"}))
    first = judge(unit(pair), told, Policy())
    assert isinstance(first, Sync)
    assert first.plan.needs_times == ("p",)

    assert with_times(first, {"p": NOW}, told).plan.wire(Side.HUBSPOT) == {"p": "c"}
    unknown = with_times(first, {}, told).plan
    assert [t.code for t in unknown.troubles] == ["needs_review"]
