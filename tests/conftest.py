"""Fixtures for everything that needs real servers; nothing starts before a test asks for it.

Each worker of a parallel run gets databases of its own. The broker is shared: tests that
declare queues carry `pytest.mark.xdist_group("broker")`, so that they run one after the other.
"""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.backing import Backing, backing

ROOT = Path(__file__).resolve().parents[1]


def _quiet(_line: str) -> None:
    """The servers' start is no news in a test run."""


@pytest.fixture(scope="session")
def servers() -> Iterator[Backing]:
    """Postgres and RabbitMQ: the given ones, or this run's own."""
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
def database_name() -> str:
    """A name that no other module's database has."""
    return f"test_{uuid.uuid4().hex[:12]}"
