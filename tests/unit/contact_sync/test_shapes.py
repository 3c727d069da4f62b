"""What is read of each type of records, and what two companies have in common."""

import pytest

from services.contact_sync.gateways.shapes import domain_of, shape_of
from services.contact_sync.ports import Lookup
from shared.contracts.settings import CompanySettings, Settings
from shared.kernel.records import ObjectType
from tests.fakes.contact_sync.stage import COMPANY_MAPPINGS, MAPPINGS

ON = CompanySettings(enabled=True, match_by_domain=True)


def settings(companies: CompanySettings) -> Settings:
    return Settings(version=1, companies=companies, mappings=(*MAPPINGS, *COMPANY_MAPPINGS))


@pytest.mark.parametrize(
    ("website", "domain"),
    [
        ("https://www.Acme.test/about?x=1", "acme.test"),
        ("acme.test", "acme.test"),
        ("WWW.acme.test.", "acme.test"),
        ("http://shop.acme.test:8080", "shop.acme.test"),
        ("http://[acme", None),
        ("", None),
        (None, None),
    ],
)
def test_a_website_has_a_domain(website: object, domain: str | None) -> None:
    assert domain_of(website) == domain


def test_an_account_is_looked_for_by_id_key_and_domain() -> None:
    shape = shape_of(settings(ON), ObjectType.COMPANY)
    lookup = Lookup(
        ids=frozenset({"001A", "003A"}),
        emails=frozenset({"a_b.test"}),
        keys=frozenset({"4711:company:1"}),
    )

    ((name, condition),) = shape.conditions(lookup)

    assert name == "Account"
    assert condition.startswith(
        "Id IN ('001A') OR Causeway_Key__c IN ('4711:company:1') OR Website LIKE '"
    )
    assert condition.count("Website LIKE") == 3


def test_the_company_of_a_contact_is_read_once_companies_are_on() -> None:
    on = shape_of(settings(ON), ObjectType.CONTACT)
    off = shape_of(settings(CompanySettings()), ObjectType.CONTACT)

    assert "associatedcompanyid" in on.properties
    assert "AccountId" in on.fields["Contact"]
    assert "AccountId" not in on.fields["Lead"]
    assert "associatedcompanyid" not in off.properties
    assert "AccountId" not in off.fields["Contact"]
