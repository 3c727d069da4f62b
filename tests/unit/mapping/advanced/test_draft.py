"""The pages of the draft through their routes."""

from typing import Any

import httpx2
import pytest

from services.mapping.domain.lists import HubSpotList
from shared.contracts.connection import ConnectionRemoved
from shared.kernel.records import ObjectType
from shared.security.tokens import Role
from tests.unit.mapping.advanced.walking import LEAD, begin, finish, put
from tests.unit.mapping.office import (
    DRAFT,
    ID,
    SETTINGS,
    SETUP,
    Office,
    codes,
    etag,
    fields,
    kind,
)


async def test_an_interrupted_setup_goes_on_where_it_was(client: httpx2.AsyncClient) -> None:
    await begin(client)
    await put(client, "contacts", LEAD)
    again = await begin(client)
    assert again.headers["etag"] == '"2"'
    assert again.json()["settings"]["contacts"]["create_in_salesforce"] == "lead"
    setup = (await client.get(SETUP)).json()
    assert (setup["drafting"], setup["next"]["name"]) == (True, "review")


async def test_what_does_not_fit_is_saved_and_told_and_blocks_the_finish(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await begin(client)
    wanted = [
        {"hubspot_property": "lastname", "salesforce_field": "LastName"},
        {"hubspot_property": "nope", "salesforce_field": "Email"},
    ]
    saved = await put(client, "mappings", {"mappings": wanted})
    assert saved.status_code == 200
    assert codes(saved.json()) == ["mapping-impossible"]
    assert [m["hubspot_property"] for m in saved.json()["settings"]["mappings"]] == [
        "lastname",
        "nope",
    ]
    refused = await finish(client)
    assert kind(refused) == (422, "settings-invalid")
    assert fields(refused) == ["mappings[1].hubspot_property"]
    assert office.sent == []
    await put(client, "mappings", {"mappings": wanted[:1]})
    assert (await finish(client)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (428, "if-match-missing")),
        ({"If-Match": "*"}, (400, "if-match-unreadable")),
        ({"If-Match": '"7"'}, (412, "version-outdated")),
    ],
)
@pytest.mark.parametrize("part", ["contacts", "companies", "deals", "activities", "budget"])
async def test_a_page_needs_the_newest_revision(
    client: httpx2.AsyncClient, part: str, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    await begin(client)
    body: dict[str, Any] = {"daily_salesforce_calls": 1} if part == "budget" else {}
    assert kind(await client.put(f"{DRAFT}/{part}", json=body, headers=headers)) == expected
    assert (await client.get(DRAFT)).headers["etag"] == '"1"'


@pytest.mark.parametrize(
    ("list_id", "why"),
    [("8", "is static"), ("9", "holds other records"), ("404", "no such list")],
)
async def test_a_list_that_cannot_say_who_syncs_is_refused_with_the_reason(
    client: httpx2.AsyncClient, list_id: str, why: str
) -> None:
    await begin(client)
    answer = await put(client, "contacts", {"inclusion_list": {"list_id": list_id}})
    assert kind(answer) == (422, "list-not-usable")
    assert fields(answer) == ["inclusion_list.list_id"]
    assert why in answer.json()["detail"]
    assert (await client.get(DRAFT)).headers["etag"] == '"1"'


async def test_the_lists_that_are_offered(client: httpx2.AsyncClient, office: Office) -> None:
    offered = (await client.get(f"{SETUP}/lists")).json()
    assert offered["more"] is False
    assert [(one["list_id"], one["usable"]) for one in offered["lists"]] == [
        ("7", True),
        ("8", False),
    ]
    assert "Choose an active list" in offered["lists"][1]["why_not"]
    office.lookups.known["10"] = HubSpotList("10", "New", ObjectType.CONTACT, "DYNAMIC")
    assert (await client.get(f"{SETUP}/lists")).json()["more"] is True
    found = (await client.get(f"{SETUP}/lists?query=fair")).json()
    assert [one["name"] for one in found["lists"]] == ["Fair 2025"]
    companies = (await client.get(f"{SETUP}/lists?object_type=company")).json()
    assert [one["name"] for one in companies["lists"]] == ["Partners"]
    deals = await client.get(f"{SETUP}/lists?object_type=deal")
    assert kind(deals) == (422, "validation-failed")


async def test_what_the_pages_let_choose_from(client: httpx2.AsyncClient) -> None:
    await begin(client)
    options = (await client.get(f"{SETUP}/options")).json()
    assert [one["value"] for one in options["task_types"]] == ["Call", "Meeting", "Other"]
    assert [one["value"] for one in options["task_statuses"]] == ["Not Started", "Completed"]
    assert options["event_types"][0] == {
        "event_type": "form_submission",
        "label": "Form submission",
        "subject": "HubSpot form submission: {name}",
        "delivered": True,
    }
    assert options["pipelines"][0]["stages"][1] == {"value": "closedwon", "label": "Closed won"}


async def test_the_timeline_table_is_kept_and_its_problems_are_told(
    client: httpx2.AsyncClient,
) -> None:
    await begin(client)
    row = {"event_type": "form_submission", "task_type": "Fax"}
    saved = await put(client, "activities", {"timeline": [row]})
    assert codes(saved.json()) == ["timeline-row"]
    assert kind(await finish(client)) == (422, "settings-invalid")
    row["task_type"] = "Other"
    saved = await put(client, "activities", {"timeline": [row, {"event_type": "call_made"}]})
    assert codes(saved.json()) == ["event-not-delivered"]
    activities = saved.json()["settings"]["activities"]
    assert activities["timeline_events"] == ["form_submission", "call_made"]


async def test_deals_bring_their_pipelines_and_the_order_is_told(
    client: httpx2.AsyncClient,
) -> None:
    await begin(client)
    saved = await put(client, "deals", {"enabled": True, "deletions": {}})
    assert saved.json()["settings"]["deals"]["pipelines"][0]["hubspot"] == "default"
    assert "deals-without-companies" in codes(saved.json())
    saved = await put(client, "companies", {"enabled": True})
    assert "deals-without-companies" not in codes(saved.json())


@pytest.mark.parametrize(
    ("part", "body", "field"),
    [
        ("contacts", {"create_in_salesforce": "both"}, "body.create_in_salesforce"),
        ("contacts", {"create": True}, "body.create"),
        ("contacts", {"deletions": {"lead": "delete"}}, "body.deletions.lead"),
        ("contacts", {"inclusion_list": {"list_id": "7/8"}}, "body.inclusion_list.list_id"),
        ("deals", {"close_date_days": -1}, "body.close_date_days"),
        ("activities", {"timeline": [{"event_type": "x\x00"}]}, "body.timeline[0].event_type"),
        ("owners", {"owners": [{"hubspot_owner_id": "1"}]}, "body.owners[0].salesforce_user_id"),
        ("budget", {"daily_salesforce_calls": 0}, "body.daily_salesforce_calls"),
        (
            "mappings",
            {"mappings": [{"hubspot_property": "a", "salesforce_field": "B", "time_zone": "Mars"}]},
            "body.mappings[0].time_zone",
        ),
    ],
)
async def test_a_body_that_is_no_page_names_the_field(
    client: httpx2.AsyncClient, part: str, body: object, field: str
) -> None:
    await begin(client)
    answer = await put(client, part, body)
    assert kind(answer) == (422, "validation-failed")
    assert fields(answer) == [field]


async def test_a_draft_can_be_thrown_away(client: httpx2.AsyncClient) -> None:
    await begin(client)
    read = await client.get(DRAFT)
    assert kind(await client.delete(DRAFT)) == (428, "if-match-missing")
    assert (await client.delete(DRAFT, headers=etag(read))).status_code == 204
    assert kind(await client.get(DRAFT)) == (409, "no-settings")
    assert (await client.get(SETUP)).json()["next"]["name"] == "choice"
    assert kind(await client.delete(DRAFT, headers=etag(read))) == (412, "version-outdated")
    assert (await begin(client)).headers["etag"] == '"3"'


async def test_the_recommended_choice_does_not_lose_a_draft(client: httpx2.AsyncClient) -> None:
    await begin(client)
    answer = await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    assert kind(answer) == (409, "draft-open")


async def test_settings_that_name_a_new_list_have_it_looked_up(
    client: httpx2.AsyncClient, office: Office
) -> None:
    await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    read = await client.get(SETTINGS)
    settings = read.json()["settings"]
    settings["contacts"]["inclusion_list"] = {"list_id": "8"}
    assert kind(await client.put(SETTINGS, json=settings, headers=etag(read))) == (
        422,
        "list-not-usable",
    )
    settings["contacts"]["inclusion_list"] = {"list_id": "7"}
    answer = await client.put(SETTINGS, json=settings, headers=etag(read))
    assert answer.json()["settings"]["contacts"]["inclusion_list"]["name"] == "Customers"
    office.lookups.silent = True
    same = await client.put(SETTINGS, json=answer.json()["settings"], headers=etag(answer))
    assert same.status_code == 200


async def test_a_version_takes_no_impossible_mapping_though_its_object_is_off(
    client: httpx2.AsyncClient,
) -> None:
    await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    read = await client.get(SETTINGS)
    wanted = {"object_type": "deal", "hubspot_property": "nope", "salesforce_field": "Name"}
    answer = await client.put(
        f"/api/v1/mappings/{ID}", json={"mappings": [wanted]}, headers=etag(read)
    )
    assert fields(answer) == ["mappings[0].hubspot_property"]


async def test_a_conversion_is_kept_with_its_mapping(client: httpx2.AsyncClient) -> None:
    await begin(client)
    mapping = {
        "hubspot_property": "lastname",
        "salesforce_field": "LastName",
        "values": [{"hubspot": "a", "salesforce": "b"}],
        "unmapped_values": "blank",
        "time_zone": "Europe/Riga",
        "scale": 2,
        "hubspot_percent": "whole",
    }
    saved = (await put(client, "mappings", {"mappings": [mapping]})).json()
    (kept,) = saved["settings"]["mappings"]
    assert {name: kept[name] for name in mapping} == mapping
    assert (await client.get(DRAFT)).json()["settings"]["mappings"] == [kept]
    assert (kept["salesforce_objects"], kept["max_length"]) == (["Contact", "Lead"], 80)


async def test_a_disconnect_keeps_the_draft(client: httpx2.AsyncClient, office: Office) -> None:
    await begin(client)
    await put(client, "contacts", LEAD)
    await office.hear(ConnectionRemoved())
    kept = (await client.get(DRAFT)).json()
    assert kept["settings"]["contacts"]["create_in_salesforce"] == "lead"


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("PUT", f"{DRAFT}/contacts", Role.OPERATOR),
        ("PUT", f"{DRAFT}/mappings", Role.OPERATOR),
        ("DELETE", DRAFT, Role.OPERATOR),
        ("GET", f"{SETUP}/review", Role.VIEWER),
        ("GET", f"{SETUP}/lists", Role.VIEWER),
    ],
)
async def test_a_smaller_role_may_not(office: Office, method: str, path: str, role: Role) -> None:
    async with office.client(role) as client:
        answer = await client.request(method, path, json={"mappings": []} if "map" in path else {})
        assert kind(answer) == (403, "role-too-small")
