from services.mapping.domain.model import Catalogue, Kind, Mapping, Rule
from services.mapping.domain.recommend import recommend
from shared.kernel.records import ObjectType
from tests.unit.mapping.catalogues import hubspot, ordinary, salesforce


def by_fields(catalogue: Catalogue) -> dict[tuple[str, str], Mapping]:
    found = recommend(catalogue).mappings
    return {(m.wanted.hubspot_property, m.wanted.salesforce_field): m for m in found}


def reasons(catalogue: Catalogue) -> dict[str, str]:
    left_out = recommend(catalogue).left_out
    return {
        f"{item.wanted.hubspot_property}-{item.wanted.salesforce_field}": item.why
        for item in left_out
    }


def test_keeps_the_pairs_that_both_sides_have() -> None:
    assert set(by_fields(ordinary())) == {
        ("email", "Email"),
        ("firstname", "FirstName"),
        ("lastname", "LastName"),
        ("phone", "Phone"),
        ("company", "Company"),
        ("numemployees", "NumberOfEmployees"),
        ("address", "MailingStreet"),
        ("address", "Street"),
        ("hubspot_owner_id", "OwnerId"),
        ("hs_email_optout", "HasOptedOutOfEmail"),
    }


def test_one_mapping_serves_both_objects_where_the_name_is_the_same() -> None:
    email = by_fields(ordinary())["email", "Email"]
    assert email.wanted.salesforce_objects == ("Contact", "Lead")
    assert email.wanted.rule is Rule.TWO_WAY
    assert email.kind is Kind.EMAIL
    assert email.max_length == 80


def test_two_mappings_where_the_objects_call_it_differently() -> None:
    found = by_fields(ordinary())
    assert found["address", "MailingStreet"].wanted.salesforce_objects == ("Contact",)
    assert found["address", "Street"].wanted.salesforce_objects == ("Lead",)


def test_the_default_rule_prefers_salesforce() -> None:
    first_name = by_fields(ordinary())["firstname", "FirstName"]
    assert first_name.wanted.rule is Rule.PREFER_SALESFORCE_UNLESS_BLANK
    assert first_name.hubspot_writable
    assert first_name.salesforce_writable


def test_the_owner_goes_both_ways_without_a_length() -> None:
    owner = by_fields(ordinary())["hubspot_owner_id", "OwnerId"]
    assert (owner.kind, owner.wanted.rule, owner.max_length) == (Kind.OWNER, Rule.TWO_WAY, None)


def test_a_read_only_property_only_feeds_salesforce() -> None:
    optout = by_fields(ordinary())["hs_email_optout", "HasOptedOutOfEmail"]
    assert optout.wanted.rule is Rule.ALWAYS_HUBSPOT
    assert not optout.hubspot_writable


def test_says_why_a_default_is_left_out() -> None:
    found = reasons(ordinary())
    assert found["website-Website"] == "HubSpot has no contact property website"
    assert found["annualrevenue-AnnualRevenue"] == (
        "HubSpot's annualrevenue (string, text) cannot be joined to Salesforce's AnnualRevenue "
        "(currency); it fits boolean, combobox, email, multipicklist, phone, picklist, string, "
        "textarea, url"
    )


def test_a_field_that_the_user_cannot_see_on_one_object_serves_the_other() -> None:
    catalogue = Catalogue(
        {ObjectType.CONTACT: {"phone": hubspot("phone", "string", "phonenumber")}},
        {"Contact": {}, "Lead": {"Phone": salesforce("Phone", "phone", length=40)}},
    )
    assert by_fields(catalogue)["phone", "Phone"].wanted.salesforce_objects == ("Lead",)
    assert reasons(catalogue)["email-Email"] == "HubSpot has no contact property email"


def test_a_pair_that_nobody_may_write_is_left_out() -> None:
    locked = salesforce("Title", writable=False)
    catalogue = Catalogue(
        {ObjectType.CONTACT: {"jobtitle": hubspot("jobtitle", read_only=True)}},
        {"Contact": {"Title": locked}, "Lead": {"Title": locked}},
    )
    assert recommend(catalogue).mappings == ()
    assert reasons(catalogue)["jobtitle-Title"] == "both fields are read-only for Causeway"


def test_the_stricter_object_counts() -> None:
    catalogue = Catalogue(
        {ObjectType.CONTACT: {"jobtitle": hubspot("jobtitle")}},
        {
            "Contact": {"Title": salesforce("Title", length=128)},
            "Lead": {"Title": salesforce("Title", length=80, writable=False)},
        },
    )
    title = by_fields(catalogue)["jobtitle", "Title"]
    assert title.max_length == 80
    assert not title.salesforce_writable


def test_nothing_is_recommended_for_empty_accounts() -> None:
    assert recommend(Catalogue()).mappings == ()
    assert len(recommend(Catalogue()).left_out) == 25
