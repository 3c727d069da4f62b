"""Which property a Salesforce field becomes, type by type, and what it cannot hold."""

from dataclasses import replace

import pytest

from services.mapping.domain.compatibility import kind_of
from services.mapping.domain.model import HubSpotField, Option, SalesforceField
from services.mapping.domain.shapes import (
    MAX_OPTIONS,
    Shape,
    holds,
    label_of,
    merged_options,
    shape_of,
)
from tests.unit.mapping.catalogues import salesforce


def picklist(*options: Option, type_: str = "picklist") -> SalesforceField:
    return replace(salesforce("Colour__c", type_), options=options)


@pytest.mark.parametrize(
    ("salesforce_type", "expected"),
    [
        ("string", ("string", "text")),
        ("email", ("string", "text")),
        ("url", ("string", "text")),
        ("combobox", ("string", "text")),
        ("phone", ("string", "phonenumber")),
        ("textarea", ("string", "textarea")),
        ("double", ("number", "number")),
        ("int", ("number", "number")),
        ("long", ("number", "number")),
        ("currency", ("number", "number")),
        ("percent", ("number", "number")),
        ("date", ("date", "date")),
        ("datetime", ("datetime", "date")),
        ("boolean", ("bool", "booleancheckbox")),
    ],
)
def test_every_ordinary_type_has_a_property_that_can_be_mapped(
    salesforce_type: str, expected: tuple[str, str]
) -> None:
    field = salesforce("X__c", salesforce_type)
    shape = shape_of(field)
    assert isinstance(shape, Shape)
    assert (shape.type, shape.field_type) == expected
    assert kind_of(HubSpotField("x", "X", *expected), field) is not None


def test_a_boolean_has_the_two_values_that_hubspot_wants() -> None:
    shape = shape_of(salesforce("X__c", "boolean"))
    assert isinstance(shape, Shape)
    assert [option.value for option in shape.options] == ["true", "false"]


@pytest.mark.parametrize(
    ("salesforce_type", "said"),
    [
        ("id", "link"),
        ("reference", "associations"),
        ("address", "map its street"),
        ("location", "latitude"),
        ("base64", "file"),
        ("anyType", "any type"),
        ("complexvalue", "structures"),
        ("encryptedstring", "masks"),
        ("time", "time of the day"),
        ("json", "structures"),
        ("datacategorygroupreference", "Knowledge"),
        ("quaternion", "does not know the type quaternion"),
    ],
)
def test_what_cannot_be_held_says_why(salesforce_type: str, said: str) -> None:
    why = shape_of(salesforce("X__c", salesforce_type))
    assert isinstance(why, str)
    assert said in why


@pytest.mark.parametrize(
    ("salesforce_type", "field_type"), [("picklist", "select"), ("multipicklist", "checkbox")]
)
def test_a_picklist_becomes_a_list_with_its_values(salesforce_type: str, field_type: str) -> None:
    red, gone = Option("r", "Red"), Option("g", "Gone", hidden=True)
    shape = shape_of(picklist(red, gone, type_=salesforce_type))
    assert shape == Shape("enumeration", field_type, (red, gone))


def test_labels_that_come_twice_get_their_value_behind_them() -> None:
    options = [Option("a", "Red"), Option("b", "red"), Option("c", ""), Option("d", "\u0000 Red\n")]
    merged = merged_options([tuple(options)], multiple=False)
    assert [one.label for one in merged] == ["Red", "red (b)", "c", "Red (d)"]


def test_lists_of_two_objects_are_joined() -> None:
    contact = (Option("a", "A", hidden=True), Option("b", "B"))
    lead = (Option("c", "C"), Option("a", "A"))
    merged = merged_options([contact, lead], multiple=False)
    assert merged == (Option("a", "A"), Option("b", "B"), Option("c", "C"))


def test_values_that_hubspot_cannot_hold_are_named() -> None:
    shape = shape_of(picklist(Option("a", "A"), Option("x;y", "XY"), type_="multipicklist"))
    assert isinstance(shape, Shape)
    assert [one.value for one in shape.options] == ["a"]
    assert shape.notes == ("HubSpot cannot hold 1 of its values", "left out: 'x;y'")
    single = shape_of(picklist(Option("x;y", "XY")))
    assert isinstance(single, Shape)
    assert single.notes == ()


def test_a_list_without_values_is_not_made() -> None:
    assert "no values" in str(shape_of(picklist()))
    assert "no values" in str(shape_of(picklist(Option(" ", "blank"))))


def test_ten_thousand_values_become_text() -> None:
    many = tuple(Option(f"v{n}", f"V{n}") for n in range(10_000))
    shape = shape_of(picklist(*many))
    assert isinstance(shape, Shape)
    assert (shape.type, shape.field_type, shape.options) == ("string", "text", ())
    assert "10000 values" in shape.notes[0]
    assert "10000 values" in str(shape_of(picklist(*many, type_="multipicklist")))
    assert isinstance(shape_of(picklist(*many[:MAX_OPTIONS])), Shape)


def test_a_list_that_was_not_kept_is_read_again_first() -> None:
    left_out = replace(salesforce("X__c", "picklist"), options_left_out=900)
    assert "read its object again" in str(shape_of(left_out))


def test_a_label_is_readable_and_never_empty() -> None:
    assert label_of(salesforce("X__c")) == "X__c"
    odd = replace(salesforce("X__c"), label=" \u0007\n ")
    assert label_of(odd) == "X__c"
    rtl = replace(salesforce("X__c"), label='شركة "المثال"')
    assert label_of(rtl) == 'شركة "المثال"'


@pytest.mark.parametrize(
    ("there", "wanted", "expected"),
    [
        (("string", "textarea"), ("string", "text"), True),
        (("phone_number", "phonenumber"), ("string", "text"), True),
        (("string", "file"), ("string", "text"), False),
        (("number", "number"), ("string", "text"), False),
        (("enumeration", "radio"), ("enumeration", "select"), True),
        (("enumeration", "checkbox"), ("enumeration", "select"), False),
        (("enumeration", "select"), ("enumeration", "checkbox"), False),
        (("string", "text"), ("enumeration", "select"), True),
        (("string", "text"), ("enumeration", "checkbox"), False),
        (("enumeration", "booleancheckbox"), ("bool", "booleancheckbox"), True),
        (("string", "text"), ("bool", "booleancheckbox"), False),
        (("date", "date"), ("datetime", "date"), False),
        (("number", "number"), ("number", "number"), True),
    ],
)
def test_what_holds_a_field_without_a_conversion(
    there: tuple[str, str], wanted: tuple[str, str], *, expected: bool
) -> None:
    assert holds(HubSpotField("x", "X", *there), *wanted) is expected
