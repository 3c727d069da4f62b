"""The commands over records that wait, on a real database."""

import asyncio
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from deploy.stack.environment import Secrets, database_passwords, environment
from services import __main__ as services
from shared.db.database import Database
from shared.db.migrate import upgrade
from shared.db.provision import provision_async
from shared.db.schema import metadata_for
from shared.outbox.mail import Note
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_tables import mailbox_tables
from shared.runtime.operations.mailbox_cli import commands
from shared.runtime.process import Definition
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.security.tokens import TokenKey
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

VARIABLES = {
    "CAUSEWAY_AMQP_URL": "amqp://127.0.0.1:1/",
    "CAUSEWAY_TOKEN_KEY": TokenKey.generate().export(),
    "CAUSEWAY_PUBLIC_URL": "https://causeway.example.com",
    "CAUSEWAY_PEER_URL": "http://127.0.0.1:1",
}
AWAY = "postgresql://x:x@127.0.0.1:1/x"
EXACTLY = ["--service", "--connection", "--lane", "--side", "--record", "--all"]


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """The commands configure them for their process."""
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    yield
    structlog.configure(**before)
    logging.getLogger().handlers = handlers


class Terminal:
    """Somebody at a terminal of a deployment with two services, one of which has a mailbox."""

    def __init__(self, url: str) -> None:
        def build(_settings: DeploymentSettings) -> Service:
            return service(url)

        def mute(_settings: DeploymentSettings) -> Service:
            return Service(name="mute")

        builds = {"plumbing": build, "mute": mute}
        self._app = commands(
            tuple(builds), lambda name: Definition(name, DeploymentSettings, builds[name])
        )

    async def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        """What a command says on stdout and stderr; it ends with that exit code."""
        invoked = await asyncio.to_thread(CliRunner().invoke, self._app, words, env=VARIABLES)
        assert invoked.exit_code == code, invoked.output
        return invoked.stdout, invoked.stderr

    async def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self.run(*words, "--json", code=code))[0])
        return found


@pytest.fixture
def terminal(plumbing: Plumbing) -> Terminal:
    return Terminal(plumbing.urls["plumbing"])


async def test_records_are_listed_for_people_and_for_scripts(
    plumbing: Plumbing, terminal: Terminal
) -> None:
    await one_of_each(plumbing)

    table, _ = await terminal.run("list")
    found = await terminal.json("list")

    for word in (str(ONE), "in work", "failed", "locked", "parked by bob: too many", "live"):
        assert word in table
    assert "5 records, 5 shown." in table
    told = {row["record_id"]: row for row in found["records"]}
    assert {name for name, row in told.items() if row["held"]} == {"in work"}
    assert {name for name, row in told.items() if row["parked"]} == {"aside"}
    assert (told["failed"]["service"], told["failed"]["priority"]) == ("plumbing", "live")
    assert [(lane["connection_id"], lane["due"], lane["parked"]) for lane in found["lanes"]] == [
        (str(ONE), 1, 1),
        (str(TWO), 1, 0),
    ]
    assert found["failed"] == []


async def test_a_list_can_be_narrowed_and_cut(plumbing: Plumbing, terminal: Terminal) -> None:
    await put(plumbing, "a", "b", "c")
    await put(plumbing, "d", connection=TWO)

    async def records(*words: str) -> list[str]:
        return [row["record_id"] for row in (await terminal.json("list", *words))["records"]]

    assert await records("--connection", str(TWO)) == ["d"]
    assert await records("--service", "plumbing", "--lane", "contact", "--limit", "2") == ["a", "b"]
    assert await records("--side", "salesforce") == []
    assert await records("--record", "c") == ["c"]


async def test_a_long_list_is_read_page_by_page(plumbing: Plumbing, terminal: Terminal) -> None:
    await put_many(plumbing, 2_100)

    found = await terminal.json("list", "--limit", "2050")

    names = [row["record_id"] for row in found["records"]]
    assert names == [f"{n:05}" for n in range(2_050)]
    assert found["lanes"][0]["due"] == 2_100


@pytest.mark.parametrize(
    ("words", "plan"),
    [
        (("requeue",), "4 records would be requeued"),
        (("park", "--why", "CRM-812"), "3 records would be parked"),
    ],
)
async def test_without_yes_it_only_says_what_it_would_do(
    plumbing: Plumbing, terminal: Terminal, words: tuple[str, ...], plan: str
) -> None:
    await one_of_each(plumbing)
    before = await rows(plumbing)

    table, _ = await terminal.run(*words, "--all")
    found = await terminal.json(*words, "--all")

    assert f"{plan}. Nothing was done yet: add --yes." in table
    assert "1 more are in work" in table
    assert (found["dry_run"], len(found["lanes"])) == (True, 2)
    assert await rows(plumbing) == before


