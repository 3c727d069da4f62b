"""What a test does to a Postgres of its own: ends it in every way, and takes its room away."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg

from deploy.local.account import Account, account_for
from deploy.local.backing import Controls

WAIT_SECONDS = 30.0
LOOK_SECONDS = 0.02
BLOCK = 8192
HALF_A_BLOCK = BLOCK // 2
WAL_SEGMENT = 16 * 1024 * 1024
"""A smaller limit would end the server instead of its growth: its log is made of such files."""


async def postmaster(url: str) -> int:
    """The process id of the server; AssertionError when it does not run on this machine."""
    conn = await asyncpg.connect(url)
    try:
        first = (await conn.fetchval("SELECT pg_read_file('postmaster.pid')")).splitlines()
    finally:
        await conn.close()
    pid, data = int(first[0]), first[1]
    here = _arguments(pid)
    assert data in here, f"process {pid} is not the server of {data}: {here}"
    return pid


def family(pid: int) -> list[int]:
    """A process and its children."""
    found = [pid]
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(FileNotFoundError, ProcessLookupError):
            after_name = stat.read_text(encoding="utf-8", errors="replace").rpartition(")")[2]
            if int(after_name.split()[1]) == pid:
                found.append(int(stat.parent.name))
    return found


def kill_all(pid: int, controls: Controls) -> None:
    """SIGKILL to the server and all of its children at once; none has a last word.

    The record that it leaves (postmaster.pid) may make the next start be refused.
    """
    for each in family(pid):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)
    controls.kill_postgres()  # reaps it


def stop_immediate(pid: int, controls: Controls) -> None:
    """`pg_ctl stop -m immediate`: clients are thrown out, and no checkpoint is written."""
    os.kill(pid, signal.SIGQUIT)
    deadline = time.monotonic() + WAIT_SECONDS
    while len(family(pid)) > 1 and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    controls.stop_postgres()  # reaps it


@contextmanager
def no_room(pid: int, size: int) -> Iterator[None]:
    """Inside, no file of the server's grows beyond `size` bytes: its disk is full.

    The kernel cuts each write at half a block, which Postgres reports as 53100, disk_full, as it
    does for a full disk. Every process of the server gets the limit, new ones inherit it.
    """
    assert size >= WAL_SEGMENT
    limit = size // BLOCK * BLOCK + HALF_A_BLOCK
    _limit(pid, str(limit))
    try:
        yield
    finally:
        _limit(pid, "unlimited")


def _limit(pid: int, size: str) -> None:
    """Asked for as the server's own user: root of a container may not be allowed to."""
    for _ in range(2):  # again for who was born in between
        for each in family(pid):
            subprocess.run(  # noqa: S603 -- our own server
                ["/usr/bin/prlimit", "--pid", str(each), f"--fsize={size}:unlimited"],
                check=Path(f"/proc/{each}").exists(),
                capture_output=True,
                **Account.popen_arguments(account_for("postgres")),
            )


def _arguments(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except FileNotFoundError:
        return "no such process"
