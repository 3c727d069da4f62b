"""The route of previews: who may, what is refused and which field it names, what is answered."""

import logging
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
from prometheus_client import CollectorRegistry

from services.contact_sync.api.preview_views import MAX_SHOWN
from services.contact_sync.api.previews import AT_ONCE, preview_routes
from services.contact_sync.domain.allowance import Left
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.factories.bearers import bearer as bearer_of
from tests.fakes.clock import FixedClock
from tests.fakes.contact_sync.stage import CONNECTION, MAPPINGS, Stage

KEY = TokenKey.generate()
PATH = "/records/previews"
MINE = {"connection_id": str(CONNECTION)}
MAPPING = MAPPINGS[1].model_dump(mode="json")


def bearer(role: Role) -> dict[str, str]:
    return bearer_of(KEY, role, service="contact_sync", now=FixedClock().now())


@pytest.fixture
async def client(stage: Stage) -> AsyncIterator[httpx2.AsyncClient]:
    guard = Guard(KEY, audience="contact_sync", clock=stage.clock)
    app = create_app(
        title="contact_sync",
        routers=[preview_routes(stage.previewer, guard)],
        checks={},
        registry=CollectorRegistry(),
    )
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://causeway", headers=bearer(Role.OPERATOR)
    ) as opened:
        yield opened


def body(sample: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {**MINE, "sample": sample, **more}


async def test_the_whole_answer(
    stage: Stage, client: httpx2.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    stage.around.known[Side.SALESFORCE] = Left(used=1, allowance=900, left=899)
    left = stage.crms.hubspot.add(email="ada@x.test", lastname="Secret", jobtitle="x" * 2000)
    right = stage.crms.salesforce.add(Email="ada@x.test", LastName="Secret")
    found = await client.post(PATH, json=body({"side": "hubspot", "ids": [left]}))

    assert (found.status_code, found.headers["cache-control"]) == (200, "no-store")
    answer = found.json()
    (pair,) = answer["records"]
    assert (pair["outcome"], pair["sample"]) == ("update", [{"side": "hubspot", "id": left}])
    assert pair["hubspot"]["url"] == f"https://hubspot.test/4711/{left}"
    assert pair["salesforce"] == {
        "id": right,
        "object": "Contact",
        "url": f"https://org.test/{right}",
    }
    (one,) = pair["fields"]
    assert (one["side"], one["field"], one["after"]) == ("hubspot", "jobtitle", None)
    assert (one["cleared"], one["cut"], len(one["before"])) == (True, True, MAX_SHOWN)
    assert answer["totals"]["hubspot"] == {"create": 0, "update": 1, "clear": 1, "park": 0}
    assert answer["cost"]["salesforce"]["words"].endswith("left today: it fits into today.")
    assert answer["cost"]["hubspot"]["left"] is None
    assert "Secret" not in caplog.text
    assert "ada@" not in caplog.text


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.ADMIN, Role.VIEWER, Role.SERVICE])
async def test_it_is_for_operators(client: httpx2.AsyncClient, role: Role) -> None:
    found = await client.post(PATH, json=body({"limit": 1}), headers=bearer(role))
    assert found.status_code == (200 if role in {Role.OPERATOR, Role.ADMIN} else 403)
    nobody = await client.post(PATH, json=body({"limit": 1}), headers={"Authorization": ""})
    assert nobody.status_code == 401


