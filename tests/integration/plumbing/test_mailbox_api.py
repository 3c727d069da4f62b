"""Records that wait over REST: who may, what is answered, what becomes of them."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import structlog
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from shared.runtime.operations import operations
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.runtime.wiring import close_service
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from tests.factories.bearers import bearer
from tests.integration.plumbing.service import Plumbing
from tests.integration.plumbing.waiting import (
    ONE,
    TWO,
    one_of_each,
    parked,
    put,
    put_many,
    rows,
    service,
)

PATH = "/api/v1/operations/plumbing/mailbox"
KEY = TokenKey.generate()
SETTINGS = DeploymentSettings(
    amqp_url=SecretStr("amqp://127.0.0.1:1/"),
    token_key=SecretStr(KEY.export()),
    public_url="https://causeway.example.com",
    peer_url="http://127.0.0.1:1",
)


class Client:
    """Somebody with a token at the API of one service."""

    def __init__(self, of: Service) -> None:
        routers = operations(of, SETTINGS)
        app = create_app(title="x", routers=routers, checks={}, registry=CollectorRegistry())
        self._transport = httpx2.ASGITransport(app)

    async def ask(
        self, method: str, path: str = "", *, role: Role | None = Role.ADMIN, **more: Any
    ) -> httpx2.Response:
        headers = {} if role is None else bearer(KEY, role, service="plumbing")
        async with httpx2.AsyncClient(transport=self._transport, base_url="http://x") as client:
            return await client.request(method, PATH + path, headers=headers, **more)

    async def read(self, path: str = "", **query: Any) -> dict[str, Any]:
        answer = await self.ask("GET", path, role=Role.OPERATOR, params=query)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def act(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = await self.ask("POST", f"/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
async def client(plumbing: Plumbing) -> AsyncIterator[Client]:
    of = service(plumbing.urls["plumbing"])
    yield Client(of)
    await close_service(of)


def outcome(records: int, held: int, left: int, *, dry_run: bool = False) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "records": records,
        "held": held,
        "left": left,
        "next_cursor": None,
    }


async def test_records_are_listed_with_what_they_wait_for(
    plumbing: Plumbing, client: Client
) -> None:
    await one_of_each(plumbing)

    page = await client.read()

    told = {row["record_id"]: row for row in page["items"]}
    states = {name: (row["held"], row["parked"]) for name, row in told.items()}
    assert states == {
        "aside": (False, True),
        "due": (False, False),
        "failed": (False, False),
        "in work": (True, False),
        "other": (False, False),
    }
    assert (told["failed"]["reason"], told["failed"]["attempts"]) == ("locked", 1)
    assert told["aside"]["reason"] == "parked by bob: too many"
    assert told["aside"]["due_at"] is None
    assert {row["priority"] for row in told.values()} == {"live"}
    assert page["next_cursor"] is None


async def test_a_list_can_be_narrowed_and_comes_in_pages(
    plumbing: Plumbing, client: Client
) -> None:
    await put(plumbing, "a", "b", "c")
    await put(plumbing, "d", connection=TWO)

    only = await client.read(connection_id=str(TWO), lane="contact", side="hubspot")
    first = await client.read(limit=2)
    second = await client.read(limit=2, cursor=first["next_cursor"])

    assert [row["record_id"] for row in only["items"]] == ["d"]
    assert (await client.read(record_id="x"))["items"] == []
    assert (await client.read(side="salesforce"))["items"] == []
    pages = (first, second)
    assert [row["record_id"] for page in pages for row in page["items"]] == ["a", "b", "c", "d"]
    assert second["next_cursor"] is None


async def test_lanes_tell_their_sums_and_what_holds_them(
    plumbing: Plumbing, client: Client
) -> None:
    await one_of_each(plumbing)
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.pause(conn, TWO, "broken")

    lanes = {lane["connection_id"]: lane for lane in (await client.read("/lanes"))["items"]}

    numbers = ("due", "later", "held", "parked")
    assert [lanes[str(ONE)][name] for name in numbers] == [1, 1, 1, 1]
    assert [lanes[str(TWO)][name] for name in numbers] == [1, 0, 0, 0]
    assert (lanes[str(ONE)]["on_hold"], lanes[str(TWO)]["on_hold"]) == ("", "paused: broken")


async def test_nothing_happens_before_it_is_said_that_it_shall(
    plumbing: Plumbing, client: Client
) -> None:
    await one_of_each(plumbing)
    before = await rows(plumbing)

    assert await client.act("requeue", all=True) == outcome(4, 1, 5, dry_run=True)
    assert await client.act("park", all=True, why="x") == outcome(3, 1, 4, dry_run=True)

    assert await rows(plumbing) == before


async def test_what_is_requeued_is_due_and_in_the_log_with_the_admin(
    plumbing: Plumbing, client: Client
) -> None:
    await one_of_each(plumbing)

    with structlog.testing.capture_logs() as lines:
        done = await client.act("requeue", connection_id=str(ONE), dry_run=False)

    assert done == outcome(3, 1, 0)
    now = await rows(plumbing)
    assert {name: row.attempts for name, row in now.items() if not row.held} == {
        "aside": 0,
        "due": 0,
        "failed": 0,
        "other": 0,
    }
    assert await parked(plumbing) == set()
    assert now["failed"].reason == "requeued by ada"
    (told,) = [line for line in lines if line["event"] == "records are requeued"]
    assert (told["by"], told["of"], told["records"], told["in_work"]) == ("ada", "plumbing", 3, 1)
    assert told["connection_id"] == str(ONE)


async def test_what_is_parked_says_who_and_why_but_the_log_not_why(
    plumbing: Plumbing, client: Client
) -> None:
    await one_of_each(plumbing)

    with structlog.testing.capture_logs() as lines:
        done = await client.act("park", all=True, why=" CRM-812 ", dry_run=False)

    assert done == outcome(3, 1, 0)
    assert await parked(plumbing) == {"aside", "due", "failed", "other"}
    now = await rows(plumbing)
    assert now["due"].reason == "parked by ada: CRM-812"
    assert now["aside"].reason == "parked by bob: too many"
    assert "CRM-812" not in repr(lines)


async def test_a_request_takes_a_thousand_and_says_where_to_go_on(
    plumbing: Plumbing, client: Client
) -> None:
    await put_many(plumbing, 1_200)

    first = await client.act("park", lane="contact", why="x", dry_run=False)
    second = await client.act(
        "park", lane="contact", why="x", dry_run=False, cursor=first["next_cursor"]
    )

    assert (first["records"], first["left"]) == (1_000, 200)
    assert second == outcome(200, 0, 0)
    assert len(await parked(plumbing)) == 1_200


@pytest.mark.parametrize(
    ("verb", "body"),
    [
        ("requeue", {}),
        ("requeue", {"dry_run": False}),
        ("requeue", {"all": True, "lane": "contact"}),
        ("requeue", {"connection_id": "x"}),
        ("requeue", {"side": "sugar"}),
        ("requeue", {"record_id": "a\x00"}),
        ("requeue", {"every": True}),
        ("park", {"all": True}),
        ("park", {"all": True, "why": "  "}),
        ("park", {"all": True, "why": "x" * 201}),
        ("park", {"all": True, "why": "a\x00"}),
    ],
)
async def test_a_command_has_to_say_which_records_and_why(
    plumbing: Plumbing, client: Client, verb: str, body: dict[str, Any]
) -> None:
    await put(plumbing, "a")
    before = await rows(plumbing)

    answer = await client.ask("POST", f"/{verb}", json=body)

    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:causeway:problem:validation-failed",
    )
    assert await rows(plumbing) == before


async def test_an_unknown_lane_is_answered_with_those_there_are(
    plumbing: Plumbing, client: Client
) -> None:
    await put(plumbing, "a")
    for answer in (
        await client.ask("GET", params={"lane": "contcat"}),
        await client.ask("GET", "/lanes", params={"lane": "contcat"}),
        await client.ask("POST", "/requeue", json={"lane": "contcat"}),
        await client.ask("POST", "/park", json={"lane": "contcat", "why": "x"}),
    ):
        assert answer.status_code == 422
        assert answer.json()["type"] == "urn:causeway:problem:lane-unknown"
        assert "plumbing: contact" in answer.json()["detail"]


@pytest.mark.parametrize("cursor", ["x", "WyJ4Il0", "WyIxIiwiYSIsImIiLCJjIl0"])
async def test_a_cursor_that_is_none_of_ours_is_refused(client: Client, cursor: str) -> None:
    listed = await client.ask("GET", params={"cursor": cursor})
    acted = await client.ask("POST", "/requeue", json={"all": True, "cursor": cursor})

    for answer in (listed, acted):
        assert (answer.status_code, answer.json()["type"]) == (
            400,
            "urn:causeway:problem:bad-cursor",
        )


@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [
        ("GET", "", None, 401),
        ("GET", "", Role.VIEWER, 403),
        ("GET", "", Role.SERVICE, 403),
        ("GET", "/lanes", Role.VIEWER, 403),
        ("POST", "/requeue", None, 401),
        ("POST", "/requeue", Role.OPERATOR, 403),
        ("POST", "/park", Role.OPERATOR, 403),
    ],
)
async def test_operators_look_and_admins_act(
    client: Client, method: str, path: str, role: Role | None, status: int
) -> None:
    body = {"json": {"all": True, "why": "x"}} if method == "POST" else {}
    assert (await client.ask(method, path, role=role, **body)).status_code == status


async def test_without_a_database_it_says_what_is_away() -> None:
    of = service("postgresql://x:x@127.0.0.1:1/x")
    answer = await Client(of).ask("GET")
    await close_service(of)
    assert (answer.status_code, answer.json()["type"]) == (
        503,
        "urn:causeway:problem:database-unavailable",
    )
