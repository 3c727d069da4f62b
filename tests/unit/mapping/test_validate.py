import pytest

from services.mapping.domain.model import Catalogue, Kind, Rule, Wanted
from services.mapping.domain.recommend import recommend
from services.mapping.domain.validate import validate
from shared.kernel.records import ObjectType
from tests.unit.mapping.catalogues import hubspot, ordinary, salesforce


def problems(*wanted: Wanted, catalogue: Catalogue | None = None) -> list[tuple[str, str]]:
    found = validate(wanted, catalogue or ordinary())[1]
    return [(problem.field, problem.message) for problem in found]


def test_completes_a_mapping_from_the_catalogues() -> None:
    mappings, wrong = validate([Wanted("lastname", "LastName")], ordinary())
    assert wrong == ()
    assert mappings[0].kind is Kind.TEXT
    assert mappings[0].max_length == 80
    assert mappings[0].hubspot_writable
    assert mappings[0].salesforce_writable


def test_what_is_recommended_is_valid() -> None:
    found = recommend(ordinary()).mappings
    mappings, wrong = validate([mapping.wanted for mapping in found], ordinary())
    assert wrong == ()
    assert mappings == found


def test_unknown_property() -> None:
    [(field, message)] = problems(Wanted("nope", "Email"))
    assert field == "mappings[0].hubspot_property"
    assert message.startswith("HubSpot has no contact property nope.")


def test_unknown_field_names_the_object() -> None:
    [(field, message)] = problems(Wanted("company", "Company"))
    assert field == "mappings[0].salesforce_field"
    assert "no field Company on Contact" in message


@pytest.mark.parametrize(
    ("objects", "start"),
    [
        ((), "Name at least one"),
        (("Lead", "Lead"), "Name each object once"),
        (("Account",), "Account is no object of a contact"),
    ],
)
def test_wrong_objects(objects: tuple[str, ...], start: str) -> None:
    wanted = Wanted("email", "Email", salesforce_objects=objects)
    field, message = problems(wanted)[0]
    assert field == "mappings[0].salesforce_objects"
    assert message.startswith(start)


def test_a_type_clash_says_what_fits() -> None:
    wanted = Wanted("numemployees", "Company", salesforce_objects=("Lead",))
    [(field, message)] = problems(wanted)
    assert field == "mappings[0].salesforce_field"
    assert message == (
        "HubSpot's numemployees (number, number) cannot be joined to Salesforce's Company "
        "(string); it fits currency, double, int, long, percent. Pick another field for Lead."
    )


def test_different_types_on_two_objects_need_two_mappings() -> None:
    catalogue = Catalogue(
        {ObjectType.CONTACT: {"x": hubspot("x")}},
        {"Contact": {"X__c": salesforce("X__c")}, "Lead": {"X__c": salesforce("X__c", "email")}},
    )
    [(field, message)] = problems(Wanted("x", "X__c"), catalogue=catalogue)
    assert field == "mappings[0].salesforce_objects"
    assert "different types on Contact and Lead" in message


def test_one_property_may_have_two_fields_on_different_objects() -> None:
    assert not problems(
        Wanted("address", "MailingStreet", salesforce_objects=("Contact",)),
        Wanted("address", "Street", salesforce_objects=("Lead",)),
    )


def test_one_property_may_not_have_two_fields_on_one_object() -> None:
    [(field, message)] = problems(
        Wanted("firstname", "FirstName"),
        Wanted("firstname", "LastName", salesforce_objects=("Lead",)),
    )
    assert field == "mappings[1].hubspot_property"
    assert "firstname is mapped for Lead already, in mappings[0]" in message


def test_one_field_may_not_have_two_properties() -> None:
    found = problems(Wanted("firstname", "LastName"), Wanted("lastname", "LastName"))
    assert [field for field, _ in found] == ["mappings[1].salesforce_field"] * 2


@pytest.mark.parametrize(
    ("rule", "blocked"),
    [
        (Rule.PREFER_SALESFORCE_UNLESS_BLANK, False),
        (Rule.ALWAYS_SALESFORCE, False),
        (Rule.DONT_SYNC, False),
        (Rule.TWO_WAY, True),
        (Rule.PREFER_HUBSPOT_UNLESS_BLANK, True),
        (Rule.ALWAYS_HUBSPOT, True),
    ],
)
def test_rules_that_write_a_read_only_salesforce_field(rule: Rule, *, blocked: bool) -> None:
    found = problems(Wanted("numemployees", "Score__c", rule))
    assert [field for field, _ in found] == ["mappings[0].rule"] * blocked


@pytest.mark.parametrize(
    ("rule", "blocked"),
    [
        (Rule.PREFER_SALESFORCE_UNLESS_BLANK, True),
        (Rule.ALWAYS_SALESFORCE, True),
        (Rule.DONT_SYNC, False),
        (Rule.TWO_WAY, True),
        (Rule.PREFER_HUBSPOT_UNLESS_BLANK, False),
        (Rule.ALWAYS_HUBSPOT, False),
    ],
)
def test_rules_that_write_a_read_only_property(rule: Rule, *, blocked: bool) -> None:
    found = problems(Wanted("hs_email_optout", "HasOptedOutOfEmail", rule))
    assert [field for field, _ in found] == ["mappings[0].rule"] * blocked


def test_every_wrong_mapping_is_named() -> None:
    found = problems(Wanted("nope", "Email"), Wanted("email", "Nope"), Wanted("phone", "Phone"))
    assert [field for field, _ in found] == [
        "mappings[0].hubspot_property",
        "mappings[1].salesforce_field",
        "mappings[1].salesforce_field",
    ]
