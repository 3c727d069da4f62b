"""The whole worker: an order over HTTP, the loop on Postgres, a simulated org, the events."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from functools import partial

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select

from services.package_watcher.api import routes
from services.package_watcher.domain.cadence import Cadence
from services.package_watcher.domain.model import Org
from services.package_watcher.gateways import BASE, PackageSource, SalesforceOrgs
from services.package_watcher.handlers.watch import Watcher
from services.package_watcher.schedule import watch_loop
from services.package_watcher.settings import SOURCE
from services.package_watcher.store import CHANNEL, TABLES, PostgresStore
from shared.db.database import Database
from shared.db.notify import Wakeups
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.security.tokens import Role, TokenKey, mint
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.integration.mapping.peers import FakePeers
from tests.simulators.launch import simulator
from tests.unit.package_watcher.test_api import LIFE

FAST = Cadence(first=0.05, slowest=0.2)
PATIENCE_SECONDS = 30.0


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
        orgs = SalesforceOrgs(http, org[1].access(), partial(PackageSource(SOURCE).zip, BASE))
        loop = watch_loop(Watcher(real_store, orgs, new_id, FAST), wakeups, CHANNEL)
        tasks = [asyncio.ensure_future(run(stop)) for run in (wakeups.run, loop)]
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
    router = routes(real_store, Guard(key, audience="package_watcher", clock=clock), new_id)
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
    states = []
    async with asyncio.timeout(PATIENCE_SECONDS):
        while "installed" not in states:
            shown = (await client.get(page)).json()
            states.append(shown["state"])
            await asyncio.sleep(0.02)
    assert (shown["percent"], shown["todo"], shown["next_look_at"]) == (100, "", None)
    assert {"failed", "timed_out"} & set(states) == set()
    async with database.begin() as conn:
        table = TABLES.outbox
        query = select(table.c.type).where(table.c.connection_id == org[0].connection_id)
        types = list((await conn.execute(query.order_by(table.c.position))).scalars())
    assert types == [
        "causeway.package_watcher.PackageInstallStarted.v1",
        "causeway.package_watcher.PackageInstalled.v1",
    ]
