"""The whole worker: an order over HTTP, the loop on Postgres, a simulated org, the events."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from services.package_watcher.api import Doors, routes
from services.package_watcher.domain.cadence import Cadence
from services.package_watcher.domain.model import Org
from services.package_watcher.gateways import SalesforceOrgs, Vault
from services.package_watcher.handlers.check import Checker
from services.package_watcher.handlers.watch import Watcher
from services.package_watcher.schedule import check_loop, watch_loop
from services.package_watcher.store import CHANNEL, TABLES, PostgresStore
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.security.keyring import KeyRing, generate_key
from shared.security.tokens import Role, TokenKey, mint
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.integration.mapping.peers import FakePeers
from tests.integration.package_watcher.sent import package
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator
from tests.unit.package_watcher.fake_windows import NoLayouts
from tests.unit.package_watcher.test_api import LIFE

FAST = Cadence(first=0.05, slowest=0.2)
PATIENCE_SECONDS = 30.0
VAULT = Vault(KeyRing.parse(f"k1:{generate_key()}"))


@pytest.fixture(scope="module")
def salesforce() -> Iterator[str]:
    with simulator("salesforce", "--install-seconds", "0.5") as url:
        yield url


@pytest.fixture
async def org(real_store: PostgresStore, salesforce: str) -> tuple[Org, FakePeers]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        grant = (await http.post(f"{salesforce}/_control/grant", json={})).json()
    org = Org(new_id(), "00D1", "production", grant["id"].rpartition("/")[2])
    async with real_store.begin() as work:
        await work.orgs.save(org)
    return org, FakePeers({Side.SALESFORCE: salesforce}, {Side.SALESFORCE: grant["access_token"]})


@pytest.fixture
async def watching(
    real_store: PostgresStore, schema_url: str, org: tuple[Org, FakePeers]
) -> AsyncIterator[None]:
    stop = asyncio.Event()
    wakeups = Wakeups(schema_url)
    async with httpx2.AsyncClient(trust_env=False) as http:
        orgs = SalesforceOrgs(http, org[1].access(), package(), VAULT)
        loop = watch_loop(Watcher(real_store, orgs, new_id, FAST), wakeups, CHANNEL)
        checks = check_loop(Checker(real_store, orgs, new_id))
        tasks = [asyncio.ensure_future(run(stop)) for run in (wakeups.run, loop, checks)]
        yield
        stop.set()
        await asyncio.gather(*tasks)


@pytest.fixture
async def client(real_store: PostgresStore) -> AsyncIterator[httpx2.AsyncClient]:
    key, clock = TokenKey.generate(), SystemClock()
    token = mint(
        key,
        subject="ada",
        role=Role.ADMIN,
        audience="causeway",
        lifetime=LIFE,
        now=clock.now(),
    )
    guard = Guard(key, audience="package_watcher", clock=clock)
    router = routes(Doors(real_store, guard, new_id, VAULT, package().version, NoLayouts()))
    app = create_app(title="packages", routers=[router], checks={}, registry=CollectorRegistry())
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app),
        base_url="http://packages",
        headers={"Authorization": f"Bearer {token}"},
    ) as made:
        yield made


@pytest.mark.usefixtures("watching")
async def test_an_ordered_deploy_ends_in_place(
    client: httpx2.AsyncClient, org: tuple[Org, FakePeers], database: Database
) -> None:
    page = f"/api/v1/packages/{org[0].connection_id}"
    ordered = await client.post(f"{page}/installations", json={"method": "deploy"})
    assert ordered.status_code == 202
    shown = await reached(client, page, "installed")
    assert (shown["percent"], shown["todo"], shown["next_look_at"]) == (100, "", None)
    assert shown["versions"]["standing"] == "current"
    assert shown["history"][0]["answer"] == "ordered"
    assert shown["history"][-1]["answer"] == "in_place"
    assert await told(database, org[0]) == ["PackageInstallStarted", "PackageInstalled"]


@pytest.mark.usefixtures("watching")
async def test_what_was_taken_out_is_told_and_can_come_back(
    client: httpx2.AsyncClient, org: tuple[Org, FakePeers], database: Database
) -> None:
    page = f"/api/v1/packages/{org[0].connection_id}"
    await client.post(f"{page}/installations", json={"method": "deploy"})
    await reached(client, page, "installed")
    before = (await client.get(f"{page}/uninstall")).json()
    body = {"confirmation": before["confirmation"]}
    assert (await client.post(f"{page}/uninstall", json=body)).status_code == 202
    gone = await reached(client, page, "uninstalled")
    assert gone["presence"] is None
    await client.post(f"{page}/installations", json={"method": "deploy"})
    back = await reached(client, page, "installed")
    assert back["presence"]["found"] == "in_place"
    assert await told(database, org[0]) == [
        "PackageInstallStarted",
        "PackageInstalled",
        "PackageRemoved",
        "PackageInstallStarted",
        "PackageInstalled",
    ]


@pytest.mark.usefixtures("watching")
async def test_what_somebody_took_out_is_found(
    client: httpx2.AsyncClient, org: tuple[Org, FakePeers], salesforce: str, database: Database
) -> None:
    page = f"/api/v1/packages/{org[0].connection_id}"
    await client.post(f"{page}/installations", json={"method": "deploy"})
    await reached(client, page, "installed")
    async with SimulatorControl(salesforce) as control:
        await control.switches({"hidden_fields": {"Lead": ["Causeway_Key__c"]}})
        await client.post(f"{page}/check")
        await seen_as(client, page, "suspect")
        await client.post(f"{page}/check")
        removed = await reached(client, page, "removed")
        assert removed["presence"]["missing"] == ["Lead.Causeway_Key__c"]
        await control.switches({"hidden_fields": {}})
    await client.post(f"{page}/check")
    await reached(client, page, "installed")
    assert (await told(database, org[0]))[2:] == ["PackageRemoved", "PackageInstalled"]


async def reached(client: httpx2.AsyncClient, page: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            shown: dict[str, Any] = (await client.get(page)).json()
            assert shown["state"] not in {"failed", "timed_out"}, shown
            if shown["state"] == state:
                return shown
            await asyncio.sleep(0.02)


async def seen_as(client: httpx2.AsyncClient, page: str, found: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (await client.get(page)).json()["presence"]["found"] != found:
            await asyncio.sleep(0.02)


async def told(database: Database, org: Org) -> list[str]:
    async with database.begin() as conn:
        table = TABLES.outbox
        query = select(table.c.type).where(table.c.connection_id == org.connection_id)
        types = list((await conn.execute(query.order_by(table.c.position))).scalars())
    return [name.split(".")[2] for name in types]
