"""`keys status|rotate` and their routes, on a real schema."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
import structlog
import typer
from prometheus_client import CollectorRegistry
from sqlalchemy import delete
from typer.testing import CliRunner

from services.connection.store import SEALED
from services.connection.store.tables import connections
from shared.db.database import Database
from shared.db.rotation import Secrets
from shared.runtime.operations import operations
from shared.runtime.operations.keys_cli import add_commands
from shared.runtime.process import Definition
from shared.runtime.service import Service
from shared.runtime.settings import DeploymentSettings
from shared.security.keyring import KeyRing, generate_key
from shared.security.tokens import Role, TokenKey
from shared.web.app import create_app
from tests.factories.bearers import bearer
from tests.integration.connection.test_rotation import BEFORE, BOTH, ONLY_NEW, connected, store_of

TOKEN_KEY = TokenKey.generate()
VARIABLES = {
    "CAUSEWAY_AMQP_URL": "amqp://127.0.0.1:1/",
    "CAUSEWAY_TOKEN_KEY": TOKEN_KEY.export(),
    "CAUSEWAY_PUBLIC_URL": "https://causeway.example.com",
    "CAUSEWAY_PEER_URL": "http://127.0.0.1:1",
}
AWAY = "postgresql://x:x@127.0.0.1:1/x"


@pytest.fixture(autouse=True)
def logs_as_they_were() -> Iterator[None]:
    """The commands configure them for their process."""
    before, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    yield
    structlog.configure(**before)
    logging.getLogger().handlers = handlers


@pytest.fixture(autouse=True)
async def nothing_stored(database: Database) -> AsyncIterator[None]:
    yield
    async with database.begin() as conn:
        await conn.execute(delete(connections))


class Terminal:
    """Somebody at a terminal of a deployment; `also_away` adds a service whose database is away."""

    def __init__(self, url: str, ring: KeyRing = BOTH, *, also_away: bool = False) -> None:
        def build(_settings: DeploymentSettings) -> Service:
            return service(url, "connection", ring)

        def away(_settings: DeploymentSettings) -> Service:
            return service(AWAY, "away", ring)

        def mute(_settings: DeploymentSettings) -> Service:
            return Service(name="mute")

        builds = {"connection": build, "mute": mute} | ({"away": away} if also_away else {})
        self._app = typer.Typer()
        add_commands(
            self._app,
            tuple(builds),
            lambda name: Definition(name, DeploymentSettings, builds[name]),
        )

    async def run(self, *words: str, code: int = 0) -> tuple[str, str]:
        """What a command says on stdout and stderr; it ends with that exit code."""
        invoked = await asyncio.to_thread(CliRunner().invoke, self._app, words, env=VARIABLES)
        assert invoked.exit_code == code, invoked.output
        return invoked.stdout, invoked.stderr

    async def json(self, *words: str, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((await self.run(*words, "--json", code=code))[0])
        return found


def service(url: str, name: str, ring: KeyRing) -> Service:
    return Service(
        name=name,
        database=Database.connect(url, application="test"),
        secrets=Secrets(ring, SEALED),
    )


async def test_nothing_is_done_before_it_is_told_to(database: Database, schema_url: str) -> None:
    await connected(store_of(database, BEFORE))
    terminal = Terminal(schema_url)

    planned, _ = await terminal.run("rotate")
    state, _ = await terminal.run("status")

    assert "5 secrets would be sealed with k2. Nothing was done yet: add --yes." in planned
    assert "keep it in CAUSEWAY_KEY_RING: rows need it" in state
    assert "may be taken out" not in state


async def test_a_rotation_says_what_it_did_and_which_key_is_free(
    database: Database, schema_url: str
) -> None:
    await connected(store_of(database, BEFORE))
    terminal = Terminal(schema_url)

    said, _ = await terminal.run("rotate", "--yes")
    again = await terminal.json("rotate", "--yes")

    assert "connection: 5 secrets are sealed with k2 now." in said
    assert "may be taken out of CAUSEWAY_KEY_RING" in said
    assert [(key["key_id"], key["rows"]) for key in again["keys"]] == [("k2", 5), ("k1", 0)]
    assert again["services"][0]["rotated"] == 0
    assert (await Terminal(schema_url, ONLY_NEW).json("status"))["keys"][0]["rows"] == 5


async def test_what_is_left_fails_the_command(database: Database, schema_url: str) -> None:
    await connected(store_of(database, KeyRing.parse(f"k0:{generate_key()}")))

    said, _ = await Terminal(schema_url).run("rotate", "--yes", code=1)

    assert "CAUSEWAY_KEY_RING does not have this key" in said


async def test_no_key_is_called_free_while_a_service_did_not_answer(
    database: Database, schema_url: str
) -> None:
    await connected(store_of(database, BEFORE))

    said, told = await Terminal(schema_url, also_away=True).run("rotate", "--yes", code=1)

    assert "nobody knows what away needs" in " ".join(said.replace("│", " ").split())
    assert "may be taken out" not in said
    assert "away: The database cannot be used at the moment" in told


def client(database: Database) -> httpx2.AsyncClient:
    built = Service(name="connection", database=database, secrets=Secrets(BOTH, SEALED))
    deployment = DeploymentSettings.model_validate(
        {name.removeprefix("CAUSEWAY_").lower(): value for name, value in VARIABLES.items()}
    )
    app = create_app(
        title="connection",
        routers=operations(built, deployment),
        checks={},
        registry=CollectorRegistry(),
    )
    return httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=app), base_url="https://causeway.example.com"
    )


async def test_admins_rotate_over_rest_and_operators_look(database: Database) -> None:
    await connected(store_of(database, BEFORE))
    base = "/api/v1/operations/connection/keys"
    admin = bearer(TOKEN_KEY, Role.ADMIN, service="connection")
    operator = bearer(TOKEN_KEY, Role.OPERATOR, service="connection")
    async with client(database) as http:
        refused = await http.post(f"{base}/rotate", json={"dry_run": False}, headers=operator)
        planned = (await http.post(f"{base}/rotate", json={}, headers=admin)).json()
        done = (await http.post(f"{base}/rotate", json={"dry_run": False}, headers=admin)).json()
        state = (await http.get(base, headers=operator)).json()

    assert refused.status_code == 403
    assert (planned["dry_run"], planned["rotated"], planned["left"]) == (True, 5, 5)
    assert (done["dry_run"], done["rotated"], done["left"]) == (False, 5, 0)
    assert [(key["key_id"], key["rows"], key["current"]) for key in state["items"]] == [
        ("k2", 5, True),
        ("k1", 0, False),
    ]
    assert "envelope" not in str(state)
