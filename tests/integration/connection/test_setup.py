"""Pre-flights and moves against a portal, a sandbox and a production org."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx2
import pytest
import uvicorn
from sqlalchemy import select

from services.connection.store import OUTBOX, PostgresStore
from shared.db.database import Database
from shared.kernel.records import Side
from shared.security.tokens import Role
from tests.integration.connection.office import (
    BASE,
    Deployment,
    bearer,
    consent,
    link_for,
    running,
    token,
)
from tests.integration.mapping.peers import FakePeers
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator

SANDBOX_ORG, PRODUCTION_ORG = "00D5g0000000001EAA", "00D5g0000000002EAA"
PORTAL = "4712"
USUAL = {"missing_permissions": [], "hidden_fields": {}, "edition": "Enterprise Edition"}
LACKING = ["ViewSetup", "ModifyMetadata", "InstallPackaging"]


@dataclass(frozen=True)
class Orgs:
    sandbox: str
    production: str


@pytest.fixture(scope="module")
def hubspot() -> Iterator[str]:
    with simulator("hubspot", "--portal-id", PORTAL, "--auto-approve") as url:
        yield url


@pytest.fixture(scope="module")
def sandbox() -> Iterator[str]:
    with simulator("salesforce", "--sandbox", "--org-id", SANDBOX_ORG) as url:
        yield url


@pytest.fixture(scope="module")
def production() -> Iterator[str]:
    with simulator("salesforce", "--org-id", PRODUCTION_ORG) as url:
        yield url


@pytest.fixture
async def orgs(sandbox: str, production: str) -> Orgs:
    for url in (sandbox, production):
        async with SimulatorControl(url) as control:
            await control.reset()
            await control.switches(USUAL)
    return Orgs(sandbox, production)


@pytest.fixture
async def quota() -> AsyncIterator[tuple[FakePeers, str]]:
    """The quota service, where connection finds it."""
    peers = FakePeers({}, {})
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(peers.app(), log_level="warning", lifespan="off")
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        yield peers, url
        server.should_exit = True
        await serving


@pytest.fixture
async def http(
    schema_url: str, key: str, hubspot: str, orgs: Orgs, quota: tuple[FakePeers, str]
) -> AsyncIterator[httpx2.AsyncClient]:
    more = {
        "salesforce_sandbox_login_url": orgs.sandbox,
        "extra_crm_origins": (orgs.sandbox, orgs.production),
        "peer_url": quota[1],
    }
    deployment = Deployment(schema_url, key, hubspot, orgs.production, more)
    async with running(deployment.settings("simulated-secret")) as client:
        yield client


@asynccontextmanager
async def connected(http: httpx2.AsyncClient) -> AsyncIterator[str]:
    """A portal joined to the sandbox, removed at the end."""
    made = await http.post(BASE, json={"environment": "sandbox"}, headers=bearer(Role.ADMIN))
    body = made.json()
    assert (await consent(http, body["hubspot_authorize_url"])).status_code == 200
    page = await consent(http, await link_for(http, body["id"], "salesforce"))
    assert "Salesforce is connected" in page.text
    yield str(body["id"])
    wish = {"confirm": PORTAL, "purge": True}
    gone = await http.request(
        "DELETE", f"{BASE}/{body['id']}", json=wish, headers=bearer(Role.ADMIN)
    )
    assert gone.status_code == 204


async def run(http: httpx2.AsyncClient, connection_id: str, *features: str) -> dict[str, Any]:
    answer = await http.post(
        f"{BASE}/{connection_id}/preflight",
        params={"features": list(features)},
        headers=bearer(Role.OPERATOR),
    )
    assert answer.status_code == 200
    return dict(answer.json())


def marks(run: dict[str, Any], *, but: str = "passed") -> dict[str, str]:
    return {item["key"]: item["mark"] for item in run["items"] if item["mark"] != but}


async def move(http: httpx2.AsyncClient, connection_id: str, environment: str) -> httpx2.Response:
    wish = {"confirm": PORTAL, "environment": environment}
    path = f"{BASE}/{connection_id}/move"
    answer = await http.post(path, json=wish, headers=bearer(Role.ADMIN))
    return await consent(http, answer.json()["authorize_url"])


async def told(database: Database, connection_id: str) -> list[dict[str, Any]]:
    mine = OUTBOX.c.connection_id == connection_id
    query = select(OUTBOX.c.data).where(mine).order_by(OUTBOX.c.position)
    async with database.begin() as conn:
        return [dict(data) for data in (await conn.execute(query)).scalars()]


async def test_a_preflight_asks_both_crms_and_counts_its_calls(
    http: httpx2.AsyncClient, quota: tuple[FakePeers, str], sandbox: str
) -> None:
    async with connected(http) as connection_id:
        async with SimulatorControl(sandbox) as control:
            await control.reset_calls()
        everything = ("contacts", "companies", "deals", "activities", "window", "managed_package")
        done = await run(http, connection_id, *everything, "deployed_package", "inclusion_list")
        assert marks(done) == {}
        assert quota[0].purposes == {"setup"}
        async with SimulatorControl(sandbox) as control:
            assert (await control.calls())["total"] == 2
        kept = await http.get(f"{BASE}/{connection_id}/preflight", headers=bearer(Role.VIEWER))
        assert kept.json() == done


async def test_a_preflight_finds_what_is_missing(http: httpx2.AsyncClient, sandbox: str) -> None:
    async with connected(http) as connection_id:
        async with SimulatorControl(sandbox) as control:
            await control.switches(
                {"missing_permissions": LACKING, "hidden_fields": {"Lead": ["Phone"]}}
            )
            await control.order("limits", used=99_000)
        done = await run(http, connection_id, "contacts", "window", "managed_package")
        assert marks(done) == {
            "salesforce.right.ViewSetup": "failed",
            "salesforce.right.ModifyMetadata": "failed",
            "salesforce.right.InstallPackaging": "failed",
            "salesforce.fields.Lead": "failed",
            "salesforce.calls": "failed",
        }
        again = await run(http, connection_id, "companies")
        assert marks(again) == {
            "salesforce.right.ViewSetup": "failed",
            "salesforce.calls": "failed",
        }


async def test_an_edition_without_api_is_called_by_its_name(
    http: httpx2.AsyncClient, sandbox: str
) -> None:
    async with connected(http) as connection_id:
        async with SimulatorControl(sandbox) as control:
            await control.switches({"edition": "Team Edition"})
        done = await run(http, connection_id, "contacts")
        found = marks(done)
        assert found["salesforce.edition"] == "failed"
        assert found["salesforce.right.ApiEnabled"] == "failed"


async def test_without_calls_from_quota_the_preflight_says_so(
    http: httpx2.AsyncClient, quota: tuple[FakePeers, str]
) -> None:
    async with connected(http) as connection_id:
        quota[0].calls_left = 0
        done = await run(http, connection_id, "contacts")
        assert marks(done)["salesforce.calls"] == "failed"
        assert marks(done)["salesforce.edition"] == "unknown"


async def test_from_the_sandbox_to_production_and_back(
    http: httpx2.AsyncClient,
    database: Database,
    store: PostgresStore,
    orgs: Orgs,
) -> None:
    async with connected(http) as connection_id:
        before = (await token(http, connection_id, "salesforce")).json()
        assert (before["account_id"], before["base_url"]) == (SANDBOX_ORG, orgs.sandbox)
        page = await move(http, connection_id, "production")
        assert "has moved to this org" in page.text
        after = (await token(http, connection_id, "salesforce")).json()
        assert (after["account_id"], after["base_url"]) == (PRODUCTION_ORG, orgs.production)
        async with httpx2.AsyncClient() as browser:
            bearers = {"Authorization": f"Bearer {before['access_token']}"}
            left = await browser.get(f"{orgs.sandbox}/services/data/v66.0/limits", headers=bearers)
        assert left.status_code == 401
        seen = (await http.get(f"{BASE}/{connection_id}", headers=bearer(Role.VIEWER))).json()
        assert (seen["environment"], seen["org_id"]) == ("production", PRODUCTION_ORG)
        assert seen["warnings"] == []
        await move(http, connection_id, "sandbox")
        events = await told(database, connection_id)
        assert [(one["org_id"], one["environment"], one["moved"]) for one in events] == [
            (SANDBOX_ORG, "sandbox", False),
            (PRODUCTION_ORG, "production", True),
            (SANDBOX_ORG, "sandbox", True),
        ]
        async with store.begin() as work:
            held = (await work.grants([UUID(connection_id)]))[UUID(connection_id)]
        assert held[Side.SALESFORCE].account_id == SANDBOX_ORG


async def test_an_org_that_is_signed_in_to_without_a_move_is_refused(
    http: httpx2.AsyncClient, sandbox: str
) -> None:
    async with connected(http) as connection_id:
        other = await http.post(BASE, json={"environment": "sandbox"}, headers=bearer(Role.ADMIN))
        link = other.json()["hubspot_authorize_url"]
        refused = await consent(http, link)
        assert refused.status_code == 409
        assert connection_id in refused.text
        still = (await token(http, connection_id, "salesforce")).json()
        assert still["base_url"] == sandbox
