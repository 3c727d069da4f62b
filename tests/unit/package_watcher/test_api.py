"""The routes over a store that holds state."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from services.package_watcher.api import Doors, routes
from services.package_watcher.domain.model import Failure
from services.package_watcher.domain.observation import Accepted, Observation, Progress, Reported
from services.package_watcher.handlers.lifecycle import note_connection
from services.package_watcher.handlers.watch import Watcher, watch_one
from shared.contracts.connection import ConnectionEstablished
from shared.kernel.ids import new_id
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.factories.bearers import bearer as bearer_of
from tests.factories.standings import stamps
from tests.unit.package_watcher.fake_windows import NoLayouts
from tests.unit.package_watcher.fakes import NOON, FakeStore, FakeVault, ScriptedOrg

ID = UUID("01890000-0000-7000-8000-000000000001")
KEY = TokenKey.generate()
LIFE = timedelta(minutes=5)
PACKAGE = f"/api/v1/packages/{ID}"
VERSION = "04t000000000001AAA"


class Noon:
    def now(self) -> datetime:
        return NOON


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="package_watcher", now=NOON)


@pytest.fixture
async def store() -> FakeStore:
    made = FakeStore()
    event = ConnectionEstablished(
        portal_id="62",
        org_id="00D1",
        environment="sandbox",
        instance_url="https://acme.my.salesforce.com",
        hubspot_app_id="7",
        salesforce_user_id="0051",
    )
    async with made.begin() as work:
        await note_connection(work, ID, event, next(stamps()), installation_id=new_id())
    return made


@pytest.fixture
async def client(store: FakeStore) -> AsyncIterator[httpx2.AsyncClient]:
    guard = Guard(KEY, audience="package_watcher", clock=Noon())
    router = routes(Doors(store, guard, new_id, FakeVault(), "1.1", NoLayouts()))
    app = create_app(title="packages", routers=[router], checks={}, registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://packages", headers=bearer(Role.ADMIN)
    ) as made:
        yield made


async def order(client: httpx2.AsyncClient, **body: object) -> httpx2.Response:
    return await client.post(f"{PACKAGE}/installations", json=body)


async def watch(store: FakeStore, *answers: Observation) -> None:
    watching = Watcher(store, ScriptedOrg(store, answers), new_id)
    for _ in answers:
        assert await watch_one(watching)
        store.jump_to_next_look()


def kind(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].removeprefix("urn:causeway:problem:")


def fields(answer: httpx2.Response) -> list[str]:
    return [error["field"] for error in answer.json()["errors"]]


async def test_before_anybody_orders(client: httpx2.AsyncClient) -> None:
    shown = (await client.get(PACKAGE)).json()
    assert (shown["state"], shown["percent"], shown["visualforce"]) == ("absent", 0, "waiting")
    assert shown["todo"].startswith("Order the installation")


async def test_a_deploy_is_ordered(client: httpx2.AsyncClient) -> None:
    answer = await order(client, method="deploy")
    assert answer.status_code == 202
    shown = answer.json()
    assert (shown["state"], shown["method"], shown["percent"]) == ("requested", "deploy", 5)
    assert shown["requested_at"] == "2026-11-24T12:00:00Z"
    assert shown["deadline"] == "2026-11-24T13:00:00Z"
    assert shown["next_look_at"] == "2026-11-24T12:00:00Z"
    assert kind(await order(client)) == (409, "installation-running")


async def test_an_order_is_repeated_without_effect(client: httpx2.AsyncClient) -> None:
    path, headers = f"{PACKAGE}/installations", {"Idempotency-Key": "click-1"}
    first = await client.post(path, json={}, headers=headers)
    again = await client.post(path, json={}, headers=headers)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    other = await client.post(path, json={}, headers={"Idempotency-Key": "click-2"})
    assert kind(other) == (409, "installation-running")


async def test_progress_is_shown(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await order(client)
    seen = Progress(Reported.IN_PROGRESS, "InProgress", components_done=3, components=6)
    await watch(store, Accepted("0Af1"), seen)
    shown = (await client.get(PACKAGE)).json()
    assert (shown["state"], shown["percent"], shown["attempts"]) == ("installing", 45, 2)
    assert (shown["salesforce_said"], shown["elapsed_seconds"]) == ("InProgress", 5.0)
    assert shown["looked_at"] == "2026-11-24T12:00:02Z"
    assert shown["next_look_at"] == "2026-11-24T12:00:05Z"


async def test_a_long_installation_is_explained(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await order(client)
    await watch(store, Accepted("0Af1"))
    store.pass_time(timedelta(minutes=6))
    await watch(store, Progress(Reported.IN_PROGRESS, "Pending"))
    shown = (await client.get(PACKAGE)).json()
    assert shown["state"] == "taking_long"
    assert "Setup > Deployment Status" in shown["todo"]


async def test_failed_components_come_with_hints(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await order(client)
    failure = Failure("CustomField Lead.Causeway_Key__c", "duplicate value found")
    await watch(store, Accepted("0Af1"), Progress(Reported.ERROR, failures=(failure,)))
    shown = (await client.get(PACKAGE)).json()
    assert shown["state"] == "failed"
    assert shown["failures"][0]["component"] == "CustomField Lead.Causeway_Key__c"
    assert shown["failures"][0]["hint"].startswith("The org has a component of this name")
    assert shown["todo"] == shown["failures"][0]["hint"]


async def test_a_manual_installation_has_a_link(client: httpx2.AsyncClient) -> None:
    shown = (await order(client, method="manual", version_id=VERSION)).json()
    assert shown["state"] == "waiting_for_admin"
    assert shown["install_link"] == (
        f"https://acme.my.salesforce.com/packaging/installPackage.apexp?p0={VERSION}"
    )
    assert shown["todo"].startswith("Open the link")


async def test_a_manual_installation_without_a_version_says_how(client: httpx2.AsyncClient) -> None:
    shown = (await order(client, method="manual")).json()
    assert shown["install_link"] == ""
    assert "sf project deploy start" in shown["todo"]


async def test_a_version_needs_consent(client: httpx2.AsyncClient) -> None:
    refused = await order(client, method="version", version_id=VERSION)
    assert kind(refused) == (422, "consent-missing")
    assert fields(refused) == ["body.grant_third_party_access"]
    accepted = await order(
        client, method="version", version_id=VERSION, audience="all", grant_third_party_access=True
    )
    assert accepted.status_code == 202
    assert accepted.json()["version_id"] == VERSION


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"password": "k"}, "body.password"),
        ({"password": ""}, "body.password"),
        ({"method": "manual", "version_id": VERSION, "password": "k"}, "body.password"),
        ({"name_conflict": "overwrite"}, "body.name_conflict"),
        ({"method": "magic"}, "body.method"),
        ({"method": "version", "grant_third_party_access": True}, "body"),
        ({"method": "manual", "version_id": "0Hf000000000001"}, "body.version_id"),
        ({"audience": "some"}, "body.audience"),
        ({"consent": True}, "body.consent"),
    ],
)
async def test_a_malformed_order_is_named(
    client: httpx2.AsyncClient, body: dict[str, Any], field: str
) -> None:
    answer = await order(client, **body)
    assert kind(answer) == (422, "validation-failed")
    assert fields(answer) == [field]


async def test_the_window_is_skipped(client: httpx2.AsyncClient, store: FakeStore) -> None:
    answer = await client.post(f"{PACKAGE}/visualforce", json={"action": "skip"})
    assert answer.json()["visualforce"] == "skipped"
    assert [type(event).__name__ for event in store.sent] == ["VisualforceSkipped"]


async def test_an_unknown_connection(client: httpx2.AsyncClient) -> None:
    other = f"/api/v1/packages/{new_id()}"
    assert kind(await client.get(other)) == (404, "unknown-connection")
    answer = await client.post(f"{other}/installations", json={})
    assert kind(answer) == (404, "unknown-connection")
    answer = await client.post(f"{other}/visualforce", json={"action": "skip"})
    assert kind(answer) == (404, "unknown-connection")


@pytest.mark.parametrize("path", ["installations", "visualforce", "upgrade", "resume", "uninstall"])
async def test_only_an_admin_may_order(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.post(f"{PACKAGE}/{path}", json={}, headers=bearer(Role.OPERATOR))
    assert kind(answer) == (403, "role-too-small")
    assert (await client.get(PACKAGE, headers=bearer(Role.VIEWER))).status_code == 200
    assert (await client.get(PACKAGE, headers={"Authorization": ""})).status_code == 401
