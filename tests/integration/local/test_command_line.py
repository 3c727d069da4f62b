"""`python -m deploy.local` in a checkout of its own, with nothing but the standard library."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local import __main__ as command_line
from tests.integration.local.processes import (
    alive,
    answers,
    environ_without_urls,
    nothing_runs_in,
    recorded,
)

STOP_SECONDS = 60


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    """The package alone; under pytest's folder, which the servers' own users cannot enter."""
    shutil.copytree(Path(command_line.__file__).parents[1] / "local", tmp_path / "deploy" / "local")
    (tmp_path / "deploy" / "__init__.py").touch()
    yield tmp_path
    call(tmp_path, "reset")


def start(checkout: Path, *words: str, **environ: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - this very interpreter
        [sys.executable, "-S", "-m", "deploy.local", *words],
        cwd=checkout,
        env={**environ_without_urls(), **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def call(checkout: Path, *words: str, **environ: str) -> tuple[int, str, str]:
    process = start(checkout, *words, **environ)
    out, err = process.communicate(timeout=STOP_SECONDS)
    return process.returncode, out, err


def urls_of(process: subprocess.Popen[str]) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().strip().partition("=")[2] for _ in range(2)]


def finish(process: subprocess.Popen[str], signum: signal.Signals) -> int:
    process.send_signal(signum)
    process.communicate(timeout=STOP_SECONDS)
    return process.returncode


def test_what_a_killed_run_left_is_found_by_the_next_and_a_stopped_run_leaves_nothing(
    checkout: Path,
) -> None:
    killed = start(checkout, "up")
    first = urls_of(killed)
    orphans = recorded(checkout)
    finish(killed, signal.SIGKILL)
    assert [answers(url) for url in first] == [True, True]

    following = start(checkout, "up")
    second = urls_of(following)
    assert alive(orphans) == []
    assert [answers(url) for url in (*first, *second)] == [False, False, True, True]

    pids = recorded(checkout)
    assert finish(following, signal.SIGTERM) == 128 + signal.SIGTERM
    assert alive(pids) == []
    assert [answers(url) for url in second] == [False, False]
    assert nothing_runs_in(checkout)


def test_two_runs_in_one_checkout_have_servers_of_their_own(checkout: Path) -> None:
    first = start(checkout, "up", AMQP_URL="amqp://given/")
    second = start(checkout, "up", AMQP_URL="amqp://given/")
    databases = {urls_of(first)[0], urls_of(second)[0]}

    assert len(databases) == 2
    assert all(answers(url) for url in databases)
    assert sorted(path.name for path in checkout.glob(".local/dev-*")) == ["dev-1", "dev-2"]

    assert finish(first, signal.SIGINT) == 128 + signal.SIGINT
    assert sorted(answers(url) for url in databases) == [False, True]
    finish(second, signal.SIGHUP)


def test_run_gives_the_command_both_urls_and_answers_its_exit_code(checkout: Path) -> None:
    given = {"DATABASE_URL": "postgresql://given/", "AMQP_URL": "amqp://given/"}
    script = 'echo "$DATABASE_URL $AMQP_URL"; exit 7'

    code, out, _ = call(checkout, "run", "--", "sh", "-c", script, **given)

    assert (code, out) == (7, "postgresql://given/ amqp://given/\n")


def test_check_starts_nothing(checkout: Path) -> None:
    code, out, _ = call(checkout, "check", AMQP_URL="amqp://u:hidden@given/")

    assert code == 0
    assert "rabbitmq: given amqp://u:***@given/ (AMQP_URL is set)\n" in out
    assert not (checkout / ".local").exists()


def test_a_server_that_cannot_start_says_why_and_how_to_begin_anew(checkout: Path) -> None:
    call(checkout, "run", "--", "true", AMQP_URL="amqp://given/")
    (data,) = [path.parent for path in homes(checkout) for path in path.glob("data-*/PG_VERSION")]
    (data / "postgresql.conf").write_text("no_such_setting = on\n")

    code, _, err = call(checkout, "run", "--", "true", AMQP_URL="amqp://given/")

    assert code == 3
    assert "postgres does not start" in err
    assert 'unrecognized configuration parameter "no_such_setting"' in err
    assert "to start with empty data, remove" in err


def homes(checkout: Path) -> list[Path]:
    moved = [Path(path.read_text().strip()) for path in checkout.glob(".local/*/*.location")]
    return [*moved, *checkout.glob(".local/*/postgres")]


def test_reset_removes_what_is_not_in_use(checkout: Path) -> None:
    running = start(checkout, "up", AMQP_URL="amqp://given/")
    (database, _) = urls_of(running)

    _, _, kept = call(checkout, "reset")
    assert "in use" in kept
    assert answers(database)
    finish(running, signal.SIGTERM)
    places = homes(checkout)
    assert places

    _, _, removed = call(checkout, "reset")
    assert "removed" in removed
    assert not [place for place in places if place.exists()]


def test_a_checkout_that_cannot_hold_data_is_an_error_in_one_line(checkout: Path) -> None:
    (checkout / ".local").touch()  # a file, which stops root as well as everybody else

    code, _, err = call(checkout, "run", "--", "true")

    assert code == 3
    assert err.splitlines()[-1] == (
        f"deploy.local: no folder for data: {checkout}/.local: File exists; free that name, or let "
        "this user write there"
    )
