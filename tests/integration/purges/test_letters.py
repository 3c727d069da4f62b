"""Dead letters of a purged tenant go with it; those of others stay. And how an admin looks."""

from typing import Any
from uuid import UUID, uuid4

import httpx2
from prometheus_client import CollectorRegistry

from shared.messaging.dead_letters import DeadLetters
from shared.messaging.topology import Subscription
from shared.runtime.operations import operations
from shared.runtime.purging import Purging
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from tests.factories.bearers import bearer
from tests.fakes.broker import topology
from tests.integration.plumbing.letters import at_broker, body_of
from tests.integration.purges.conftest import Tenancy
from tests.integration.purges.rows import put

QUEUE = "quota.lifecycle"
KEY = TokenKey.generate()


async def nobody(_batch: object) -> None:
    """The letters are dead already."""


async def test_dead_letters_of_the_tenant_go_and_those_of_others_stay(
    tenancies: list[Tenancy], amqp_url: str, namespace: str
) -> None:
    (quota,) = [one for one in tenancies if one.name == "quota"]
    gone, stays = uuid4(), uuid4()
    subscription = Subscription(QUEUE, (), nobody)
    async with (
        topology(amqp_url, [subscription], namespace=namespace),
        at_broker(amqp_url, namespace) as broker,
    ):
        for tenant in (gone, stays, gone):
            await broker.put(body_of("x", connection=tenant), queue=f"{QUEUE}.dead")
        async with quota.database.begin() as conn:
            await quota.purges.order(conn, gone)
        letters = [DeadLetters(amqp_url, subscription, namespace=namespace)]
        purging = Purging("quota", quota.database, quota.purges, letters)
        while await purging.some():
            pass
        assert await broker.count(f"{QUEUE}.dead") == 1
    async with quota.database.begin() as conn:
        report = await quota.purges.report(conn, gone)
    assert report is not None
    assert report.deleted == {"dead letters": 2}


async def test_an_operator_sees_what_is_held_and_what_went(tenancies: list[Tenancy]) -> None:
    (quota,) = [one for one in tenancies if one.name == "quota"]
    tenant = uuid4()
    await put(quota.database, quota.tables, tenant)

    assert await _seen(quota, tenant, Role.VIEWER) == {"status": 403}
    before = await _seen(quota, tenant, Role.OPERATOR)
    async with quota.database.begin() as conn:
        await quota.purges.order(conn, tenant)
    ordered = await _seen(quota, tenant, Role.OPERATOR)
    await quota.work_off()
    after = await _seen(quota, tenant, Role.OPERATOR)

    held = {table.name: 1 for table in quota.tables}
    assert (before["held"], before["purge"]) == (held, None)
    assert ordered["purge"]["state"] == "deleting"
    assert (after["held"], after["purge"]["state"], after["purge"]["deleted"]) == ({}, "done", held)


async def _seen(tenancy: Tenancy, tenant: UUID, role: Role) -> Any:
    service = Service(name="quota", database=tenancy.database, purges=tenancy.purges)
    deployment = DeploymentSettings.model_validate(
        {
            "amqp_url": "amqp://127.0.0.1:1/",
            "token_key": KEY.export(),
            "public_url": "https://causeway.example",
            "peer_url": "https://causeway.example",
        }
    )
    routers = operations(service, deployment)
    app = create_app(title="quota", routers=routers, checks={}, registry=CollectorRegistry())
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://quota") as http:
        path = f"/api/v1/operations/quota/connections/{tenant}"
        answer = await http.get(path, headers=bearer(KEY, role, service="quota"))
    return answer.json() if answer.is_success else {"status": answer.status_code}
