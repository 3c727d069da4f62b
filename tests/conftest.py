"""Fixtures for everything that needs real servers; nothing starts before a test asks for it.

Every module gets a database of its own and a `namespace` that goes before the names of its
exchange and queues (a virtual host could only be made by rabbitmqctl, which is not everywhere):
so modules and parallel workers share both servers without seeing each other. A test that can
only use the plain names (it starts whole processes) carries `pytest.mark.xdist_group("broker")`,
so that those run one after the other.
"""

import asyncio
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest

from deploy.local.backing import Backing, backing
from tests.fakes.clock import FixedClock

ROOT = Path(__file__).resolve().parents[1]


def _quiet(_line: str) -> None:
    """The servers' start is no news in a test run."""


@pytest.fixture(scope="session")
def servers() -> Iterator[Backing]:
    """Postgres and RabbitMQ: the given ones (DATABASE_URL, AMQP_URL), or this run's own."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "one")
    with backing(root=ROOT, say=_quiet, name=f"test_{worker}") as up:
        yield up


@pytest.fixture(scope="session")
def own_servers() -> Iterator[Backing]:
    """Servers that a test may stop and kill, whatever the environment gives."""
    environ = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "AMQP_URL"}}
    with backing(root=ROOT, say=_quiet, name="crash", environ=environ) as up:
        yield up


@pytest.fixture(scope="session")
def admin_url(servers: Backing) -> str:
    """An administrator's URL of Postgres."""
    return servers.database_url


@pytest.fixture(scope="session")
def amqp_url(servers: Backing) -> str:
    """The broker."""
    return servers.amqp_url


@pytest.fixture(scope="module")
def namespace() -> str:
    """Goes before the names of the exchange and the queues of one module's tests."""
    return f"test-{uuid.uuid4().hex[:12]}."


@pytest.fixture
def clock() -> FixedClock:
    """A clock that moves only when it is told to."""
    return FixedClock()


@pytest.fixture(scope="module")
def database_name(admin_url: str) -> Iterator[str]:
    """A name that no other module's database has; what was made under it is dropped at the end."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    yield name
    asyncio.run(_drop(admin_url, name))


@pytest.fixture(scope="module")
def database_url(admin_url: str, database_name: str) -> str:
    """A fresh, empty database, as its administrator."""
    asyncio.run(_create(admin_url, database_name))
    return urlsplit(admin_url)._replace(path=f"/{database_name}").geturl()


async def _create(admin_url: str, name: str) -> None:
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f'CREATE DATABASE "{name}"')
    finally:
        await admin.close()


async def _drop(admin_url: str, name: str) -> None:
    """The database, and the roles that provisioning made for it."""
    admin = await asyncpg.connect(admin_url)
    try:
        await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        made = "SELECT rolname FROM pg_roles WHERE starts_with(rolname, $1)"
        for role in await admin.fetch(made, f"{name}_"):
            await admin.execute(f'DROP ROLE "{role["rolname"]}"')
    finally:
        await admin.close()
