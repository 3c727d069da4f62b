"""Problems of contacts, companies, deals, deletions and lists."""

from dataclasses import replace

import pytest

from services.mapping.domain.choices import (
    Activities,
    Choices,
    Companies,
    ContactDeletions,
    Contacts,
    Deals,
    Deletions,
    InclusionList,
    PipelinePair,
    StagePair,
)
from services.mapping.domain.lists import HubSpotList
from services.mapping.domain.model import Wanted
from services.mapping.domain.review import Facts
from shared.kernel.records import ObjectType
from tests.unit.mapping.review.samples import full, problems, told

ACTIVE = HubSpotList("7", "Customers", ObjectType.CONTACT, "DYNAMIC", 40)
LISTED = Contacts(inclusion_list=InclusionList("7", "Customers"), inclusion_limits_salesforce=True)
NAME = Wanted("name", "Name", salesforce_objects=("Account",), object_type=ObjectType.COMPANY)
DEAL_NAME = Wanted(
    "dealname", "Name", salesforce_objects=("Opportunity",), object_type=ObjectType.DEAL
)
STAGES = (StagePair("open", "New"), StagePair("closedwon", "Closed Won"))
SALES = PipelinePair("default", "", stages=STAGES)


def codes(choices: Choices, facts: Facts | None = None) -> list[str]:
    """What is found, but for choices that nobody acts on yet."""
    return [p.code for p in problems(choices, facts=facts) if p.code != "not-acted-on-yet"]


def test_leads_come_with_the_warning_about_companies() -> None:
    choices = Choices(contacts=Contacts(create_in_salesforce="lead"))
    assert told(problems(choices)) == [
        ("leads-and-companies", "warning", "contacts.create_in_salesforce")
    ]


def test_a_shared_org_with_automatic_creation() -> None:
    facts = Facts(sharing=2)
    assert codes(Choices(), facts) == ["org-is-shared"]
    assert "2 more HubSpot account(s)" in problems(Choices(), facts=facts)[0].what
    assert codes(Choices(contacts=Contacts(create_in_hubspot=False)), facts) == []


def test_a_list_that_does_not_hold_for_salesforce_leaks() -> None:
    leaking = Choices(contacts=replace(LISTED, inclusion_limits_salesforce=False))
    assert codes(leaking) == ["list-does-not-limit-salesforce"]
    assert codes(Choices(contacts=LISTED)) == []
    nobody = replace(LISTED, inclusion_limits_salesforce=False, create_in_hubspot=False)
    assert codes(Choices(contacts=nobody)) == []


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ACTIVE, []),
        (None, ["list-not-usable"]),
        (replace(ACTIVE, processing="MANUAL"), ["list-not-usable"]),
        (replace(ACTIVE, processing="SNAPSHOT"), ["list-not-usable"]),
        (replace(ACTIVE, object_type=ObjectType.COMPANY), ["list-not-usable"]),
        (replace(ACTIVE, object_type=None), ["list-not-usable"]),
    ],
)
def test_only_an_active_list_of_contacts_will_do(
    found: HubSpotList | None, expected: list[str]
) -> None:
    facts = Facts(lists={"7": found})
    assert codes(Choices(contacts=LISTED), facts) == expected


def test_a_list_that_was_not_looked_up_is_no_error() -> None:
    assert codes(Choices(contacts=LISTED), Facts()) == []


def test_a_list_of_companies_matters_when_they_are_on() -> None:
    companies = Companies(inclusion_list=InclusionList("7"))
    facts = Facts(lists={"7": ACTIVE})
    assert codes(Choices(companies=companies), facts) == []
    on = Choices(companies=replace(companies, enabled=True), wanted=(NAME,))
    assert codes(on, facts) == ["list-not-usable"]


def test_deals_before_companies() -> None:
    deals = Deals(enabled=True, pipelines=(SALES,), deletions=Deletions())
    choices = Choices(deals=deals, wanted=(DEAL_NAME,))
    assert codes(choices) == ["deals-without-companies"]
    both = replace(choices, companies=Companies(enabled=True), wanted=(DEAL_NAME, NAME))
    assert codes(both) == []


@pytest.mark.parametrize(
    ("choices", "parts"),
    [
        (Choices(contacts=Contacts(deletions=ContactDeletions(salesforce_lead="delete"))), 1),
        (Choices(contacts=Contacts(deletions=ContactDeletions(hubspot="delete"))), 1),
        (Choices(activities=Activities(deletions=Deletions(salesforce="delete"))), 1),
        (Choices(companies=Companies(deletions=Deletions(salesforce="delete"))), 0),
        (Choices(deals=Deals(deletions=Deletions(salesforce="delete"))), 0),
    ],
)
def test_deletions_that_cross_over_of_what_is_on(choices: Choices, parts: int) -> None:
    assert codes(choices) == ["deletions-cross-over"] * parts


def test_what_nobody_acts_on_yet_is_said() -> None:
    companies = Companies(enabled=True, deletions=Deletions(hubspot="delete"))
    choices = Choices(contacts=LISTED, companies=companies, deals=Deals(enabled=True))
    found = [p.where for p in problems(choices) if p.code == "not-acted-on-yet"]
    assert found == ["contacts.inclusion_list", "companies.deletions", "deals.enabled"]


def test_companies_that_are_on_are_acted_on() -> None:
    choices = Choices(companies=Companies(enabled=True))
    assert "not-acted-on-yet" not in codes(choices)


def deals(*pairs: PipelinePair) -> Choices:
    return Choices(
        companies=Companies(enabled=True),
        deals=Deals(enabled=True, pipelines=pairs, deletions=Deletions()),
        wanted=(NAME, DEAL_NAME),
    )


def test_a_whole_table_of_pipelines() -> None:
    assert codes(deals(SALES)) == []


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ((), [("pipeline-table", "error", "deals.pipelines")]),
        ((replace(SALES, sync=False),), [("pipeline-table", "error", "deals.pipelines")]),
        (
            (replace(SALES, hubspot="gone"),),
            [
                ("pipeline-table", "error", "deals.pipelines[0].hubspot"),
            ],
        ),
        (
            (replace(SALES, salesforce="012X"),),
            [("pipeline-table", "error", "deals.pipelines[0].salesforce")],
        ),
        (
            (replace(SALES, stages=(*STAGES, StagePair("gone", "New"))),),
            [("pipeline-table", "error", "deals.pipelines[0].stages")],
        ),
        (
            (replace(SALES, stages=STAGES[:1]),),
            [
                ("stage-without-partner", "warning", "deals.pipelines[0].stages"),
                ("stage-without-partner", "warning", "deals.pipelines[0].stages"),
            ],
        ),
        (
            (SALES, SALES),
            [
                ("pipeline-table", "error", "deals.pipelines[1].hubspot"),
                ("pipeline-table", "error", "deals.pipelines[1].salesforce"),
            ],
        ),
    ],
)
def test_a_table_of_pipelines_that_does_not_fit(
    pairs: tuple[PipelinePair, ...], expected: list[tuple[str, str, str]]
) -> None:
    found = [one for one in told(problems(deals(*pairs))) if one[0] != "not-acted-on-yet"]
    assert found == expected


def test_pipelines_that_were_never_read_are_not_judged() -> None:
    catalogue = replace(full(), pipelines=(), record_types=())
    choices = deals(replace(SALES, hubspot="any", salesforce="012X"))
    found = [p.code for p in problems(choices, catalogue) if p.code != "not-acted-on-yet"]
    assert found == []
