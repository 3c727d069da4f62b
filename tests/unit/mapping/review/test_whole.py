"""Owners, the budget, what could not be looked up, and the words of a review."""

from dataclasses import replace

import pytest

from services.mapping.domain.choices import (
    Choices,
    Companies,
    ContactDeletions,
    Contacts,
    Deals,
    InclusionList,
    OwnerPair,
)
from services.mapping.domain.lists import HubSpotList
from services.mapping.domain.model import Rule, Wanted
from services.mapping.domain.pages import recommended, with_companies, with_deals
from services.mapping.domain.review import Facts, Part, review
from services.mapping.domain.review.budget import import_calls
from services.mapping.domain.review.found import Owners, Sizes
from services.mapping.domain.review.owners import without_counterpart
from shared.kernel.records import ObjectType
from tests.unit.mapping.review.samples import full, problems, told

OWNED = Choices(wanted=(Wanted("hubspot_owner_id", "OwnerId", Rule.TWO_WAY),))
SIZES = Sizes({"contact": 1000, "company": 500}, {"Contact": 900, "Lead": 100, "Account": 1}, 40)


def texts(choices: Choices, part: Part, facts: Facts | None = None) -> list[str]:
    found = review(choices, full(), facts or Facts())
    return [one.text for one in found.statements if one.part is part]


def test_owners_without_a_counterpart_are_only_counted() -> None:
    facts = Facts(owners=Owners(hubspot=3, salesforce=7))
    (found,) = problems(OWNED, facts=facts)
    assert (found.code, found.severity.value) == ("owners-without-counterpart", "warning")
    assert found.what.startswith("3 HubSpot owner(s) ")
    assert problems(Choices(), facts=facts) == ()
    not_synced = Choices(wanted=(replace(OWNED.wanted[0], rule=Rule.DONT_SYNC),))
    assert problems(not_synced, facts=facts) == ()
    assert problems(OWNED, facts=Facts(owners=Owners(0, 7))) == ()


def test_who_has_no_counterpart() -> None:
    here = {"1": "ada@x.example", "2": "bob@x.example", "3": "eve@x.example"}
    there = {"005A": "ada@x.example", "005B": "robert@x.example", "005C": "zoe@x.example"}
    assert without_counterpart(here, there, Choices()) == (2, 2)
    paired = Choices(owners=(OwnerPair("2", "005B"), OwnerPair("3", "005GONE")))
    assert without_counterpart(here, there, paired) == (1, 1)
    assert without_counterpart({}, {}, paired) == (0, 0)


def test_an_owner_is_paired_once() -> None:
    choices = Choices(owners=(OwnerPair("1", "005A"), OwnerPair("1", "005B")))
    assert told(problems(choices)) == [
        ("owner-paired-twice", "error", "owners[1].hubspot_owner_id")
    ]
    shared = Choices(owners=(OwnerPair("1", "005A"), OwnerPair("2", "005A")))
    assert problems(shared) == ()


def test_an_import_costs_five_calls_for_a_hundred_records() -> None:
    assert import_calls(Choices(), Facts(), SIZES) == 100
    assert import_calls(Choices(companies=Companies(enabled=True)), Facts(), SIZES) == 126
    assert import_calls(Choices(), Facts(), Sizes({"contact": 1})) == 1
    assert import_calls(Choices(), Facts(), Sizes()) == 0


def test_only_the_members_of_a_list_are_imported_from_hubspot() -> None:
    listed = Choices(contacts=Contacts(inclusion_list=InclusionList("7")))
    found = HubSpotList("7", "x", ObjectType.CONTACT, "DYNAMIC", 200)
    assert import_calls(listed, Facts(lists={"7": found}), SIZES) == 60
    unknown = replace(found, size=None)
    assert import_calls(listed, Facts(lists={"7": unknown}), SIZES) == 100


@pytest.mark.parametrize(
    ("allowed", "left", "expected"),
    [
        (None, None, []),
        (100, 100, []),
        (99, 100, ["import-exceeds-allowance"]),
        (100, 99, ["import-exceeds-calls-left"]),
        (1, 1, ["import-exceeds-allowance", "import-exceeds-calls-left"]),
    ],
)
def test_an_import_that_does_not_fit_into_a_day(
    allowed: int | None, left: int | None, expected: list[str]
) -> None:
    facts = Facts(sizes=replace(SIZES, salesforce_calls_left=left))
    found = problems(Choices(daily_salesforce_calls=allowed), facts=facts)
    assert [problem.code for problem in found] == expected


