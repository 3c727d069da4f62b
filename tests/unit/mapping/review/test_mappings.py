"""Problems of mappings, one rule at a time."""

from dataclasses import replace

import pytest

from services.mapping.domain.choices import Choices, Companies, Contacts
from services.mapping.domain.model import Conversion, Rule, Unread, ValuePair, Wanted
from shared.kernel.records import ObjectType, Side
from tests.unit.mapping.catalogues import hubspot, salesforce
from tests.unit.mapping.review.samples import (
    LAST_NAME,
    dropdown,
    full,
    picklist,
    problems,
    required,
    told,
)

CONTACT = ("Contact",)
REGION = required(salesforce("Region__c"))


def of_region(rule: Rule) -> Choices:
    return Choices(wanted=(Wanted("company", "Region__c", rule, CONTACT),))


def test_nothing_is_wrong_with_what_fits() -> None:
    assert problems(Choices(wanted=(LAST_NAME,))) == ()


def test_an_impossible_mapping_is_an_error_where_it_stands() -> None:
    clash = Wanted("notes", "Score__c", salesforce_objects=CONTACT)
    assert told(problems(Choices(wanted=(LAST_NAME, Wanted("nope", "Email"), clash)))) == [
        ("mapping-impossible", "error", "mappings[1].hubspot_property"),
        ("mapping-impossible", "error", "mappings[2].salesforce_field"),
    ]


def test_a_rule_that_writes_a_read_only_field() -> None:
    choices = Choices(wanted=(Wanted("numemployees", "Score__c", Rule.TWO_WAY),))
    (found,) = problems(choices)
    assert (found.code, found.where) == ("read-only", "mappings[0].rule")


def test_an_impossible_mapping_is_an_error_though_its_object_is_off() -> None:
    wanted = Wanted("nope", "Name", salesforce_objects=("Account",), object_type=ObjectType.COMPANY)
    assert told(problems(Choices(wanted=(wanted,)))) == [
        ("mapping-impossible", "error", "mappings[0].hubspot_property")
    ]


def test_a_required_field_that_nothing_fills_is_an_error() -> None:
    (found,) = problems(Choices(), full(REGION))
    assert (found.code, found.severity, found.where) == (
        "required-field-unmapped",
        "error",
        "Contact.Region__c",
    )
    assert "no Contact without Region__c" in found.what


@pytest.mark.parametrize(
    ("rule", "filled"),
    [
        (Rule.PREFER_SALESFORCE_UNLESS_BLANK, True),
        (Rule.TWO_WAY, True),
        (Rule.PREFER_HUBSPOT_UNLESS_BLANK, True),
        (Rule.ALWAYS_HUBSPOT, True),
        (Rule.ALWAYS_SALESFORCE, False),
        (Rule.DONT_SYNC, False),
    ],
)
def test_only_a_rule_that_writes_salesforce_fills_a_required_field(
    rule: Rule, *, filled: bool
) -> None:
    found = problems(of_region(rule), full(REGION))
    assert ([p.code for p in found] == []) is filled


@pytest.mark.parametrize("creates", ["lead", "nothing"])
def test_a_required_field_of_an_object_that_is_not_created_does_not_matter(creates: str) -> None:
    contacts = Contacts(create_in_salesforce=creates)  # type: ignore[arg-type]
    found = problems(Choices(contacts=contacts), full(REGION))
    assert "required-field-unmapped" not in [p.code for p in found]


def test_what_causeway_fills_itself_needs_no_mapping() -> None:
    catalogue = full(required(salesforce("LastName", length=80)))
    assert problems(Choices(), catalogue) == ()


def test_a_company_needs_its_name_only_when_companies_are_on() -> None:
    assert "Account.Name" in [p.where for p in problems(Choices(companies=Companies(enabled=True)))]
    assert problems(Choices()) == ()


def test_values_without_a_partner_are_counted_for_each_direction() -> None:
    catalogue = full(
        picklist("Level__c", "gold", "silver", "tin", restricted=True),
        properties=(dropdown("level", "gold", "bronze"),),
    )
    choices = Choices(wanted=(Wanted("level", "Level__c", Rule.TWO_WAY, CONTACT),))
    to_hubspot, to_salesforce = problems(choices, catalogue)
    assert to_hubspot.code == to_salesforce.code == "values-without-partner"
    assert "2 value(s) of Salesforce's Level__c" in to_hubspot.what
    assert "silver, tin." in to_hubspot.what
    assert "1 value(s) of HubSpot's level" in to_salesforce.what
    assert "bronze." in to_salesforce.what


