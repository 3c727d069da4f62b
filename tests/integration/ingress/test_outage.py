"""Real servers that go away: the sender is told to come back, and nothing accepted is lost."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
from prometheus_client import CollectorRegistry
from sqlalchemy import func, insert, select

from deploy.local.backing import Backing
from services.ingress.main import build
from services.ingress.settings import Settings
from services.ingress.store.tables import connections, deliveries
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision_async
from shared.runtime.service import Service
from shared.security.tokens import TokenKey
from shared.web.app import create_app
from tests.integration.ingress.conftest import SECRET, URL, Door, body, connection, event, row_of

pytestmark = [pytest.mark.xdist_group("crash"), pytest.mark.timeout(180)]

PATIENCE_SECONDS = 30.0


@pytest.fixture
async def real_door(own_servers: Backing) -> AsyncIterator[Door]:
    """The service as it is deployed, on servers that this test may stop."""
    urls = await provision_async(
        own_servers.database_url,
        database=f"outage_{uuid4().hex[:8]}",
        passwords={"ingress": "p"},
    )
    await asyncio.to_thread(upgrade, "ingress", urls["ingress"])
    service = build(settings(own_servers, urls["ingress"]))
    app = create_app(
        title="ingress",
        routers=list(service.routers),
        checks=service.checks,
        registry=CollectorRegistry(),
    )
    async with database_of(service).begin() as conn:
        await conn.execute(insert(connections).values(row_of(connection())))
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://causeway") as http:
        yield Door(http, database_of(service))
    await service.close()
    await database_of(service).close()


def database_of(service: Service) -> Database:
    assert service.database is not None
    return service.database


def settings(servers: Backing, database_url: str) -> Settings:
    values = {
        "amqp_url": servers.amqp_url,
        "token_key": TokenKey.generate().export(),
        "public_url": URL.removesuffix("/webhooks/hubspot"),
        "peer_url": "http://127.0.0.1:9",
        "CAUSEWAY_INGRESS_DATABASE_URL": database_url,
        "hash_key": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
        "hubspot_client_secret": SECRET,
    }
    return Settings.model_validate(values)


async def accepted_again(door: Door, number: int) -> int:
    """Knocks as a sender retries: until it is accepted; answers how many times it was refused."""
    refused = 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while (answer := await door.knock(body(event(number)))).status_code != 204:
            assert answer.status_code == 503
            assert answer.headers["content-type"].startswith("application/problem+json")
            refused += 1
            await asyncio.sleep(0.2)
    return refused


async def stored(door: Door) -> int:
    async with door.database.begin() as conn:
        return (await conn.execute(select(func.count()).select_from(deliveries))).scalar_one()


async def test_p1_a_stopped_broker_is_a_503_and_then_a_204(
    real_door: Door, own_servers: Backing
) -> None:
    assert own_servers.controls is not None
    assert await accepted_again(real_door, 1) == 0
    await asyncio.to_thread(own_servers.controls.stop_rabbitmq)
    try:
        answer = await real_door.knock(body(event(2)))
        assert answer.status_code == 503
        assert await stored(real_door) == 1
    finally:
        await asyncio.to_thread(own_servers.controls.start_rabbitmq)

    await accepted_again(real_door, 2)
    assert await stored(real_door) == 2


async def test_p12_under_the_brokers_alarm_webhooks_are_stored(
    real_door: Door, own_servers: Backing
) -> None:
    """The broker is there, so what ADR 0014 refuses is not the case; the outbox waits."""
    assert own_servers.controls is not None
    assert await accepted_again(real_door, 1) == 0
    control = own_servers.controls.control_rabbitmq
    await asyncio.to_thread(control, "set_disk_free_limit", "100000GB")
    try:
        assert (await real_door.knock(body(event(2)))).status_code == 204
        assert await stored(real_door) == 2
    finally:
        await asyncio.to_thread(control, "set_disk_free_limit", "50MB")


async def test_p1_a_killed_database_is_a_503_and_keeps_what_was_accepted(
    real_door: Door, own_servers: Backing
) -> None:
    assert own_servers.controls is not None
    for number in range(5):
        assert await accepted_again(real_door, number) == 0
    await asyncio.to_thread(own_servers.controls.kill_postgres)
    try:
        assert (await real_door.knock(body(event(6)))).status_code == 503
    finally:
        await asyncio.to_thread(own_servers.controls.start_postgres)

    await accepted_again(real_door, 6)
    assert await stored(real_door) == 6
