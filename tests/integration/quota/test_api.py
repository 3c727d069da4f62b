from collections.abc import AsyncIterator
from uuid import uuid4

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from services.quota.api import counted, routes
from services.quota.store import PostgresStore
from shared.crm.transport import CallKind, LimitInfo
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.security.tokens import Role, TokenKey
from shared.telemetry.metrics import Metrics
from shared.web.app import create_app
from shared.web.guard import Guard
from shared.web.peers.meter import LeasedMeter, QuotaExhaustedError
from shared.web.peers.peer import Peer
from tests.factories.bearers import bearer as bearer_of

KEY = TokenKey.generate()


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="quota")


@pytest.fixture
def metrics() -> Metrics:
    """What the routes count."""
    return Metrics()


@pytest.fixture
async def client(store: PostgresStore, metrics: Metrics) -> AsyncIterator[httpx2.AsyncClient]:
    guard = Guard(KEY, audience="quota", clock=SystemClock())
    app = create_app(
        title="quota",
        routers=[routes(store, guard, new_id, counted(metrics))],
        checks={},
        registry=CollectorRegistry(),
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://quota", headers=bearer(Role.SERVICE)
    ) as opened:
        yield opened


def wish(connection_id: str, **parts: object) -> dict[str, object]:
    return {"connection_id": connection_id, "side": "salesforce", "calls": 10} | parts


async def test_a_lease_and_its_return_show_in_the_use(client: httpx2.AsyncClient) -> None:
    connection_id = str(uuid4())
    granted = await client.post("/api/v1/quota/leases", json=wish(connection_id, purpose="poll"))
    assert granted.status_code == 201
    body = granted.json()
    assert body["granted"] == 10
    told = {"used": 4, "reported_used": 900, "reported_limit": 100_000}
    path = f"/api/v1/quota/leases/{body['lease_id']}/return"
    for _ in range(2):
        assert (await client.post(path, json=told)).status_code == 204
    seen = (await client.get(f"/api/v1/quota/{connection_id}", headers=bearer(Role.VIEWER))).json()
    assert seen["hubspot"] is None
    salesforce = seen["salesforce"]
    assert (salesforce["used"], salesforce["left"]) == (4, 59_996)
    assert (salesforce["org_used"], salesforce["org_limit"]) == (900, 100_000)
    assert salesforce["purposes"] == {"live": 0, "import": 0, "poll": 4, "setup": 0}
    assert [hour["calls"] for hour in salesforce["hours"]][-2:] in ([0, 4], [4, 0])
    assert len(salesforce["hours"]) == 24


async def test_a_full_window_is_429_with_the_time_to_wait(
    client: httpx2.AsyncClient, metrics: Metrics
) -> None:
    connection_id = str(uuid4())
    wanted = wish(connection_id, side="hubspot", calls=20)
    for _ in range(5):
        assert (await client.post("/api/v1/quota/leases", json=wanted)).status_code == 201
    refused = await client.post("/api/v1/quota/leases", json=wanted)
    assert refused.status_code == 429
    body = refused.json()
    assert body["type"] == "urn:causeway:problem:quota-exhausted"
    assert 0 < body["retry_after"] <= 2
    assert int(refused.headers["Retry-After"]) >= body["retry_after"]
    assert body["scope"] == "burst"
    labels = {"side": "hubspot", "kind": "call", "purpose": "live"}
    assert {
        outcome: metrics.registry.get_sample_value(
            "causeway_quota_leases_total", {**labels, "outcome": outcome}
        )
        for outcome in ("granted", "refused")
    } == {"granted": 5, "refused": 1}


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"calls": 0}, "body.calls"),
        ({"side": "zoho"}, "body.side"),
        ({"purpose": "fun"}, "body.purpose"),
        ({"kind": "bulk"}, "body.kind"),
    ],
)
async def test_a_wrong_wish_names_the_field(
    client: httpx2.AsyncClient, parts: dict[str, object], field: str
) -> None:
    answer = await client.post("/api/v1/quota/leases", json=wish(str(uuid4()), **parts))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_unknown_things_are_404(client: httpx2.AsyncClient) -> None:
    lease = await client.post(f"/api/v1/quota/leases/{uuid4()}/return", json={"used": 0})
    assert (lease.status_code, lease.json()["type"]) == (404, "urn:causeway:problem:lease-unknown")
    use = await client.get(f"/api/v1/quota/{uuid4()}")
    assert (use.status_code, use.json()["type"]) == (404, "urn:causeway:problem:connection-unknown")


async def test_only_services_lease_and_nobody_reads_without_a_token(
    client: httpx2.AsyncClient,
) -> None:
    as_admin = await client.post(
        "/api/v1/quota/leases", json=wish(str(uuid4())), headers=bearer(Role.ADMIN)
    )
    assert as_admin.status_code == 403
    nobody = await client.get(f"/api/v1/quota/{uuid4()}", headers={"Authorization": ""})
    assert nobody.status_code == 401


async def test_a_meter_of_another_service_counts_every_call_and_returns_the_rest(
    client: httpx2.AsyncClient,
) -> None:
    connection_id = uuid4()
    quota = Peer(
        client,
        base_url="http://quota",
        audience="quota",
        token_key=KEY,
        subject="contact_sync",
        clock=SystemClock(),
    )
    async with LeasedMeter(quota, connection_id, Side.SALESFORCE, purpose="live") as meter:
        for _ in range(33):
            await meter.take(CallKind.CALL)
        meter.observe(LimitInfo(used=70, limit=100_000))
    async with LeasedMeter(quota, connection_id, Side.HUBSPOT, purpose="live") as meter:
        await meter.take(CallKind.SEARCH)
        for _ in range(12):
            await meter.take(CallKind.CALL)
    seen = (await client.get(f"/api/v1/quota/{connection_id}")).json()
    assert (seen["salesforce"]["used"], seen["salesforce"]["org_used"]) == (33, 70)
    assert seen["hubspot"]["used"] == 13


async def test_a_meter_hears_soon_that_a_burst_is_over(client: httpx2.AsyncClient) -> None:
    quota = Peer(
        client,
        base_url="http://quota",
        audience="quota",
        token_key=KEY,
        subject="contact_sync",
        clock=SystemClock(),
    )
    async with LeasedMeter(quota, uuid4(), Side.HUBSPOT, purpose="live") as meter:
        for _ in range(100):
            await meter.take(CallKind.CALL)
        with pytest.raises(QuotaExhaustedError) as caught:
            await meter.take(CallKind.CALL)
    assert caught.value.retry_after is not None
    assert 0 < caught.value.retry_after <= 2
