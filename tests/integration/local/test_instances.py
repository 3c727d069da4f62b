"""Real servers, started as this machine has them."""

import asyncio
import os
import shutil
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.backing import Backing, backing
from tests.integration.local.processes import (
    alive,
    answers,
    environ_without_urls,
    nothing_runs_in,
    publish,
    query,
    recorded,
    waiting,
)

NOBODY = 65534


@pytest.fixture
def checkout() -> Iterator[Path]:
    """A folder that every user can reach: pytest's own temporary folders are for one user only."""
    folder = Path(tempfile.mkdtemp(prefix="causeway-test-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


async def test_an_instance_answers_survives_crashes_and_keeps_its_data(checkout: Path) -> None:
    said: list[str] = []
    environ = environ_without_urls()

    with backing(root=checkout, say=said.append, environ=environ) as first:
        pids = recorded(checkout)
        await query(first.database_url, "CREATE TABLE kept AS SELECT 42 AS answer")
        await publish(first.amqp_url, b"kept")
        await _crash_both(first)
        assert await query(first.database_url, "SELECT answer FROM kept") == 42
        assert await waiting(first.amqp_url) == b"kept"
        pids += recorded(checkout)

    assert alive(pids) == []
    assert nothing_runs_in(checkout)
    assert not answers(first.database_url)
    assert not answers(first.amqp_url)

    with backing(root=checkout, say=said.append, environ=environ) as second:
        assert await query(second.database_url, "SELECT answer FROM kept") == 42
        assert await waiting(second.amqp_url) == b"kept"

    assert nothing_runs_in(checkout)
    password = first.database_url.split(":")[2].partition("@")[0]
    assert not [line for line in said if password in line]


async def _crash_both(servers: Backing) -> None:
    controls = servers.controls
    assert controls is not None
    await asyncio.to_thread(controls.kill_postgres)
    await asyncio.to_thread(controls.kill_rabbitmq)
    assert not answers(servers.database_url)
    assert not answers(servers.amqp_url)
    await asyncio.to_thread(controls.start_postgres)
    await asyncio.to_thread(controls.start_rabbitmq)


def test_given_urls_are_passed_on_untouched_and_nothing_is_started(tmp_path: Path) -> None:
    environ = {
        "DATABASE_URL": "postgresql://someone:hidden@db.example:6432/main?sslmode=require",
        "AMQP_URL": "amqps://someone:hidden@mq.example/host",
        "DOCKER_HOST": "unix:///nowhere",
    }
    said: list[str] = []

    with backing(root=tmp_path, say=said.append, environ=environ) as given:
        assert given.database_url == environ["DATABASE_URL"]
        assert given.amqp_url == environ["AMQP_URL"]
        assert given.controls is None

    assert list(tmp_path.iterdir()) == []
    assert said == [
        "postgres: given postgresql://someone:***@db.example:6432/main (DATABASE_URL is set)",
        "rabbitmq: given amqps://someone:***@mq.example/host (AMQP_URL is set)",
    ]


def test_an_ordinary_user_needs_no_root(checkout: Path) -> None:
    """As root in a child that gives up root; as anybody else simply in a child."""
    if os.geteuid() == 0:
        os.chown(checkout, NOBODY, NOBODY)

    code = _in_child(lambda: _use_both(checkout))

    assert code == 0
    assert nothing_runs_in(checkout)


def _use_both(checkout: Path) -> None:
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    with backing(root=checkout, say=print, environ=environ_without_urls()) as servers:
        assert answers(servers.database_url)
        assert answers(servers.amqp_url)
        owners = {Path(f"/proc/{pid}").stat().st_uid for pid in recorded(checkout)}
        assert owners <= {os.getuid()}


def _in_child(work: Callable[[], None]) -> int:
    """Fork rather than exec: the interpreter may lie where the other user cannot read it."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # the child uses no thread of the parent
        child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may escape into the parent's test run
            traceback.print_exc()
        os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
