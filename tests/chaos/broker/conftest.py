"""A scene on servers of this run's own, which are up again after each test."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest

from deploy.local.backing import Backing, Controls
from deploy.local.probe import amqp_answers, postgres_answers
from shared.db.database import Database
from shared.db.provision import provision_async
from shared.messaging.topology import declare
from tests.chaos.broker.ledger import METADATA, Ledger
from tests.chaos.broker.scene import Scene
from tests.fakes.broker import remove

TALES = pytest.StashKey[list[str]]()


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """What was measured on the way; `make chaos` is run for this."""
    tales = config.stash.get(TALES, [])
    if tales:
        terminalreporter.section("measured")
        terminalreporter.write_line("\n".join(tales))


@pytest.fixture
async def scene(
    own_servers: Backing, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[Scene]:
    """A fresh database and a declared topology; workers that still run are killed at the end."""
    controls = own_servers.controls
    assert controls is not None
    await asyncio.to_thread(_bring_up, own_servers, controls)
    tales = request.config.stash.setdefault(TALES, [])
    name = f"chaos_{uuid4().hex[:10]}"
    urls = await provision_async(own_servers.database_url, database=name, passwords={"chaos": "p"})
    database = Database.connect(urls["chaos"], application="test")
    async with database.begin() as conn:
        await conn.run_sync(METADATA.create_all)
    opened = Scene(
        ledger=Ledger(database),
        database_url=urls["chaos"],
        amqp_url=own_servers.amqp_url,
        controls=controls,
        namespace=f"{name}.",
        folder=tmp_path,
        tell=lambda text: tales.append(f"{request.node.name}: {text}"),
    )
    opened.deliveries.touch()
    await declare(opened.amqp_url, opened.subscriptions, namespace=opened.namespace)
    yield opened
    for child in opened.workers:
        if child.alive():
            child.kill()
    await asyncio.to_thread(_bring_up, own_servers, controls)
    await remove(opened.amqp_url, opened.subscriptions, namespace=opened.namespace)
    await database.close()


def _bring_up(servers: Backing, controls: Controls) -> None:
    """A test that failed may have left a server down."""
    if not postgres_answers(_port(servers.database_url)):
        controls.start_postgres()
    if not amqp_answers(_port(servers.amqp_url)):
        controls.start_rabbitmq()


def _port(url: str) -> int:
    port = urlsplit(url).port
    assert port is not None
    return port
