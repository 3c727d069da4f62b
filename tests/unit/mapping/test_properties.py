"""Names, clashes, the recycle bin and the limit of the properties that are made."""

from dataclasses import replace

from services.mapping.domain.model import HubSpotField, Option
from services.mapping.domain.properties import Action, Planned, Source, plan
from tests.unit.mapping.catalogues import hubspot, salesforce

SCORE = Source("Contact", salesforce("Score__c", "double"))


def known(*fields: HubSpotField) -> dict[str, HubSpotField]:
    return {field.name: field for field in fields}


def one(*sources: Source, there: dict[str, HubSpotField] | None = None) -> Planned:
    (planned,) = plan(sources, there or {})
    return planned


def made(planned: Planned) -> HubSpotField:
    assert planned.new is not None
    new = planned.new
    return HubSpotField(new.name, new.label, new.type, new.field_type, options=new.options)


def test_a_property_is_named_after_its_field() -> None:
    planned = one(SCORE)
    assert planned.new is not None
    assert (planned.action, planned.name) == (Action.CREATE, "salesforce_score__c")
    assert (planned.new.label, planned.new.type, planned.new.field_type) == (
        "Score__c",
        "number",
        "number",
    )
    assert planned.new.description == "Made by Causeway for Salesforce's Score__c."


def test_a_standard_and_a_custom_field_of_one_name_have_two_properties() -> None:
    found = plan([SCORE, Source("Contact", salesforce("Score", "double"))], {})
    assert [item.name for item in found] == ["salesforce_score__c", "salesforce_score"]


def test_one_property_serves_contact_and_lead() -> None:
    red, blue = Option("r", "Red"), Option("b", "Blue")
    contact = replace(salesforce("Colour__c", "picklist"), options=(red,))
    lead = replace(salesforce("Colour__c", "picklist"), options=(blue,))
    planned = one(Source("Contact", contact), Source("Lead", lead))
    assert planned.salesforce_objects == ("Contact", "Lead")
    assert planned.new is not None
    assert planned.new.options == (red, blue)


def test_two_types_on_two_objects_are_two_properties() -> None:
    found = plan([SCORE, Source("Lead", salesforce("Score__c", "string"))], {})
    assert [(item.name, item.action) for item in found] == [
        ("salesforce_score__c", Action.CREATE),
        ("salesforce_lead_score__c", Action.CREATE),
    ]
    assert "taken by another field" in found[1].reason


def test_a_repeat_makes_nothing() -> None:
    sources = [SCORE, Source("Lead", salesforce("Score__c", "string"))]
    first = plan(sources, {})
    again = plan(sources, known(*(made(item) for item in first)))
    assert [item.action for item in again] == [Action.EXISTS] * 2
    assert [item.name for item in again] == [item.name for item in first]


def test_a_property_of_another_type_is_left_alone() -> None:
    planned = one(SCORE, there=known(hubspot("salesforce_score__c", "string", "text")))
    assert planned.name == "salesforce_contact_score__c"
    assert planned.reason == (
        "salesforce_score__c is there already as (string, text), which does not fit"
    )


def test_a_read_only_property_is_no_place_to_write() -> None:
    there = hubspot("salesforce_score__c", "number", "number", read_only=True)
    assert one(SCORE, there=known(there)).action is Action.CREATE


def test_an_archived_property_of_its_type_comes_back() -> None:
    there = replace(hubspot("salesforce_score__c", "number", "number"), archived=True)
    planned = one(SCORE, there=known(there))
    assert (planned.action, planned.name) == (Action.RESTORE, "salesforce_score__c")
    assert planned.new is not None


def test_an_archived_property_of_another_type_stays_in_the_bin() -> None:
    there = replace(hubspot("salesforce_score__c", "string", "text"), archived=True)
    planned = one(SCORE, there=known(there))
    assert (planned.action, planned.name) == (Action.CREATE, "salesforce_contact_score__c")
    assert "recycle bin" in planned.reason


def test_a_list_that_lacks_values_says_how_many() -> None:
    field = replace(
        salesforce("Colour__c", "picklist"), options=(Option("r", "Red"), Option("b", "Blue"))
    )
    there = replace(
        hubspot("salesforce_colour__c", "enumeration", "select"), options=(Option("r", "Red"),)
    )
    planned = one(Source("Contact", field), there=known(there))
    assert (planned.action, planned.reason) == (Action.EXISTS, "it lacks 1 of the values")


def test_nothing_is_made_beyond_the_limit_of_a_portal() -> None:
    there = known(*(hubspot(f"mine_{n}") for n in range(999)))
    there["email"] = replace(hubspot("email"), hubspot_defined=True)
    there["old"] = replace(hubspot("old"), archived=True)
    found = plan([SCORE, Source("Contact", salesforce("Other__c"))], there)
    assert [item.action for item in found] == [Action.CREATE, Action.REFUSED]
    assert found[1].reason.startswith("HubSpot allows 1000 custom properties of an object, and 999")


def test_when_every_name_is_taken_it_says_so() -> None:
    names = ["salesforce_score__c", "salesforce_contact_score__c"]
    names += [f"salesforce_score__c_{n}" for n in range(2, 11)]
    planned = one(SCORE, there=known(*(hubspot(name) for name in names)))
    assert (planned.action, planned.new) == (Action.REFUSED, None)
    assert planned.reason.startswith("Every name is taken: salesforce_score__c is there already")


def test_what_cannot_be_a_property_is_refused() -> None:
    planned = one(Source("Contact", salesforce("Where__c", "location")))
    assert (planned.action, planned.name) == (Action.REFUSED, "")
    assert "latitude" in planned.reason


def test_a_field_that_is_asked_for_twice_is_one() -> None:
    assert one(SCORE, SCORE).salesforce_objects == ("Contact",)
