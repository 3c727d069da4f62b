import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import select, update

from services.connection.store import PostgresStore
from services.connection.store.tables import grants
from shared.db.database import Database
from shared.kernel.records import Side
from shared.security.tokens import Role
from tests.integration.connection.office import (
    BASE,
    Deployment,
    age_tokens,
    bearer,
    consent,
    established,
    link_for,
    remove,
    running,
    token,
    types,
)
from tests.simulators.launch import simulator


@pytest.fixture(scope="module")
def hubspot() -> Iterator[str]:
    with simulator("hubspot", "--portal-id", "4711", "--auto-approve") as url:
        yield url


@pytest.fixture(scope="module")
def salesforce() -> Iterator[str]:
    with simulator("salesforce", "--rotate-refresh-tokens") as url:
        yield url


@pytest.fixture
def deployment(schema_url: str, key: str, hubspot: str, salesforce: str) -> Deployment:
    return Deployment(schema_url, key, hubspot, salesforce)


@pytest.fixture
async def http(deployment: Deployment) -> AsyncIterator[httpx2.AsyncClient]:
    async with running(deployment.settings("simulated-secret")) as client:
        yield client


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


async def test_the_same_accounts_bring_a_disconnected_connection_back(
    http: httpx2.AsyncClient, database: Database
) -> None:
    kept = await established(http)
    wish = {"confirm": "4711"}
    ended = await http.request("DELETE", f"{BASE}/{kept}", json=wish, headers=bearer(Role.ADMIN))
    assert ended.status_code == 204
    assert (await token(http, kept, "hubspot")).json()["type"].endswith("connection-incomplete")

    new = await established(http)

    assert new != kept
    seen = (await http.get(f"{BASE}/{new}", headers=bearer(Role.ADMIN))).json()
    assert (seen["id"], seen["state"]) == (kept, "active")
    assert (await token(http, kept, "hubspot")).status_code == 200
    assert await types(database, kept) == [
        "ConnectionEstablished",
        "ConnectionRemoved",
        "ConnectionEstablished",
    ]
    await remove(http, kept)
    assert (await http.get(f"{BASE}/{new}", headers=bearer(Role.ADMIN))).status_code == 404
    again = await established(http)
    seen = (await http.get(f"{BASE}/{again}", headers=bearer(Role.ADMIN))).json()
    assert seen["id"] == again
    await remove(http, again)