@pytest.mark.parametrize(
    ("sample", "field"),
    [
        ({"side": "hubspot", "ids": [str(n) for n in range(1, 202)]}, "body.sample.ids"),
        ({"newest": 201}, "body.sample.newest"),
        ({"limit": 0}, "body.sample.limit"),
        ({"limit": 1, "newest": 1}, "body.sample"),
        ({"ids": ["1"]}, "body.sample"),
        ({"side": "hubspot", "ids": ["003000000000001AAA"]}, "body.sample"),
        ({"side": "salesforce", "ids": ["101"]}, "body.sample"),
        ({"side": "salesforce", "ids": ["003' OR Name != '"]}, "body.sample"),
        ({"side": "salesforce", "ids": ["001000000000001AAA"]}, "body.sample"),
        ({"every": 1}, "body.sample.every"),
        ({}, "body.sample"),
    ],
)
async def test_samples_that_are_none(
    stage: Stage, client: httpx2.AsyncClient, sample: dict[str, Any], field: str
) -> None:
    found = await client.post(PATH, json=body(sample))
    assert found.status_code == 422
    assert found.json()["errors"][0]["field"] == field
    assert stage.crms.calls == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"salesforce_field": "Id FROM User --"}, "mappings[0].salesforce_field"),
        ({"salesforce_field": "Account.Name"}, "mappings[0].salesforce_field"),
        ({"salesforce_objects": ["User WHERE"]}, "mappings[0].salesforce_objects[0]"),
        ({"salesforce_objects": []}, "mappings[0].salesforce_objects"),
        ({"hubspot_property": "\0"}, "mappings[0].hubspot_property"),
        ({"rule": "newest_wins"}, "mappings[0].rule"),
        ({"value_type": "blob"}, "mappings[0].value_type"),
        ({"time_zone": "Mars/Base"}, "mappings[0].time_zone"),
        ({"time_zone": "../../etc/passwd"}, "mappings[0].time_zone"),
        ({"scale": 99}, "mappings[0].scale"),
        ({"ruel": "two_way"}, "mappings[0].ruel"),
    ],
)
async def test_settings_that_are_none_name_their_field(
    stage: Stage, client: httpx2.AsyncClient, wrong: dict[str, Any], field: str
) -> None:
    settings = {"mappings": [{**MAPPING, **wrong}]}
    found = await client.post(PATH, json=body({"limit": 1}, settings=settings))
    assert found.status_code == 422
    assert found.json()["errors"][0]["field"] == f"body.settings.{field}"
    assert stage.crms.calls == []


async def test_a_version_as_the_mapping_service_gives_it_is_taken(
    stage: Stage, client: httpx2.AsyncClient
) -> None:
    settings = stage.store.state.connections[CONNECTION].settings
    assert settings is not None
    sent = body({"newest": 2}, settings=settings.model_dump(mode="json"))
    found = await client.post(PATH, json=sent)
    assert (found.status_code, found.json()["settings_version"]) == (200, 1)


async def test_a_body_that_is_too_large(client: httpx2.AsyncClient) -> None:
    found = await client.post(PATH, json=body({"limit": 1}, settings={"x": "y" * 1_100_000}))
    assert found.status_code == 413


async def test_other_tenants_connections_are_unknown(client: httpx2.AsyncClient) -> None:
    sent = {"connection_id": str(UUID(int=2)), "sample": {"limit": 1}}
    found = await client.post(PATH, json=sent)
    assert (found.status_code, found.json()["type"]) == (
        404,
        "urn:causeway:problem:unknown-connection",
    )


async def test_no_calls_left_says_when_to_come_back(
    stage: Stage, client: httpx2.AsyncClient
) -> None:
    full = RetriableError("No calls are left today.", code="quota_exhausted", retry_after=900)
    stage.crms.faults.before["page_of_ids"] = [full]
    found = await client.post(PATH, json=body({"limit": 1}))
    assert (found.status_code, found.headers["retry-after"]) == (503, "900")
    assert found.json()["type"] == "urn:causeway:problem:quota-exhausted"


async def test_only_so_many_at_a_time(stage: Stage, client: httpx2.AsyncClient) -> None:
    """While previews are held at a call, the next one is told to come back."""
    statuses: list[int] = []

    async def one_more() -> None:
        happening = stage.crms.faults.meanwhile
        if len(statuses) < AT_ONCE:
            happening["counts"] = [one_more]
        statuses.append(0)
        found = await client.post(PATH, json=body({"limit": 1}))
        statuses.append(found.status_code)

    stage.crms.faults.meanwhile["counts"] = [one_more]
    assert (await client.post(PATH, json=body({"limit": 1}))).status_code == 200
    assert statuses[-2:] == [429, 200]
    assert (await client.post(PATH, json=body({"limit": 1}))).status_code == 200
