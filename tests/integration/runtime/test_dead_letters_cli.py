"""The commands over dead letters, on a real broker."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

import pytest
import structlog
from typer.testing import CliRunner

from deploy.stack.environment import Secrets, database_passwords, environment
from services import __main__ as services
from shared.messaging.dead_letters_desk import opened
from shared.runtime.operations.dead_letters_cli import commands
from shared.runtime.process import Definition
from shared.runtime.settings import DeploymentSettings
from shared.security.tokens import TokenKey
from tests.integration.plumbing.letters import DEAD, Broker, body_of, reason
from tests.integration.plumbing.service import QUEUE
from tests.integration.runtime.listener import OTHER, build, declared

ONE = UUID(int=1)
APP = commands(("plumbing",), lambda name: Definition(name, DeploymentSettings, build))


@pytest.fixture
async def broker(amqp_url: str, namespace: str) -> AsyncIterator[Broker]:
    async with declared(amqp_url, namespace) as found:
        yield found


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """The commands configure them for their process."""
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    yield
    structlog.configure(**before)
    logging.getLogger().handlers = handlers


class Terminal:
    """Somebody at a terminal of the deployment."""

    def __init__(self, amqp_url: str, namespace: str) -> None:
        self._variables = {
            "CAUSEWAY_AMQP_URL": amqp_url,
            "CAUSEWAY_AMQP_NAMESPACE": namespace,
            "CAUSEWAY_TOKEN_KEY": TokenKey.generate().export(),
            "CAUSEWAY_PUBLIC_URL": "https://causeway.example.com",
            "CAUSEWAY_PEER_URL": "http://127.0.0.1:1",
        }

    async def run(self, *words: str, code: int = 0, keys: str = "") -> tuple[str, str]:
        """What a command says on stdout and stderr; it ends with that exit code."""
        words = (
            (words[0], "--service", "plumbing", *words[1:]) if "--service" not in words else words
        )
        invoked = await asyncio.to_thread(
            CliRunner().invoke, APP, words, env=self._variables, input=keys
        )
        assert invoked.exit_code == code, invoked.output
        return invoked.stdout, invoked.stderr

    async def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self.run(*words, "--json", code=code))[0])
        return found


@pytest.fixture
def terminal(amqp_url: str, namespace: str) -> Terminal:
    return Terminal(amqp_url, namespace)


async def test_letters_are_listed_for_people_and_for_scripts(
    broker: Broker, terminal: Terminal
) -> None:
    await broker.put(body_of("contact/7", connection=ONE), headers=reason("gave_up"))
    await broker.put(b"\xff", queue=f"{OTHER}.dead")

    table, _ = await terminal.run("list")
    found = await terminal.json("list")

    for word in (QUEUE, OTHER, "contact/7", str(ONE), "gave_up", "unreadable"):
        assert word in table
    assert "2 letters, 2 shown; 2 in these queues." in table
    assert [letter["subject"] for letter in found["letters"]] == ["", "contact/7"]
    assert found["queues"] == [
        {"queue": QUEUE, "waiting": 1, "not_looked_at": 0},
        {"queue": OTHER, "waiting": 1, "not_looked_at": 0},
    ]
    assert await broker.count() == 1


async def test_a_list_can_be_narrowed_and_cut(broker: Broker, terminal: Terminal) -> None:
    await broker.bury("a", "b")
    await broker.bury("c", code="gave_up")
    await broker.put(body_of("d", connection=ONE), queue=f"{OTHER}.dead")

    async def subjects(*words: str) -> list[str]:
        return [letter["subject"] for letter in (await terminal.json("list", *words))["letters"]]

    assert await subjects("--queue", OTHER) == ["d"]
    assert await subjects("--code", "gave_up") == ["c"]
    assert await subjects("--connection", str(ONE)) == ["d"]
    assert len(await subjects("--limit", "2")) == 2


async def test_one_letter_is_shown_without_values(broker: Broker, terminal: Terminal) -> None:
    await broker.bury("contact/7")

    page, _ = await terminal.run("show", "m-contact/7")
    found = await terminal.json("show", "m-contact/7")

    for word in ("Why.", "contact/7", "data.salesforce_id", "text of 4 characters"):
        assert word in page
    assert found["contents"][0]["fields"]["object_type"] == "contact"
    assert found["message_id"] == "m-contact/7"
    _, complaint = await terminal.run("show", "nobody", code=1)
    assert complaint == "No dead letter has the id nobody.\n"


async def test_an_unreadable_letter_is_shown_by_size_and_hash(
    broker: Broker, terminal: Terminal
) -> None:
    await broker.put(b"ada@example.com", message_id="m")
    page, _ = await terminal.run("show", "m")
    assert "15 bytes" in page
    assert "The body is not a batch of events; it is not shown." in page
    assert "ada" not in page


@pytest.mark.parametrize("verb", ["replay", "discard"])
async def test_a_command_first_says_what_it_would_do(
    broker: Broker, terminal: Terminal, verb: str
) -> None:
    await broker.bury("a", "b")
    await broker.bury("c", code="gave_up")

    plan, _ = await terminal.run(verb, "--all")
    found = await terminal.json(verb, "--code", "gave_up")

    assert f"3 letters would be {verb}ed. Nothing was done yet." in plan
    assert [letter["subject"] for letter in found["letters"]] == ["c"]
    assert (await broker.count(), await broker.count(QUEUE)) == (3, 0)


async def test_p10_one_letter_and_all_letters_are_replayed(
    broker: Broker, terminal: Terminal
) -> None:
    await broker.bury("a", "b", "c")

    one, _ = await terminal.run("replay", "--id", "m-b", "--execute")
    assert f"{QUEUE}: 1 replayed, 2 left." in one
    assert await broker.count(QUEUE) == 1

    rest = await terminal.json("replay", "--all", "--yes")
    assert rest["queues"][0] == {"queue": QUEUE, "done": 2, "left": 0, "not_looked_at": 0}
    assert (await broker.count(), await broker.count(QUEUE)) == (0, 3)


async def test_a_discard_is_asked_about_and_logged(broker: Broker, terminal: Terminal) -> None:
    await broker.bury("a", "b")

    words = ("discard", "--queue", QUEUE, "--execute")
    _, question = await terminal.run(*words, keys="n\n", code=1)
    assert "Discard them for good (2)?" in question
    assert await broker.count() == 2

    done, log = await terminal.run(*words, keys="y\n")
    assert f"{QUEUE}: 2 discarded, 0 left." in done
    # The first one stands behind the question, as nobody pressed the return key of a terminal.
    lines = [json.loads(line[line.index("{") :]) for line in log.splitlines() if "{" in line]
    assert [line["event"] for line in lines] == ["dead letter is discarded"] * 2
    assert {line["by"].partition(" ")[2] for line in lines} == {"(command line)"}
    assert await broker.count() == 0


async def test_with_yes_a_discard_asks_nothing(broker: Broker, terminal: Terminal) -> None:
    await broker.bury("a", "b")
    done = await terminal.json("discard", "--id", "m-a", "--yes")
    assert (done["queues"][0]["done"], done["queues"][0]["left"]) == (1, 1)


async def test_one_queue_in_other_hands_does_not_hide_the_others(
    broker: Broker, terminal: Terminal, amqp_url: str, namespace: str
) -> None:
    await broker.put(body_of("d"), queue=f"{OTHER}.dead")
    async with opened(amqp_url, namespace + DEAD):
        found = await terminal.json("list", code=1)

    assert [letter["subject"] for letter in found["letters"]] == ["d"]
    assert [(one["queue"], one["code"]) for one in found["failed"]] == [
        (QUEUE, "dead_letters_busy")
    ]


async def test_without_a_broker_it_fails_and_says_what_to_do(namespace: str) -> None:
    away = Terminal("amqp://guest:guest@127.0.0.1:1/", namespace)
    for words in (("list",), ("replay", "--all", "--yes"), ("discard", "--all", "--yes")):
        _, complaint = await away.run(*words, code=1)
        assert f"{QUEUE}: RabbitMQ does not answer" in complaint
        assert "guest:guest" not in complaint


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("list", "--service", "no"), "There is no service no. The services are plumbing;"),
        (("list", "--queue", "plumbing.no"), "There is no queue plumbing.no. The queues there"),
        (("replay", "--service", "plumbing", "--all", "--id", "x"), "--all means every letter"),
        (("discard", "--service", "plumbing", "--execute", "--json"), "add --yes"),
        (("list", "--service", "plumbing", "--limit", "0"), "--limit"),
    ],
)
async def test_a_wrong_command_is_refused(
    terminal: Terminal, words: tuple[str, ...], says: str
) -> None:
    _, complaint = await terminal.run(*words, code=2)
    assert says in complaint


async def test_a_command_has_to_say_which_letters() -> None:
    for verb in ("replay", "discard"):
        invoked = await asyncio.to_thread(CliRunner().invoke, APP, [verb, "--yes"])
        assert invoked.exit_code == 2
        assert "Say which letters" in invoked.stderr


async def test_an_environment_that_is_not_complete_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("CAUSEWAY_AMQP_URL", raising=False)
    invoked = await asyncio.to_thread(CliRunner().invoke, APP, ["list"])
    assert invoked.exit_code == 2
    assert "CAUSEWAY_AMQP_URL: Field required" in invoked.stderr


async def test_the_commands_know_the_services_of_this_distribution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nowhere = "http://127.0.0.1:1"
    variables = environment(
        origin=nowhere,
        amqp_url="amqp://127.0.0.1:1/",
        database_urls=dict.fromkeys(database_passwords(), "postgresql://x:x@127.0.0.1:1/x"),
        hubspot_url=nowhere,
        salesforce_url=nowhere,
        keys=Secrets(),
    )
    words = ("dead-letters", "list", "--json")
    invoked = await asyncio.to_thread(CliRunner().invoke, services.app, words, env=variables)

    assert invoked.exit_code == 1
    failed = {each["queue"] for each in json.loads(invoked.stdout)["failed"]}
    assert {queue.partition(".")[0] for queue in failed} == {
        "activity_sync",
        "contact_sync",
        "ingress",
        "mapping",
        "package_watcher",
        "quota",
    }
