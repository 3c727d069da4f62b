import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.account import Account, account_for, can_enter
from deploy.local.process import Mark, ServerFailedError, ServerProcess, mark_of, wait_until

SECONDS = 10.0


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[ServerProcess]:
    process = server(tmp_path)
    process.spawn(["/bin/sh", "-c", "echo hello; exec sleep 600"], cwd=tmp_path, env={})
    yield process
    process.end((signal.SIGKILL, SECONDS))


def server(folder: Path) -> ServerProcess:
    return ServerProcess(record=folder / "sleeper.pid", log=folder / "sleeper.log", account=None)


def recorded(folder: Path) -> int:
    pid = json.loads((folder / "sleeper.pid").read_text())["pid"]
    assert isinstance(pid, int)
    return pid


def test_a_process_is_known_until_it_is_gone(sleeper: ServerProcess, tmp_path: Path) -> None:
    pid = recorded(tmp_path)
    assert sleeper.running()
    assert wait_until(lambda: sleeper.tail() == "    hello", SECONDS)

    sleeper.end((signal.SIGTERM, SECONDS))

    assert not sleeper.running()
    assert mark_of(pid) is None
    assert not (tmp_path / "sleeper.pid").exists()


def test_the_record_alone_is_enough_to_end_it(sleeper: ServerProcess, tmp_path: Path) -> None:
    next_run = server(tmp_path)
    assert next_run.running()

    next_run.end((signal.SIGTERM, SECONDS))

    assert not sleeper.running()


def test_a_process_that_got_the_id_of_a_dead_server_is_left_alone(
    sleeper: ServerProcess, tmp_path: Path
) -> None:
    pid = recorded(tmp_path)
    (tmp_path / "sleeper.pid").write_text(json.dumps({"pid": pid, "born": "another time"}))

    next_run = server(tmp_path)
    next_run.end((signal.SIGKILL, SECONDS))

    assert sleeper.running()
    assert not (tmp_path / "sleeper.pid").exists()


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"pid": "x", "born": 1}'])
def test_an_unreadable_record_names_nobody(content: str, tmp_path: Path) -> None:
    (tmp_path / "sleeper.pid").write_text(content)

    assert not server(tmp_path).running()


def test_the_next_signal_follows_when_one_is_not_heeded(tmp_path: Path) -> None:
    process = server(tmp_path)
    stubborn = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    process.spawn(["/bin/sh", "-c", stubborn], cwd=tmp_path, env=dict(os.environ))
    assert wait_until(lambda: process.tail() == "    ready", SECONDS)

    with pytest.raises(ServerFailedError, match=f"process {recorded(tmp_path)} .* does not end"):
        process.end((signal.SIGTERM, 0.1))
    process.end((signal.SIGTERM, 0.1), (signal.SIGKILL, SECONDS))

    assert not process.running()


def test_a_dead_child_that_nobody_reaped_counts_as_gone() -> None:
    with subprocess.Popen(["/bin/true"]) as child:
        assert wait_until(lambda: mark_of(child.pid) is None, SECONDS)


def test_the_mark_of_this_process() -> None:
    mine = mark_of(os.getpid())

    assert mine is not None
    assert mine == mark_of(os.getpid())
    assert mine != Mark(os.getpid(), "another time")


def test_servers_run_as_the_caller_unless_that_is_root() -> None:
    account = account_for("postgres")

    assert (account is None) == (os.geteuid() != 0)
    assert account is None or account.uid != 0


def test_what_makes_a_child_run_as_another_user() -> None:
    account = Account("postgres", uid=101, gid=104)

    assert Account.popen_arguments(None) == {}
    assert Account.popen_arguments(account) == {"user": 101, "group": 104, "extra_groups": []}


def test_whether_a_user_may_enter_a_folder(tmp_path: Path) -> None:
    """Asked for the caller where it may not become somebody else."""
    me = Account("me", os.geteuid(), os.getegid())
    nobody = Account("nobody", 65534, 65534) if os.geteuid() == 0 else me
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o000)

    assert can_enter(Path("/"), nobody)
    assert not can_enter(closed, nobody)
    assert not can_enter(tmp_path / "missing", nobody)
