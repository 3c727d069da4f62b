"""Properties that mappings name and HubSpot lacks: foreseen by the review, made at the finish."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from shared.kernel.records import ObjectType
from tests.unit.mapping.advanced.walking import begin, finish, put
from tests.unit.mapping.catalogues import salesforce
from tests.unit.mapping.office import DRAFT, SETTINGS, SETUP, Office, codes, etag, fields, kind
from tests.unit.mapping.review.samples import full

NAME = "salesforce_region__c"
MAPPING = {
    "hubspot_property": NAME,
    "salesforce_field": "Region__c",
    "salesforce_objects": ["Contact"],
}


@pytest.fixture
def sandbox() -> Office:
    """The org has a field that HubSpot has no property for."""
    return Office(full(salesforce("Region__c")))


@pytest.fixture
async def admin(sandbox: Office) -> AsyncIterator[httpx2.AsyncClient]:
    await sandbox.connect()
    async with sandbox.client() as made:
        await begin(made)
        yield made


def known(office: Office) -> bool:
    return NAME in office.crms.catalogue.properties(ObjectType.CONTACT)


async def test_a_property_that_is_missing_is_made_at_the_finish(
    admin: httpx2.AsyncClient, sandbox: Office
) -> None:
    saved = await put(admin, "mappings", {"mappings": [MAPPING]})
    assert codes(saved.json()) == []
    assert saved.json()["settings"]["mappings"][0]["max_length"] == 40
    review = (await admin.get(f"{SETUP}/review")).json()
    assert f"Made in HubSpot at the finish: {NAME}." in [s["text"] for s in review["statements"]]
    assert not known(sandbox)
    assert (await finish(admin)).status_code == 200
    assert known(sandbox)
    settings = (await admin.get(SETTINGS)).json()["settings"]
    assert [m["hubspot_property"] for m in settings["mappings"]] == [NAME]
    review = (await admin.get(f"{SETUP}/review")).json()
    assert not [s for s in review["statements"] if s["text"].startswith("Made in HubSpot")]


async def test_another_name_is_a_missing_property_as_ever(
    admin: httpx2.AsyncClient, sandbox: Office
) -> None:
    wanted = {**MAPPING, "hubspot_property": "region"}
    assert codes((await put(admin, "mappings", {"mappings": [wanted]})).json()) == [
        "mapping-impossible"
    ]
    assert kind(await finish(admin)) == (422, "settings-invalid")
    assert not known(sandbox)


async def test_what_hubspot_refuses_blocks_the_finish_and_keeps_the_draft(
    admin: httpx2.AsyncClient, sandbox: Office
) -> None:
    await put(admin, "mappings", {"mappings": [MAPPING]})
    sandbox.crms.portal.refused[NAME] = "no room"
    answer = await finish(admin)
    assert kind(answer) == (422, "settings-invalid")
    assert fields(answer) == ["mappings[0].hubspot_property"]
    assert sandbox.sent == []
    assert (await admin.get(DRAFT)).json()["revision"] == 2
    del sandbox.crms.portal.refused[NAME]
    assert (await finish(admin)).status_code == 200


async def test_companies_and_deals_get_their_keys_when_they_are_turned_on(
    admin: httpx2.AsyncClient, sandbox: Office
) -> None:
    assert ObjectType.COMPANY not in sandbox.crms.keyed
    await put(admin, "companies", {"enabled": True})
    assert ObjectType.COMPANY not in sandbox.crms.keyed
    await finish(admin)
    assert ObjectType.COMPANY in sandbox.crms.keyed
    read = await admin.get(SETTINGS)
    settings = {**read.json()["settings"]}
    settings["deals"] = {"enabled": True, "pipelines": [{"hubspot": "default"}]}
    settings["mappings"] += [
        {"object_type": "deal", "hubspot_property": "dealname", "salesforce_field": "Name"}
    ]
    answer = await admin.put(SETTINGS, json=settings, headers={"If-Match": read.headers["etag"]})
    assert answer.status_code == 200, answer.text
    assert ObjectType.DEAL in sandbox.crms.keyed


async def test_the_rest_of_the_fields_is_mapped_on_demand(
    admin: httpx2.AsyncClient, sandbox: Office
) -> None:
    read = await admin.get(DRAFT)
    body = {"object_type": "contact", "create": True}
    assert kind(await admin.post(f"{DRAFT}/auto-map", json=body)) == (428, "if-match-missing")
    old = await admin.post(f"{DRAFT}/auto-map", json=body, headers={"If-Match": '"9"'})
    assert kind(old) == (412, "version-outdated")
    assert not known(sandbox)
    answer = await admin.post(f"{DRAFT}/auto-map", json=body, headers=etag(read))
    assert answer.status_code == 200, answer.text
    mapped = answer.json()
    named = [m["hubspot_property"] for m in mapped["draft"]["settings"]["mappings"]]
    assert NAME in named
    assert len(named) == len(read.json()["settings"]["mappings"]) + mapped["added"]
    assert known(sandbox)
    assert codes(mapped["draft"]) == []
    again = await admin.post(f"{DRAFT}/auto-map", json=body, headers=etag(answer))
    assert again.json()["added"] == 0