@pytest.mark.parametrize(
    ("rule", "sides"),
    [
        (Rule.ALWAYS_SALESFORCE, ["Salesforce"]),
        (Rule.ALWAYS_HUBSPOT, ["HubSpot"]),
        (Rule.PREFER_SALESFORCE_UNLESS_BLANK, ["Salesforce", "HubSpot"]),
        (Rule.DONT_SYNC, []),
    ],
)
def test_only_the_directions_that_a_rule_has_are_looked_at(rule: Rule, sides: list[str]) -> None:
    catalogue = full(
        picklist("Level__c", "gold", restricted=True), properties=(dropdown("level", "tin"),)
    )
    choices = Choices(wanted=(Wanted("level", "Level__c", rule, CONTACT),))
    found = problems(choices, catalogue)
    assert [p.what.split(" of ")[1].partition("'")[0] for p in found] == sides


def test_an_open_picklist_takes_any_value_of_hubspot() -> None:
    catalogue = full(picklist("Level__c", "gold"), properties=(dropdown("level", "gold", "tin"),))
    choices = Choices(wanted=(Wanted("level", "Level__c", Rule.TWO_WAY, CONTACT),))
    assert problems(choices, catalogue) == ()


def test_pairs_and_blanks_are_partners_too() -> None:
    catalogue = full(
        picklist("Level__c", "gold", restricted=True), properties=(dropdown("level", "tin"),)
    )
    paired = Conversion(values=(ValuePair("tin", "gold"),))
    astray = Conversion(values=(ValuePair("tin", "brass"), ValuePair("lead", "gold")))
    wanted = Wanted("level", "Level__c", Rule.TWO_WAY, CONTACT, conversion=astray)
    assert len(problems(Choices(wanted=(wanted,)), catalogue)) == 2
    blank = Conversion(unmapped_values="blank")
    for conversion in (paired, blank):
        wanted = Wanted("level", "Level__c", Rule.TWO_WAY, CONTACT, conversion=conversion)
        assert problems(Choices(wanted=(wanted,)), catalogue) == ()


def test_long_lists_of_values_are_cut() -> None:
    values = [f"v{number}" for number in range(9)]
    catalogue = full(picklist("Level__c", *values), properties=(dropdown("level", "x"),))
    choices = Choices(wanted=(Wanted("level", "Level__c", Rule.ALWAYS_SALESFORCE, CONTACT),))
    (found,) = problems(choices, catalogue)
    assert "9 value(s)" in found.what
    assert "v0, v1, v2, v3, v4, ...." in found.what


def test_a_list_that_was_too_long_to_keep_shows_nothing() -> None:
    kept = picklist("Level__c", "gold", restricted=True)
    long = replace(dropdown("level"), options_left_out=6000)
    choices = Choices(wanted=(Wanted("level", "Level__c", Rule.TWO_WAY, CONTACT),))
    assert problems(choices, full(kept, properties=(long,))) == ()


def test_free_text_into_a_restricted_picklist() -> None:
    catalogue = full(picklist("Level__c", "gold", restricted=True))
    choices = Choices(wanted=(Wanted("company", "Level__c", Rule.TWO_WAY, CONTACT),))
    assert told(problems(choices, catalogue)) == [
        ("free-text-into-choices", "warning", "mappings[0]")
    ]


def test_paragraphs_into_a_short_field() -> None:
    notes = Wanted("notes", "MailingStreet", Rule.TWO_WAY, CONTACT)
    assert told(problems(Choices(wanted=(notes,)))) == [
        ("field-too-short", "warning", "mappings[0]")
    ]
    reading = replace(notes, rule=Rule.ALWAYS_SALESFORCE)
    assert problems(Choices(wanted=(reading,))) == ()
    assert problems(Choices(wanted=(replace(notes, salesforce_field="Description"),))) == ()


def test_a_formula_does_not_trigger() -> None:
    formula = replace(salesforce("Rank__c", "double", length=None, writable=False), calculated=True)
    wanted = Wanted("numemployees", "Rank__c", Rule.ALWAYS_SALESFORCE, CONTACT)
    assert told(problems(Choices(wanted=(wanted,)), full(formula))) == [
        ("formula-does-not-trigger", "warning", "mappings[0]")
    ]


def test_an_object_that_cannot_be_read_matters_when_it_is_on() -> None:
    unread = (
        Unread(Side.HUBSPOT, "company", "the scope is missing"),
        Unread(Side.SALESFORCE, "Opportunity", "no access"),
        Unread(Side.SALESFORCE, "Lead", "no access"),
    )
    catalogue = replace(full(), unread=unread)
    assert [p.where for p in problems(Choices(), catalogue)] == ["salesforce.Lead"]
    companies = Choices(companies=Companies(enabled=True, create_in_salesforce=False))
    found = [p for p in problems(companies, catalogue) if p.code == "object-not-readable"]
    assert [p.where for p in found] == ["hubspot.company", "salesforce.Lead"]


def test_a_property_of_free_text_fits_text() -> None:
    catalogue = full(salesforce("Note__c"), properties=(hubspot("remark"),))
    choices = Choices(wanted=(Wanted("remark", "Note__c", salesforce_objects=CONTACT),))
    assert problems(choices, catalogue) == ()
