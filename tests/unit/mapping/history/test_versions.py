"""Versions compared and restored, through the routes."""

from dataclasses import replace

import httpx2
import pytest

from shared.kernel.records import ObjectType
from shared.security.tokens import Role
from tests.unit.mapping.advanced.walking import finish
from tests.unit.mapping.catalogues import hubspot
from tests.unit.mapping.office import SETTINGS, SETUP, Office, etag, fields, kind
from tests.unit.mapping.review.samples import full

MAPPINGS = SETTINGS.replace("settings", "mappings")
TWO = [
    {"hubspot_property": "lastname", "salesforce_field": "LastName"},
    {"hubspot_property": "phone", "salesforce_field": "Phone", "rule": "two_way"},
]


@pytest.fixture
async def three(client: httpx2.AsyncClient) -> httpx2.AsyncClient:
    """Version 1 is recommended, 2 has two mappings, 3 only the first of them, and leads."""
    await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    read = await client.get(SETTINGS)
    await client.put(MAPPINGS, json={"mappings": TWO}, headers=etag(read))
    read = await client.get(SETTINGS)
    body = {**read.json()["settings"], "contacts": {"create_in_salesforce": "lead"}}
    body["mappings"] = body["mappings"][:1]
    saved = await client.put(SETTINGS, json=body, headers=etag(read))
    assert saved.headers["etag"] == '"3"'
    return client


async def test_two_versions_are_compared_part_by_part(three: httpx2.AsyncClient) -> None:
    body = (await three.get(f"{SETTINGS}/versions/2/diff/3")).json()
    assert (body["before"]["version"], body["after"]["version"], body["same"]) == (2, 3, False)
    assert [(part["part"], [c["text"] for c in part["changes"]]) for part in body["parts"]] == [
        (
            "contacts",
            ["What a new HubSpot contact becomes in Salesforce: changed from contact to lead."],
        ),
        ("mappings", ["Mapping phone <-> Phone: removed (it was for Contact and Lead)."]),
    ]
    removed = body["parts"][1]["changes"][0]
    assert (removed["kind"], removed["after"]) == ("removed", None)
    assert removed["before"]["rule"] == "two_way"


async def test_the_way_back_is_told_the_other_way_round(three: httpx2.AsyncClient) -> None:
    body = (await three.get(f"{SETTINGS}/versions/3/diff/2")).json()
    assert [part["changes"][0]["kind"] for part in body["parts"]] == ["changed", "added"]
    same = (await three.get(f"{SETTINGS}/versions/2/diff/2")).json()
    assert (same["same"], same["parts"]) == (True, [])


@pytest.mark.parametrize("pair", ["9/diff/1", "1/diff/9", "0/diff/1"])
async def test_a_version_that_was_never_made_is_not_found(
    three: httpx2.AsyncClient, pair: str
) -> None:
    assert kind(await three.get(f"{SETTINGS}/versions/{pair}")) == (404, "unknown-version")


async def test_a_restored_version_is_a_new_one(three: httpx2.AsyncClient, office: Office) -> None:
    answer = await three.post(f"{SETTINGS}/versions/2/restore", headers={"If-Match": '"3"'})
    assert (answer.status_code, answer.headers["etag"]) == (201, '"4"')
    same = (await three.get(f"{SETTINGS}/versions/2/diff/4")).json()
    assert (same["same"], same["after"]["note"]) == (True, "version 2 restored")
    assert (await three.get(f"{SETTINGS}/versions/3")).json()["version"] == 3
    assert office.sent == []
    await finish(three)
    await three.post(f"{SETTINGS}/versions/3/restore", headers={"If-Match": '"4"'})
    assert office.sent == ["SettingsPublished", "SyncStarted", "SettingsPublished"]


@pytest.mark.parametrize(
    ("version", "headers", "expected"),
    [
        (2, {}, (428, "if-match-missing")),
        (2, {"If-Match": '"2"'}, (412, "version-outdated")),
        (9, {"If-Match": '"3"'}, (404, "unknown-version")),
    ],
)
async def test_a_restore_names_what_it_is_made_for(
    three: httpx2.AsyncClient, version: int, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    answer = await three.post(f"{SETTINGS}/versions/{version}/restore", headers=headers)
    assert kind(answer) == expected
    assert (await three.get(SETTINGS)).headers["etag"] == '"3"'


async def test_a_version_that_the_crms_do_not_allow_any_more_is_named_field_by_field(
    three: httpx2.AsyncClient, office: Office
) -> None:
    catalogue = full()
    people = dict(catalogue.hubspot[ObjectType.CONTACT])
    people["phone"] = hubspot("phone", "date", "date")
    office.crms.catalogue = replace(
        catalogue, hubspot={**catalogue.hubspot, ObjectType.CONTACT: people}
    )
    try:
        await three.post(f"{MAPPINGS}/fields")
        answer = await three.post(f"{SETTINGS}/versions/2/restore", headers={"If-Match": '"3"'})
    finally:
        office.crms.catalogue = catalogue
    assert kind(answer) == (422, "settings-invalid")
    assert set(fields(answer)) == {"mappings[1].salesforce_field"}


async def test_only_an_admin_restores(office: Office) -> None:
    async with office.client(Role.OPERATOR) as client:
        answer = await client.post(f"{SETTINGS}/versions/1/restore", headers={"If-Match": '"3"'})
    assert kind(answer) == (403, "role-too-small")
