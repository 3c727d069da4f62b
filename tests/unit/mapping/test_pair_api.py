"""What joining two fields would mean: `GET /api/v1/mappings/{id}/pair`."""

from dataclasses import replace

import httpx2
import pytest

from services.mapping.domain.model import Catalogue, Option
from shared.kernel.records import ObjectType
from tests.unit.mapping.catalogues import hubspot, salesforce
from tests.unit.mapping.fakes import FakeStore
from tests.unit.mapping.test_api import MAPPINGS
from tests.unit.mapping.test_field_api import client, crms, store
from tests.unit.mapping.test_handlers import ID

__all__ = ["client", "crms", "store"]

RATING = replace(
    hubspot("rating", "enumeration", "select"), options=(Option("hot", "Hot"), Option("x", "X"))
)
GRADE = replace(salesforce("Rating", "picklist"), options=(Option("H", "hot"), Option("y", "Y")))
CATALOGUE = Catalogue(
    {ObjectType.CONTACT: {"rating": RATING, "vip": hubspot("vip", "bool", "booleancheckbox")}},
    {
        "Contact": {"Rating": GRADE, "Vip__c": salesforce("Vip__c", "string")},
        "Account": {"Rating": GRADE},
    },
)


async def asked(client: httpx2.AsyncClient, ours: str, theirs: str, of: str = "Contact") -> object:
    query = {"hubspot_property": ours, "salesforce_field": theirs, "salesforce_object": of}
    response = await client.get(f"{MAPPINGS}/pair", params=query)
    return response.json() if response.is_success else response.status_code


@pytest.fixture(autouse=True)
async def known(store: FakeStore) -> None:
    async with store.begin() as work:
        await work.catalogues.save(ID, CATALOGUE)


async def test_values_that_probably_mean_the_same_are_suggested(client: httpx2.AsyncClient) -> None:
    assert await asked(client, "rating", "Rating") == {
        "fits": True,
        "why_not": "",
        "compared_as": "picklist",
        "loss": "",
        "values": [{"hubspot": "hot", "salesforce": "H"}],
        "lonely_hubspot": ["x"],
        "lonely_salesforce": ["y"],
    }


async def test_what_is_lost_is_said_before_anybody_joins_them(client: httpx2.AsyncClient) -> None:
    found = await asked(client, "vip", "Vip__c")

    assert isinstance(found, dict)
    assert (found["fits"], found["compared_as"]) == (True, "boolean")
    assert found["loss"].startswith("A blank value and No are the same")


async def test_a_clash_says_what_would_fit(client: httpx2.AsyncClient) -> None:
    found = await asked(client, "rating", "Vip__c")
    assert isinstance(found, dict)
    assert found["fits"] is True

    clash = await asked(client, "vip", "Rating")
    assert isinstance(clash, dict)
    assert clash["fits"] is True


@pytest.mark.parametrize(
    ("ours", "theirs", "of"),
    [
        ("nothing", "Rating", "Contact"),
        ("rating", "Nothing__c", "Contact"),
        ("rating", "Rating", "Account"),
        ("rating", "Rating", "Nobody"),
    ],
)
async def test_unknown_fields_are_404(
    client: httpx2.AsyncClient, ours: str, theirs: str, of: str
) -> None:
    assert await asked(client, ours, theirs, of) == 404


@pytest.mark.parametrize("ours", ["", "x" * 300])
async def test_a_name_has_a_length(client: httpx2.AsyncClient, ours: str) -> None:
    assert await asked(client, ours, "Rating") == 422
