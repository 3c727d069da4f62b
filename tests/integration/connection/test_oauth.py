"""The whole way of an admin, with both simulated CRMs and a real database."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import select, update

from services.connection.main import build
from services.connection.settings import Settings
from services.connection.store import OUTBOX, PostgresStore
from services.connection.store.tables import grants
from shared.db.database import Database
from shared.kernel.records import Side
from shared.runtime.service import Service
from shared.runtime.wiring import close_service
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from tests.factories.bearers import bearer as bearer_of
from tests.simulators.launch import simulator

KEY = TokenKey.generate()
BASE = "/api/v1/connections"
PUBLIC = "https://causeway.example"
SALESFORCE_CLIENT = "3MVG9.causeway.simulated"


@pytest.fixture(scope="module")
def hubspot() -> Iterator[str]:
    with simulator("hubspot", "--portal-id", "4711", "--auto-approve") as url:
        yield url


@pytest.fixture(scope="module")
def salesforce() -> Iterator[str]:
    with simulator("salesforce", "--rotate-refresh-tokens") as url:
        yield url


@dataclass(frozen=True)
class Deployment:
    schema_url: str
    key: str
    hubspot: str
    salesforce: str

    def settings(self, client_secret: str) -> Settings:
        return Settings.model_validate(
            {
                "amqp_url": "amqp://127.0.0.1",
                "token_key": KEY.export(),
                "public_url": PUBLIC,
                "peer_url": PUBLIC,
                "database_url": self.schema_url,
                "key_ring": f"k1:{self.key}",
                "hubspot_api_url": self.hubspot,
                "hubspot_app_url": self.hubspot,
                "hubspot_client_id": "simulated-client",
                "hubspot_client_secret": client_secret,
                "hubspot_app_id": "222",
                "salesforce_login_url": self.salesforce,
                "salesforce_client_id": SALESFORCE_CLIENT,
                "salesforce_client_secret": client_secret,
                "extra_crm_origins": (self.salesforce,),
            }
        )


@pytest.fixture
def deployment(schema_url: str, key: str, hubspot: str, salesforce: str) -> Deployment:
    return Deployment(schema_url, key, hubspot, salesforce)


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[httpx2.AsyncClient]:
    service = build(settings)
    async with client_of(service) as client:
        yield client
    await close_service(service)


def client_of(service: Service) -> httpx2.AsyncClient:
    app = create_app(
        title="connection",
        routers=service.routers,
        checks={},
        registry=CollectorRegistry(),
    )
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=PUBLIC)


@pytest.fixture
async def http(deployment: Deployment) -> AsyncIterator[httpx2.AsyncClient]:
    async with running(deployment.settings("simulated-secret")) as client:
        yield client


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="connection")


async def consent(http: httpx2.AsyncClient, link: str, decision: str = "allow") -> httpx2.Response:
    """What a person with a browser does: open the link, decide at the CRM, come back."""
    at_crm = (await http.get(link)).headers["location"]
    async with httpx2.AsyncClient() as browser:
        answer = await browser.get(at_crm)
        if not answer.is_redirect:
            form = dict(parse_qsl(urlsplit(at_crm).query)) | {"decision": decision}
            answer = await browser.post(at_crm.partition("?")[0], data=form)
    return await http.get(answer.headers["location"])


async def link_for(http: httpx2.AsyncClient, connection_id: str, side: str) -> str:
    path = f"{BASE}/{connection_id}/authorizations/{side}"
    return str((await http.post(path, headers=bearer(Role.ADMIN))).json()["authorize_url"])


async def established(http: httpx2.AsyncClient) -> str:
    made = await http.post(BASE, json={"environment": "production"}, headers=bearer(Role.ADMIN))
    body = made.json()
    assert (await consent(http, body["hubspot_authorize_url"])).status_code == 200
    page = await consent(http, await link_for(http, body["id"], "salesforce"))
    assert "Salesforce is connected" in page.text
    return str(body["id"])


async def remove(http: httpx2.AsyncClient, connection_id: str) -> None:
    gone = await http.request(
        "DELETE", f"{BASE}/{connection_id}", json={"confirm": "4711"}, headers=bearer(Role.ADMIN)
    )
    assert gone.status_code == 204


async def token(
    http: httpx2.AsyncClient, connection_id: str, side: str, rejected: str | None = None
) -> httpx2.Response:
    path = f"{BASE}/{connection_id}/tokens/{side}"
    return await http.post(path, json={"rejected": rejected}, headers=bearer(Role.SERVICE))


async def age_tokens(database: Database, connection_id: str) -> None:
    """As if the access tokens were near their end, and not just made."""
    async with database.begin() as conn:
        await conn.execute(
            update(grants)
            .where(grants.c.connection_id == connection_id)
            .values(
                expires_at=grants.c.expires_at - timedelta(hours=1),
                refreshed_at=grants.c.refreshed_at - timedelta(hours=1),
            )
        )


async def types(database: Database, connection_id: str) -> list[str]:
    mine = OUTBOX.c.connection_id == connection_id
    async with database.begin() as conn:
        rows = await conn.execute(select(OUTBOX.c.type).where(mine).order_by(OUTBOX.c.position))
        return [name.split(".")[2] for name in rows.scalars()]


async def test_connect_use_refresh_and_remove(
    http: httpx2.AsyncClient, database: Database, hubspot: str, salesforce: str
) -> None:
    connection_id = await established(http)
    seen = (await http.get(f"{BASE}/{connection_id}", headers=bearer(Role.ADMIN))).json()
    assert (seen["state"], seen["portal_id"], seen["org_id"]) == (
        "active",
        "4711",
        "00D5g0000000001EAA",
    )
    assert seen["instance_url"] == salesforce
    assert "crm.objects.owners.read" in seen["hubspot"]["scopes"]
    for side, base_url in (("hubspot", hubspot), ("salesforce", salesforce)):
        first = (await token(http, connection_id, side)).json()
        assert first["base_url"] == base_url
        await age_tokens(database, connection_id)
        for _ in range(2):
            second = (await token(http, connection_id, side)).json()
            assert second["access_token"] != first["access_token"]
            assert second == (await token(http, connection_id, side)).json()
            await age_tokens(database, connection_id)
            first = second
    assert await types(database, connection_id) == ["ConnectionEstablished"]
    await remove(http, connection_id)
    assert await types(database, connection_id) == ["ConnectionEstablished", "ConnectionRemoved"]


async def test_the_access_tokens_work_at_the_crms(http: httpx2.AsyncClient) -> None:
    connection_id = await established(http)
    paths = {"hubspot": "/account-info/v3/details", "salesforce": "/services/data/v66.0/limits"}
    async with httpx2.AsyncClient() as browser:
        for side, path in paths.items():
            got = (await token(http, connection_id, side)).json()
            authorization = {"Authorization": f"Bearer {got['access_token']}"}
            answer = await browser.get(got["base_url"] + path, headers=authorization)
            assert answer.status_code == 200
    await remove(http, connection_id)


async def test_a_grant_that_was_revoked_at_the_crm_breaks_and_a_reconnect_restores(
    http: httpx2.AsyncClient, database: Database, store: PostgresStore, salesforce: str
) -> None:
    connection_id = await established(http)
    async with store.begin() as work:
        held = (await work.grants([UUID(connection_id)]))[UUID(connection_id)]
    async with httpx2.AsyncClient() as browser:
        revoked = await browser.post(
            f"{salesforce}/services/oauth2/revoke",
            data={"token": held[Side.SALESFORCE].refresh_token},
        )
        assert revoked.status_code == 200
    await age_tokens(database, connection_id)
    broken = await token(http, connection_id, "salesforce")
    assert (broken.status_code, broken.json()["type"]) == (
        409,
        "urn:causeway:problem:connection-broken",
    )
    assert (await token(http, connection_id, "hubspot")).status_code == 200
    await consent(http, await link_for(http, connection_id, "salesforce"))
    assert (await token(http, connection_id, "salesforce")).status_code == 200
    assert await types(database, connection_id) == [
        "ConnectionEstablished",
        "ConnectionBroken",
        "ConnectionRestored",
    ]
    await remove(http, connection_id)


async def test_a_refused_token_is_replaced(http: httpx2.AsyncClient, database: Database) -> None:
    connection_id = await established(http)
    first = (await token(http, connection_id, "salesforce")).json()
    async with database.begin() as conn:
        await conn.execute(
            update(grants).values(refreshed_at=grants.c.refreshed_at - timedelta(minutes=1))
        )
    refused = hashlib.sha256(first["access_token"].encode()).hexdigest()
    second = (await token(http, connection_id, "salesforce", refused)).json()
    assert second["access_token"] != first["access_token"]
    await remove(http, connection_id)


async def test_a_person_who_says_no_gets_a_page_that_says_what_to_do(
    http: httpx2.AsyncClient,
) -> None:
    made = await http.post(BASE, json={"environment": "production"}, headers=bearer(Role.ADMIN))
    connection_id = made.json()["id"]
    link = await link_for(http, connection_id, "salesforce")
    page = await consent(http, link, decision="deny")
    assert page.status_code == 400
    assert "The connection was not allowed" in page.text


async def test_a_wrong_client_secret_is_explained_and_breaks_nothing(
    http: httpx2.AsyncClient, database: Database, deployment: Deployment
) -> None:
    connection_id = await established(http)
    await age_tokens(database, connection_id)
    async with running(deployment.settings("wrong")) as misled:
        for side in ("hubspot", "salesforce"):
            answer = await token(misled, connection_id, side)
            assert (answer.status_code, answer.json()["retry_after"]) == (503, 60)
            page = await consent(misled, await link_for(misled, connection_id, side))
            assert page.status_code == 502
            assert "CLIENT_SECRET" in page.text
    assert await types(database, connection_id) == ["ConnectionEstablished"]
    assert (await token(http, connection_id, "salesforce")).status_code == 200
    await remove(http, connection_id)


async def test_two_processes_refresh_a_rotating_grant_once(
    http: httpx2.AsyncClient, database: Database, deployment: Deployment
) -> None:
    connection_id = await established(http)
    await age_tokens(database, connection_id)
    async with running(deployment.settings("simulated-secret")) as other:
        answers = await asyncio.gather(
            *(token(client, connection_id, "salesforce") for client in (http, other) * 6)
        )
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["access_token"] for answer in answers}) == 1
    async with database.begin() as conn:
        mine = (grants.c.connection_id == connection_id) & (grants.c.side == "salesforce")
        generation = (await conn.execute(select(grants.c.generation).where(mine))).scalar_one()
    assert generation == 2
    await remove(http, connection_id)