async def test_many_records_are_parked_and_requeued_step_by_step(
    plumbing: Plumbing, terminal: Terminal
) -> None:
    await put_many(plumbing, 2_500)

    aside, log = await terminal.run("park", "--lane", "contact", "--why", "CRM-812", "--yes")
    number = len(await parked(plumbing))
    back = await terminal.json("requeue", "--lane", "contact", "--yes")

    assert "plumbing: 2,500 parked." in aside
    (line,) = [json.loads(each) for each in log.splitlines()]
    assert (line["event"], line["records"], line["lane"]) == (
        "records are parked",
        2_500,
        "contact",
    )
    assert line["by"].endswith("(command line)")
    assert "CRM-812" not in log
    assert number == 2_500
    assert back["services"] == [{"service": "plumbing", "done": 2_500, "in_work": 0}]
    assert await parked(plumbing) == set()


async def test_records_in_work_are_told(plumbing: Plumbing, terminal: Terminal) -> None:
    await one_of_each(plumbing)

    aside, _ = await terminal.run("park", "--record", "in work", "--why", "x", "--yes")
    back, _ = await terminal.run("requeue", "--record", "in work", "--yes")

    assert "plumbing: 0 parked." in aside
    assert "plumbing: 1 in work, not parked." in aside
    assert "plumbing: 1 in work, and will run once more." in back


@pytest.mark.parametrize("words", [("requeue", "--yes"), ("park", "--why", "x", "--yes")])
async def test_a_command_that_says_nothing_is_told_what_to_add(
    plumbing: Plumbing, terminal: Terminal, words: tuple[str, ...]
) -> None:
    await put(plumbing, "a")
    before = await rows(plumbing)

    _, said = await terminal.run(*words, code=2)
    _, both = await terminal.run(*words, "--all", "--record", "a", code=2)

    assert [word for word in EXACTLY if word not in said] == []
    assert "--all means every record" in both
    assert await rows(plumbing) == before


@pytest.mark.parametrize("why", ["", "  ", "x" * 201])
async def test_a_parking_has_to_say_why(plumbing: Plumbing, terminal: Terminal, why: str) -> None:
    await put(plumbing, "a")

    _, said = await terminal.run("park", "--all", "--why", why, "--yes", code=2)

    assert "1 to 200 characters" in said
    assert await parked(plumbing) == set()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--service", "plumbin"), "The services are plumbing, mute"),
        (("--service", "mute"), "has no mailbox"),
        (("--lane", "contcat"), "plumbing: contact"),
        (("--connection", "one"), "valid UUID"),
        (("--side", "sugar"), "salesforce"),
    ],
)
async def test_a_name_that_there_is_not_is_answered_with_those_there_are(
    plumbing: Plumbing, terminal: Terminal, words: tuple[str, ...], said: str
) -> None:
    await put(plumbing, "a")
    _, told = await terminal.run("requeue", *words, "--yes", code=2)
    assert said in told


async def test_without_a_database_it_says_what_is_away() -> None:
    away = Terminal(AWAY)

    _, told = await away.run("requeue", "--all", "--yes", code=1)
    _, asked = await away.run("list", "--lane", "contact", code=1)

    assert "plumbing: The database cannot be used at the moment" in told
    assert "The database cannot be used at the moment" in asked


async def test_the_mailboxes_of_this_distribution_are_served(
    admin_url: str, database_name: str
) -> None:
    own = {"contact_sync": "p1", "activity_sync": "p2"}
    urls = await provision_async(admin_url, database=database_name, passwords=own)
    for name, url in urls.items():
        await asyncio.to_thread(upgrade, name, url)
    contact_sync = Database.connect(urls["contact_sync"], application="test")
    async with contact_sync.begin() as conn:
        news = Note(ONE, "contact", "hubspot", "7")
        await Mailbox(mailbox_tables(metadata_for("contact_sync"))).note(conn, [news])
    await contact_sync.close()
    nowhere = "http://127.0.0.1:1"
    variables = environment(
        origin=nowhere,
        amqp_url="amqp://127.0.0.1:1/",
        database_urls={**dict.fromkeys(database_passwords(), AWAY), **urls},
        hubspot_url=nowhere,
        salesforce_url=nowhere,
        keys=Secrets(),
    )

    async def run(*words: str) -> dict[str, Any]:
        everything = ("mailbox", *words, "--json")
        told = await asyncio.to_thread(CliRunner().invoke, services.app, everything, env=variables)
        assert told.exit_code == 0, told.output
        found: dict[str, Any] = json.loads(told.stdout)
        return found

    listed = await run("list")
    done = await run("requeue", "--all", "--yes")

    assert [(row["service"], row["record_id"]) for row in listed["records"]] == [
        ("contact_sync", "7")
    ]
    assert {each["service"]: each["done"] for each in done["services"]} == {
        "contact_sync": 1,
        "activity_sync": 0,
    }


def test_the_commands_are_those_of_this_distribution() -> None:
    told = CliRunner().invoke(services.app, ["mailbox", "requeue", "--service", "nobody"])
    assert told.exit_code == 2
    assert "contact_sync, activity_sync" in told.output