def test_what_could_not_be_looked_up_is_a_warning() -> None:
    found = problems(Choices(), facts=Facts(unknown=("owners and users. HubSpot is silent.",)))
    assert told(found) == [("not-looked-up", "warning", "setup")]
    assert "HubSpot is silent" in found[0].what


def test_errors_and_warnings_are_told_apart() -> None:
    choices = Choices(
        contacts=Contacts(create_in_salesforce="lead"), wanted=(Wanted("nope", "Email"),)
    )
    found = review(choices, full(), Facts())
    assert [problem.code for problem in found.errors] == ["mapping-impossible"]
    assert [problem.code for problem in found.warnings] == ["leads-and-companies"]


def test_contacts_in_words() -> None:
    assert texts(Choices(), Part.CONTACTS) == [
        "Contacts that sync: all.",
        "A new HubSpot contact is created in Salesforce as a contact.",
        "A new Salesforce contact or lead is created in HubSpot.",
        "Of two changes that cannot be put in order, Salesforce's wins.",
        "A contact that is deleted in HubSpot stays on the other side.",
        "A contact that is deleted in Salesforce stays on the other side.",
        "A contact that is deleted as a lead in Salesforce stays on the other side.",
    ]
    other = Contacts(
        create_in_hubspot=False,
        create_in_salesforce="nothing",
        undecidable="review",
        inclusion_list=InclusionList("7", "Customers"),
        deletions=ContactDeletions(salesforce="delete"),
    )
    assert texts(Choices(contacts=other), Part.CONTACTS)[:6] == [
        "Contacts that sync: the members of the list Customers.",
        "A new HubSpot contact is not created in Salesforce.",
        "A new Salesforce contact or lead is not created in HubSpot.",
        "Two changes that cannot be put in order wait for a person.",
        "A contact that is deleted in HubSpot stays on the other side.",
        "A contact that is deleted in Salesforce is deleted on the other side too.",
    ]


def test_companies_and_deals_in_words() -> None:
    assert texts(Choices(), Part.COMPANIES) == ["Companies do not sync."]
    on = with_companies(Choices(), Companies(enabled=True), full())
    on = with_deals(on, Deals(enabled=True, create_in_hubspot=False), full())
    assert texts(on, Part.COMPANIES)[0] == (
        "A new company is created as account in Salesforce, and the reverse."
    )
    assert texts(on, Part.DEALS)[:3] == [
        "A new deal is created as opportunity in Salesforce; not the reverse.",
        "Deals of 1 pipeline(s) sync. One that moves to another pipeline stops syncing.",
        "A deal without a close date closes 90 days after it was made.",
    ]
    off = replace(on, companies=Companies())
    assert texts(off, Part.COMPANIES) == [
        "Companies do not sync. 2 mapping(s) are kept for when they are turned on."
    ]


def test_mappings_owners_and_budget_in_words() -> None:
    choices = replace(OWNED, owners=(OwnerPair("1", "005A"),), daily_salesforce_calls=500)
    facts = Facts(sizes=SIZES, creating=("salesforce_region__c",))
    assert texts(choices, Part.MAPPINGS, facts) == [
        "Contacts: 1 field mapping(s).",
        (
            "hubspot_owner_id and Contact.OwnerId, Lead.OwnerId: the latest change wins, on either "
            "side; clearing counts as a change."
        ),
        "Made in HubSpot at the finish: salesforce_region__c.",
    ]
    assert texts(choices, Part.OWNERS) == [
        "Owners are matched by e-mail address, and by 1 pair(s) of yours."
    ]
    assert texts(choices, Part.BUDGET, facts) == [
        "Causeway may use 500 Salesforce calls a day.",
        (
            "An import of all 2000 records takes up to 100 Salesforce calls; the org has 40 left "
            "today."
        ),
    ]


def test_nothing_moves_at_the_finish() -> None:
    (text,) = texts(Choices(), Part.SETUP)
    assert text.startswith("Finishing moves no record.")


def test_what_is_recommended_has_no_problem_in_ordinary_accounts() -> None:
    found = review(recommended(full()), full(), Facts(owners=Owners(0, 0), sizes=Sizes()))
    assert found.problems == ()
    assert "HubSpot events that become finished Salesforce tasks: Form submission." in [
        one.text for one in found.statements
    ]
