"""Which property is suggested for a Salesforce field that has no mapping."""

from dataclasses import replace

import pytest

from services.mapping.domain.model import (
    Catalogue,
    HubSpotField,
    Rule,
    SalesforceField,
    Wanted,
)
from services.mapping.domain.properties import Action
from services.mapping.domain.similar import score, words_of
from services.mapping.domain.suggestions import Suggestion, suggest
from services.mapping.domain.validate import validate
from shared.kernel.records import ObjectType
from tests.unit.mapping.catalogues import hubspot, ordinary, salesforce

ACCOUNT = ObjectType.COMPANY


def catalogue(there: list[HubSpotField], fields: list[SalesforceField]) -> Catalogue:
    return Catalogue(
        {ACCOUNT: {one.name: one for one in there}}, {"Account": {one.name: one for one in fields}}
    )


def found(
    there: list[HubSpotField], fields: list[SalesforceField], *wanted: Wanted
) -> list[Suggestion]:
    both = catalogue(there, fields)
    return list(suggest(both, ACCOUNT, wanted, both.hubspot[ACCOUNT]))


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("AnnualRevenue", "annualrevenue", 1.0),
        ("Annual Revenue (USD)", "annual_revenue", 2 / 3),
        ("First Name", "Last Name", 1 / 3),
        ("Job_Title__c", "jobtitle", 1.0),
        ("Name", "Mean", 0.0),
        ("__c", "anything", 0.0),
        ("الاسم الأول", "الاسم الأول", 1.0),
    ],
)
def test_likeness(one: str, other: str, expected: float) -> None:
    assert score((words_of(one),), (words_of(other),)) == pytest.approx(expected)


def test_a_property_of_the_same_words_is_suggested() -> None:
    (one,) = found([hubspot("job_title")], [salesforce("JobTitle__c")])
    assert (one.existing, one.alike, one.rule) == (
        "job_title",
        1.0,
        Rule.PREFER_SALESFORCE_UNLESS_BLANK,
    )
    assert one.wanted(ACCOUNT) == Wanted(
        "job_title", "JobTitle__c", one.rule, ("Account",), ACCOUNT
    )


def test_a_property_of_another_type_is_not() -> None:
    (one,) = found([hubspot("job_title", "number", "number")], [salesforce("JobTitle__c")])
    assert one.existing == ""
    assert one.planned is not None
    assert (one.planned.action, one.planned.name) == (Action.CREATE, "salesforce_jobtitle__c")


def test_the_label_counts_as_well() -> None:
    there = replace(hubspot("x1"), label="Job title")
    (one,) = found([there], [salesforce("JobTitle__c")])
    assert one.existing == "x1"


def test_no_property_is_suggested_twice() -> None:
    fields = [salesforce("Main_Phone_Number__c", "phone"), salesforce("Phone", "phone")]
    one, other = found([hubspot("phone", "string", "phonenumber")], fields)
    assert (one.existing, other.existing) == ("", "phone")


def test_what_is_mapped_is_left_out() -> None:
    mapped = Wanted("phone", "Phone", salesforce_objects=("Account",), object_type=ACCOUNT)
    there = [hubspot("phone", "string", "phonenumber")]
    assert found(there, [salesforce("Phone", "phone")], mapped) == []
    (one,) = found(there, [salesforce("Phone__c", "phone"), salesforce("Phone", "phone")], mapped)
    assert (one.field, one.existing) == ("Phone__c", "")


def test_what_the_system_keeps_and_what_is_ours_is_left_out() -> None:
    fields = [
        salesforce("Id", "id"),
        salesforce("SystemModstamp", "datetime"),
        salesforce("Causeway_Key__c"),
        salesforce("Name", writable=False),
    ]
    assert found([], fields) == []
    assert [one.field for one in found([], [salesforce("Name")])] == ["Name"]


def test_a_formula_only_feeds_hubspot() -> None:
    (one,) = found([], [salesforce("Score__c", "double", writable=False)])
    assert one.rule is Rule.ALWAYS_SALESFORCE


def test_what_can_be_no_property_says_why_and_asks_for_nothing() -> None:
    (one,) = found([], [salesforce("Where__c", "location")])
    assert one.planned is not None
    assert "latitude" in one.planned.reason
    assert one.wanted(ACCOUNT) is None


def test_a_property_that_serves_another_field_is_not_taken_again() -> None:
    serving = Wanted(
        "salesforce_a__c", "B__c", salesforce_objects=("Account",), object_type=ACCOUNT
    )
    (one,) = found([hubspot("salesforce_a__c")], [salesforce("A__c")], serving)
    assert one.planned is not None
    assert one.planned.name == "salesforce_account_a__c"


def test_contact_and_lead_share_a_suggestion() -> None:
    both = ordinary()
    suggested = suggest(both, ObjectType.CONTACT, [], both.hubspot[ObjectType.CONTACT])
    email = next(one for one in suggested if one.field == "Email")
    assert (email.existing, email.salesforce_objects) == ("email", ("Contact", "Lead"))


def test_all_suggestions_together_are_valid_mappings() -> None:
    both = ordinary()
    known = both.hubspot[ObjectType.CONTACT]
    suggested = suggest(both, ObjectType.CONTACT, [], known)
    made = {
        one.planned.new.name: one.planned.new
        for one in suggested
        if one.planned is not None and one.planned.new is not None
    }
    properties = {
        **known,
        **{
            new.name: HubSpotField(
                new.name, new.label, new.type, new.field_type, options=new.options
            )
            for new in made.values()
        },
    }
    after = replace(both, hubspot={ObjectType.CONTACT: properties})
    wanted = [one.wanted(ObjectType.CONTACT) for one in suggested]
    _, problems = validate([one for one in wanted if one is not None], after)
    assert problems == ()


def test_the_owner_is_suggested_and_nothing_that_would_be_converted() -> None:
    owner = salesforce("OwnerId", "reference", references=("User",))
    there = [hubspot("hubspot_owner_id", "enumeration", "select"), hubspot("is_vip")]
    one, other = found(there, [owner, salesforce("Is_VIP__c", "boolean")])
    assert one.existing == "hubspot_owner_id"
    assert (other.existing, other.planned is not None) == ("", True)
