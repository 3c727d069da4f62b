"""The routes over a store and CRMs that hold state."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from services.mapping.api import routes
from services.mapping.handlers.lifecycle import note_lifecycle
from shared.contracts.connection import ConnectionEstablished
from shared.contracts.package_watcher import PackageInstalled, VisualforceSkipped
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.factories.bearers import bearer as bearer_of
from tests.unit.mapping.catalogues import ordinary
from tests.unit.mapping.fakes import FakeCrms, FakeStore
from tests.unit.mapping.lookups import FakeLookups

ID = UUID("01890000-0000-7000-8000-000000000001")
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEY = TokenKey.generate()
SETUP = f"/api/v1/setup/{ID}"
SETTINGS = f"/api/v1/settings/{ID}"
MAPPINGS = f"/api/v1/mappings/{ID}"
LAST_NAME = {"hubspot_property": "lastname", "salesforce_field": "LastName"}


class Noon:
    def now(self) -> datetime:
        return NOON


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="mapping", now=NOON)


@pytest.fixture
def store() -> FakeStore:
    return FakeStore()


@pytest.fixture
async def client(store: FakeStore) -> AsyncIterator[httpx2.AsyncClient]:
    guard = Guard(KEY, audience="mapping", clock=Noon())
    router = routes(
        store, FakeCrms(store, ordinary()), FakeLookups(store), guard=guard, clock=Noon()
    )
    app = create_app(title="mapping", routers=[router], checks={}, registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://mapping", headers=bearer(Role.ADMIN)
    ) as made:
        yield made


async def connect(store: FakeStore) -> None:
    events = [
        ConnectionEstablished(
            portal_id="62",
            org_id="00D1",
            environment="production",
            instance_url="https://acme.my.salesforce.com",
            hubspot_app_id="7",
            salesforce_user_id="0051",
        ),
        PackageInstalled(method="deploy"),
        VisualforceSkipped(),
    ]
    async with store.begin() as work:
        for event in events:
            await note_lifecycle(work, ID, event)


@pytest.fixture
async def chosen(client: httpx2.AsyncClient, store: FakeStore) -> httpx2.AsyncClient:
    await connect(store)
    answer = await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    assert answer.status_code == 201
    return client


def kind(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:causeway:problem:")


def fields(answer: httpx2.Response) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


async def test_from_the_choice_to_the_start(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await connect(store)
    before = (await client.get(SETUP)).json()
    assert before["next"]["name"] == "choice"
    drafted = await client.post(f"{SETUP}/choice", json={"kind": "recommended"})
    assert drafted.headers["etag"] == '"1"'
    assert drafted.json()["settings"]["version"] == 1
    assert {
        "hubspot_property": "website",
        "salesforce_field": "Website",
        "why": "HubSpot has no contact property website",
    } in drafted.json()["left_out"]
    assert (await client.get(SETUP)).json()["next"]["name"] == "review"
    finished = await client.post(f"{SETUP}/finish")
    assert finished.status_code == 200
    assert {step["state"] for step in finished.json()["steps"]} == {"done"}
    assert (finished.json()["next"], finished.json()["sync"]) == (None, "running")
    assert [type(event).__name__ for event in store.sent] == ["SettingsPublished", "SyncStarted"]


async def test_finish_names_the_missing_steps(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await connect(store)
    answer = await client.post(f"{SETUP}/finish")
    assert kind(answer) == (409, "setup-incomplete")
    assert fields(answer) == ["steps.choice"]


async def test_an_unknown_connection(client: httpx2.AsyncClient) -> None:
    assert kind(await client.get(SETUP)) == (404, "unknown-connection")
    assert kind(await client.get(MAPPINGS)) == (404, "unknown-connection")
    assert kind(await client.get(f"{SETTINGS}/versions")) == (404, "unknown-connection")


async def test_a_service_may_ask_before_anything_is_known(client: httpx2.AsyncClient) -> None:
    answer = await client.get(SETTINGS, headers=bearer(Role.SERVICE))
    assert answer.json() == {"settings": None, "sync": "not_started", "warnings": []}
    assert answer.headers["etag"] == '"0"'


async def test_mappings_are_changed_with_if_match(chosen: httpx2.AsyncClient) -> None:
    body = {"mappings": [{**LAST_NAME, "rule": "two_way"}]}
    answer = await chosen.put(MAPPINGS, json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 200
    assert answer.headers["etag"] == '"2"'
    assert answer.json() == {
        "version": 2,
        "mappings": [
            {
                "object_type": "contact",
                "hubspot_property": "lastname",
                "salesforce_field": "LastName",
                "rule": "two_way",
                "value_type": "text",
                "salesforce_objects": ["Contact", "Lead"],
                "max_length": 80,
                "hubspot_writable": True,
                "salesforce_writable": True,
                "hubspot_type": None,
                "salesforce_type": None,
                "values": [],
                "unmapped_values": "keep",
                "time_zone": "UTC",
                "scale": None,
                "hubspot_percent": "whole",
            }
        ],
    }
    assert (await chosen.get(MAPPINGS)).json() == answer.json()


async def test_what_was_read_can_be_sent_back(chosen: httpx2.AsyncClient) -> None:
    read = await chosen.get(SETTINGS)
    headers = {"If-Match": read.headers["etag"]}
    answer = await chosen.put(SETTINGS, json=read.json()["settings"], headers=headers)
    assert answer.status_code == 200
    assert answer.json()["settings"] == {**read.json()["settings"], "version": 2}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (428, "if-match-missing")),
        ({"If-Match": "*"}, (400, "if-match-unreadable")),
        ({"If-Match": "1"}, (400, "if-match-unreadable")),
        ({"If-Match": '"7"'}, (412, "version-outdated")),
    ],
)
async def test_a_change_needs_the_newest_version(
    chosen: httpx2.AsyncClient, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    assert kind(await chosen.put(MAPPINGS, json={"mappings": []}, headers=headers)) == expected
    assert (await chosen.get(MAPPINGS)).json()["version"] == 1


async def test_wrong_mappings_are_named(chosen: httpx2.AsyncClient) -> None:
    body = {"mappings": [LAST_NAME, {"hubspot_property": "nope", "salesforce_field": "Email"}]}
    answer = await chosen.put(MAPPINGS, json=body, headers={"If-Match": '"1"'})
    assert kind(answer) == (422, "settings-invalid")
    assert fields(answer) == ["mappings[1].hubspot_property"]


@pytest.mark.parametrize(
    ("mapping", "field"),
    [
        ({**LAST_NAME, "rule": "always_hubspott"}, "body.mappings[0].rule"),
        ({**LAST_NAME, "rules": "two_way"}, "body.mappings[0].rules"),
        ({**LAST_NAME, "object_type": "task"}, "body.mappings[0].object_type"),
        ({"hubspot_property": "email"}, "body.mappings[0].salesforce_field"),
    ],
)
async def test_a_malformed_mapping_is_named(
    chosen: httpx2.AsyncClient, mapping: dict[str, Any], field: str
) -> None:
    body = {"mappings": [mapping]}
    answer = await chosen.put(MAPPINGS, json=body, headers={"If-Match": '"1"'})
    assert kind(answer) == (422, "validation-failed")
    assert fields(answer) == [field]


async def test_the_history_is_paged_and_every_version_can_be_read(
    chosen: httpx2.AsyncClient,
) -> None:
    for version in (1, 2):
        headers = {"If-Match": f'"{version}"'}
        await chosen.put(MAPPINGS, json={"mappings": [LAST_NAME]}, headers=headers)
    first = (await chosen.get(f"{SETTINGS}/versions?limit=2")).json()
    rest = (await chosen.get(f"{SETTINGS}/versions?limit=2&cursor={first['next_cursor']}")).json()
    assert [item["version"] for item in first["items"]] == [3, 2]
    assert rest["items"] == [
        {
            "version": 1,
            "author": "ada",
            "note": "recommended",
            "made_at": "2026-11-24T12:00:00Z",
            "mappings": 10,
        }
    ]
    assert rest["next_cursor"] is None
    old = await chosen.get(f"{SETTINGS}/versions/1")
    assert (old.json()["version"], len(old.json()["mappings"])) == (1, 10)
    assert kind(await chosen.get(f"{SETTINGS}/versions/9")) == (404, "unknown-version")
    assert kind(await chosen.get(f"{SETTINGS}/versions?cursor=x")) == (400, "bad-cursor")


async def test_pause_and_resume(chosen: httpx2.AsyncClient, store: FakeStore) -> None:
    assert kind(await chosen.post(f"{SETTINGS}/pause")) == (409, "sync-not-started")
    await chosen.post(f"{SETUP}/finish")
    paused = await chosen.post(f"{SETTINGS}/pause", json={"reason": "maintenance"})
    assert paused.json()["sync"] == "paused"
    assert store.sent[-1].model_dump() == {"reason": "maintenance"}
    assert (await chosen.get(SETTINGS)).json()["sync"] == "paused"
    resumed = await chosen.post(f"{SETTINGS}/resume", headers=bearer(Role.OPERATOR))
    assert resumed.json()["sync"] == "running"


async def test_the_fields_of_both_sides(chosen: httpx2.AsyncClient) -> None:
    kept = (await chosen.get(f"{MAPPINGS}/fields")).json()
    read_again = (await chosen.post(f"{MAPPINGS}/fields")).json()
    assert kept == read_again
    email = next(field for field in kept["hubspot"] if field["name"] == "email")
    assert (email["label"], email["type"], email["writable"]) == ("Email", "string", True)
    assert set(kept["salesforce"]) == {"Contact", "Lead"}


async def test_all_setups_are_listed(chosen: httpx2.AsyncClient) -> None:
    page = (await chosen.get("/api/v1/setup?limit=1")).json()
    assert [item["connection_id"] for item in page["items"]] == [str(ID)]
    empty = (await chosen.get(f"/api/v1/setup?limit=1&cursor={page['next_cursor']}")).json()
    assert empty == {"items": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("method", "path", "role"),
    [
        ("POST", f"{SETUP}/choice", Role.OPERATOR),
        ("POST", f"{SETUP}/finish", Role.OPERATOR),
        ("PUT", SETTINGS, Role.OPERATOR),
        ("PUT", MAPPINGS, Role.SERVICE),
        ("POST", f"{SETTINGS}/pause", Role.VIEWER),
        ("POST", f"{MAPPINGS}/fields", Role.SERVICE),
    ],
)
async def test_a_smaller_role_may_not(
    chosen: httpx2.AsyncClient, method: str, path: str, role: Role
) -> None:
    body: dict[str, Any] = {"kind": "recommended"} if "choice" in path else {"mappings": []}
    answer = await chosen.request(method, path, json=body, headers=bearer(role))
    assert kind(answer) == (403, "role-too-small")


async def test_nobody_gets_in_without_a_token(chosen: httpx2.AsyncClient) -> None:
    for path in (SETUP, SETTINGS, MAPPINGS, "/api/v1/setup", f"{SETTINGS}/versions"):
        answer = await chosen.get(path, headers={"Authorization": ""})
        assert kind(answer)[0] == 401
