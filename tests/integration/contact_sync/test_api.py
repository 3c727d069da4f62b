"""The routes over the real lists: pages, roles, other tenants, imports, retries."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from services.contact_sync.api import routes
from services.contact_sync.handlers.preview import Previewer
from services.contact_sync.store.views import PostgresViews
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.factories.bearers import bearer as bearer_of
from tests.fakes.contact_sync.around import FakeAround
from tests.fakes.contact_sync.stage import CONNECTION
from tests.integration.contact_sync.workshop import Workshop

KEY = TokenKey.generate()
MINE = {"connection_id": str(CONNECTION)}
OTHERS = {"connection_id": str(UUID(int=2))}


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="contact_sync")


@pytest.fixture
async def client(workshop: Workshop, views: PostgresViews) -> AsyncIterator[httpx2.AsyncClient]:
    guard = Guard(KEY, audience="contact_sync", clock=SystemClock())
    previewer = Previewer(workshop.store, workshop.crms, FakeAround(), SystemClock())
    app = create_app(
        title="contact_sync",
        routers=[routes(workshop.store, views, previewer, guard=guard, new_id=new_id)],
        checks={},
        registry=CollectorRegistry(),
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://causeway/api/v1", headers=bearer(Role.OPERATOR)
    ) as opened:
        yield opened


async def people(workshop: Workshop, count: int) -> list[str]:
    """That many synced people; answers their HubSpot ids, the oldest first."""
    ids = []
    for number in range(count):
        ids.append(workshop.crms.hubspot.add(email=f"{number}@x.test", lastname="L"))
        await workshop.note(Side.HUBSPOT, ids[-1])
        await workshop.drain_all()
    return ids


async def test_records_come_in_pages_the_latest_first(
    client: httpx2.AsyncClient, workshop: Workshop
) -> None:
    ids = await people(workshop, 3)
    first = (await client.get("/records", params={**MINE, "limit": 2})).json()
    second = (
        await client.get("/records", params={**MINE, "limit": 2, "cursor": first["next_cursor"]})
    ).json()

    seen = [item["hubspot_id"] for item in (*first["items"], *second["items"])]
    assert seen == ids[::-1]
    assert second["next_cursor"] is None
    half = first["items"][0]
    for record in (half["hubspot_id"], half["salesforce_id"]):
        found = (await client.get("/records", params={**MINE, "record": record})).json()
        assert [item["id"] for item in found["items"]] == [half["id"]]
    assert (await client.get("/records", params={**MINE, "record": "0"})).json()["items"] == []
    one = (await client.get(f"/records/{first['items'][0]['id']}", params=MINE)).json()
    assert one["base"]["lastname"] == "L"


async def test_the_journal_is_paged_and_found_by_either_id(
    client: httpx2.AsyncClient, workshop: Workshop
) -> None:
    ids = await people(workshop, 3)
    first = (await client.get("/journal", params={**MINE, "limit": 2})).json()
    second = (
        await client.get("/journal", params={**MINE, "limit": 2, "cursor": first["next_cursor"]})
    ).json()
    assert [item["hubspot_id"] for item in (*first["items"], *second["items"])] == ids[::-1]

    (entry,) = (await client.get("/journal", params={**MINE, "record": ids[0]})).json()["items"]
    record = {"record": entry["salesforce_id"]}
    (same,) = (await client.get("/journal", params={**MINE, **record})).json()["items"]
    assert same == entry
    assert entry["fields"][0]["field"] == "Email"


async def test_an_error_is_listed_and_put_back(
    client: httpx2.AsyncClient, workshop: Workshop
) -> None:
    left = workshop.crms.hubspot.add(lastname="L")
    await workshop.note(Side.HUBSPOT, left)
    await workshop.drain_all()
    (error,) = (await client.get("/errors", params=MINE)).json()["items"]
    assert (error["record_id"], error["code"]) == (left, "no_email")

    answer = await client.post(f"/errors/{error['id']}/retry", json=MINE)
    assert (answer.status_code, answer.json()) == (202, {"state": "waiting"})
    waiting = (await client.get(f"/records/waiting/{CONNECTION}")).json()
    assert waiting["records"] == 1


async def test_an_import_is_begun_and_listed(
    client: httpx2.AsyncClient, workshop: Workshop
) -> None:
    begun = await client.post("/imports", json={**MINE, "side": "hubspot"})
    assert (begun.status_code, begun.json()["state"]) == (202, "walking")

    (listed,) = (await client.get("/imports", params=MINE)).json()
    assert (listed["id"], listed["side"], listed["waiting"]) == (begun.json()["id"], "hubspot", 0)


async def test_another_tenant_sees_nothing_of_it(
    client: httpx2.AsyncClient, workshop: Workshop
) -> None:
    await people(workshop, 1)
    (mine,) = (await client.get("/records", params=MINE)).json()["items"]
    for path in ("/records", "/journal", "/errors"):
        assert (await client.get(path, params=OTHERS)).json()["items"] == []
    assert (await client.get(f"/records/{mine['id']}", params=OTHERS)).status_code == 404


async def test_what_is_unknown_is_404_and_says_what_to_do(client: httpx2.AsyncClient) -> None:
    begun = await client.post("/imports", json={**OTHERS, "side": "hubspot"})
    retried = await client.post(f"/errors/{uuid4()}/retry", json=MINE)
    for answer, kind in ((begun, "unknown-connection"), (retried, "unknown-error")):
        assert answer.status_code == 404
        assert answer.json()["type"] == f"urn:causeway:problem:{kind}"


async def test_reading_is_for_viewers_and_acting_for_operators(
    client: httpx2.AsyncClient,
) -> None:
    viewer = bearer(Role.VIEWER)
    assert (await client.get("/records", params=MINE, headers=viewer)).status_code == 200
    acted = await client.post("/imports", json={**MINE, "side": "hubspot"}, headers=viewer)
    assert acted.status_code == 403
    anonymous = await client.get("/records", params=MINE, headers={"Authorization": ""})
    assert anonymous.status_code == 401
