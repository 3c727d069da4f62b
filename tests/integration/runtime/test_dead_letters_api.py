"""Dead letters over REST, on a real broker: who may, what is answered, what stays."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import httpx2
import pytest
import structlog
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from shared.messaging.dead_letters_desk import opened
from shared.runtime.operations import operations
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from tests.factories.bearers import bearer
from tests.integration.plumbing.letters import DEAD, Broker, body_of, reason
from tests.integration.plumbing.service import QUEUE
from tests.integration.runtime.listener import OTHER, build, declared
from tests.integration.runtime.test_process import running

PATH = "/api/v1/operations/plumbing/dead-letters"
KEY = TokenKey.generate()
ONE = UUID(int=1)


@pytest.fixture
async def broker(amqp_url: str, namespace: str) -> AsyncIterator[Broker]:
    async with declared(amqp_url, namespace) as found:
        yield found


def deployment(amqp_url: str, namespace: str = "") -> DeploymentSettings:
    return DeploymentSettings(
        amqp_url=SecretStr(amqp_url),
        amqp_namespace=namespace,
        token_key=SecretStr(KEY.export()),
        public_url="https://causeway.example.com",
        peer_url="http://127.0.0.1:1",
    )


class Client:
    """Somebody with a token at the API of one service."""

    def __init__(self, settings: DeploymentSettings) -> None:
        routers = operations(build(settings), settings)
        app = create_app(title="x", routers=routers, checks={}, registry=CollectorRegistry())
        self._transport = httpx2.ASGITransport(app)

    async def ask(
        self, method: str, path: str = "", *, role: Role | None = Role.ADMIN, **more: Any
    ) -> httpx2.Response:
        headers = {} if role is None else bearer(KEY, role, service="plumbing")
        async with httpx2.AsyncClient(transport=self._transport, base_url="http://x") as client:
            return await client.request(method, PATH + path, headers=headers, **more)

    async def items(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.ask("GET", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def act(self, verb: str, **body: Any) -> dict[str, Any]:
        answer = await self.ask("POST", f"/{verb}", json=body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture
def client(amqp_url: str, namespace: str) -> Client:
    return Client(deployment(amqp_url, namespace))


async def test_letters_are_listed_with_why_they_died(broker: Broker, client: Client) -> None:
    await broker.put(body_of("a", connection=ONE), headers=reason("gave_up"), message_id="m-a")
    await broker.put(b"\xff", queue=f"{OTHER}.dead", headers=reason("message_malformed"))

    answer = (await client.ask("GET", role=Role.OPERATOR)).json()

    assert (answer["waiting"], answer["not_looked_at"], answer["next_cursor"]) == (2, 0, None)
    unreadable, readable = answer["items"]
    assert (unreadable["queue"], unreadable["events"], unreadable["size"]) == (OTHER, 0, 1)
    assert readable["connections"] == [str(ONE)]
    assert readable["event"] == "causeway.contact_sync.RecordSynced.v1"
    assert (readable["queue"], readable["message_id"]) == (QUEUE, "m-a")
    assert (readable["subject"], readable["time"]) == ("a", "2026-11-24T12:00:00Z")
    assert (readable["code"], readable["error"]) == ("gave_up", "Why.")
    assert await broker.count() == 1


async def test_a_list_can_be_narrowed(broker: Broker, client: Client) -> None:
    await broker.put(body_of("a", connection=ONE))
    await broker.bury("b", code="gave_up")
    await broker.put(body_of("c"), queue=f"{OTHER}.dead")

    assert [item["subject"] for item in await client.items(connection_id=str(ONE))] == ["a"]
    assert [item["subject"] for item in await client.items(code="gave_up")] == ["b"]
    assert [item["subject"] for item in await client.items(queue=OTHER)] == ["c"]
    unknown = await client.ask("GET", params={"queue": "plumbing.no"})
    assert (unknown.status_code, unknown.json()["type"]) == (
        404,
        "urn:causeway:problem:queue-unknown",
    )


async def test_pages_go_on_behind_a_letter_that_is_gone_meanwhile(
    broker: Broker, client: Client
) -> None:
    await broker.bury(*"abcde")
    everything = [item["id"] for item in await client.items()]

    first = (await client.ask("GET", params={"limit": 2})).json()
    await client.act("discard", dry_run=False, ids=[first["items"][1]["id"]])
    second = (await client.ask("GET", params={"limit": 2, "cursor": first["next_cursor"]})).json()
    third = (await client.ask("GET", params={"limit": 2, "cursor": second["next_cursor"]})).json()

    seen = [item["id"] for page in (first, second, third) for item in page["items"]]
    assert seen == everything
    assert third["next_cursor"] is None
    assert (await client.ask("GET", params={"cursor": "x"})).status_code == 400


async def test_one_letter_is_shown_without_values(broker: Broker, client: Client) -> None:
    await broker.bury("a")
    (item,) = await client.items()

    shown = (await client.ask("GET", f"/{item['id']}", role=Role.OPERATOR)).json()

    (content,) = shown["contents"]
    assert (content["subject"], content["source"]) == ("a", "contact_sync")
    assert content["fields"]["object_type"] == "contact"
    assert content["fields"]["salesforce_id"] == "text of 4 characters"
    unknown = await client.ask("GET", "/0123456789abcdef")
    assert unknown.status_code == 404
    assert "replayed or discarded" in unknown.json()["detail"]


async def test_an_unreadable_letter_is_shown_by_size_and_hash(
    broker: Broker, client: Client
) -> None:
    await broker.put(b"ada@example.com", headers=reason("message_malformed"))
    (item,) = await client.items()

    answer = await client.ask("GET", f"/{item['id']}")

    assert answer.json()["contents"] == []
    assert answer.json()["size"] == 15
    assert "ada" not in answer.text


@pytest.mark.parametrize("verb", ["replay", "discard"])
async def test_nothing_happens_before_it_is_said_that_it_shall(
    broker: Broker, client: Client, verb: str
) -> None:
    await broker.bury("a", "b")
    await broker.bury("c", code="gave_up")

    planned = await client.act(verb, all=True)

    assert planned == {
        "dry_run": True,
        "letters": 3,
        "codes": {"unexpected": 2, "gave_up": 1},
        "left": 3,
        "not_looked_at": 0,
    }
    assert (await broker.count(), await broker.count(QUEUE)) == (3, 0)


async def test_what_is_replayed_is_counted_and_back_in_its_queue(
    broker: Broker, client: Client
) -> None:
    await broker.bury("a", "b")
    await broker.bury("c", code="gave_up")

    done = await client.act("replay", dry_run=False, code="unexpected")

    assert (done["dry_run"], done["letters"], done["left"]) == (False, 2, 1)
    assert (await broker.count(), await broker.count(QUEUE)) == (1, 2)


async def test_what_is_discarded_is_in_the_log_with_the_admin(
    broker: Broker, client: Client
) -> None:
    await broker.bury("a")

    with structlog.testing.capture_logs() as lines:
        done = await client.act("discard", dry_run=False, queue=QUEUE)

    assert (done["letters"], done["left"], await broker.count()) == (1, 0, 0)
    (told,) = [line for line in lines if line["event"] == "dead letter is discarded"]
    assert (told["by"], told["message"]) == ("ada", "m-a")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"dry_run": False},
        {"all": True, "code": "gave_up"},
        {"ids": ["x"] * 201},
        {"every": True},
        {"connection_id": "x"},
    ],
)
async def test_a_command_has_to_say_which_letters(client: Client, body: dict[str, Any]) -> None:
    answer = await client.ask("POST", "/discard", json=body)
    assert (answer.status_code, answer.json()["type"]) == (
        422,
        "urn:causeway:problem:validation-failed",
    )


@pytest.mark.parametrize(
    ("method", "path", "role", "status"),
    [
        ("GET", "", None, 401),
        ("GET", "", Role.VIEWER, 403),
        ("GET", "", Role.SERVICE, 403),
        ("GET", "/x", Role.VIEWER, 403),
        ("POST", "/replay", None, 401),
        ("POST", "/replay", Role.OPERATOR, 403),
        ("POST", "/discard", Role.OPERATOR, 403),
    ],
)
async def test_operators_look_and_admins_act(
    client: Client, method: str, path: str, role: Role | None, status: int
) -> None:
    body = {"json": {"all": True}} if method == "POST" else {}
    assert (await client.ask(method, path, role=role, **body)).status_code == status


async def test_a_second_one_is_told_that_somebody_is_at_it(
    broker: Broker, client: Client, amqp_url: str, namespace: str
) -> None:
    async with opened(amqp_url, namespace + DEAD):
        answer = await client.ask("GET")
    assert (answer.status_code, answer.json()["type"]) == (
        503,
        "urn:causeway:problem:dead-letters-busy",
    )
    assert "Somebody else is looking" in answer.json()["detail"]


async def test_without_a_broker_it_says_what_to_do() -> None:
    answer = await Client(deployment("amqp://guest:guest@127.0.0.1:1/")).ask("GET")
    assert (answer.status_code, answer.json()["type"]) == (
        503,
        "urn:causeway:problem:broker-unavailable",
    )
    assert "CAUSEWAY_AMQP_URL" in answer.json()["detail"]
    assert "guest:guest" not in answer.text


def test_a_service_that_hears_nothing_has_no_dead_letters() -> None:
    assert operations(Service(name="deaf"), deployment("amqp://127.0.0.1:1/")) == ()


@pytest.mark.parametrize(("role", "status"), [("api", 401), ("all", 401), ("worker", 404)])
async def test_a_process_that_serves_http_serves_its_operators(role: str, status: int) -> None:
    database = "postgresql://x:x@127.0.0.1:1/x"
    module = "tests.integration.runtime.postbox"
    started = running(role, module=module, CAUSEWAY_POSTBOX_DATABASE_URL=database)
    async with started as process:
        answer = await process.get("/api/v1/operations/postbox/dead-letters")
        process.signal()
        await process.ended()
    assert answer.status_code == status
