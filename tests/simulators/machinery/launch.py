"""Starts a simulator from a test or a script and stops it again."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[3]
"""The checkout: modules are found from here wherever the caller stands."""
START_SECONDS = 30.0
"""A start takes about a second; on a machine that is full of other work it may take longer."""
STOP_SECONDS = 10.0
READY = "ready "


class Started(NamedTuple):
    """A process that listens."""

    url: str
    process_id: int


@contextmanager
def running(
    module: str, arguments: Sequence[str] = (), *, stop_seconds: float = STOP_SECONDS
) -> Iterator[str]:
    """The base URL of a process, see ``starting``."""
    with starting(module, arguments, stop_seconds=stop_seconds) as found:
        yield found.url


@contextmanager
def starting(
    module: str, arguments: Sequence[str] = (), *, stop_seconds: float = STOP_SECONDS
) -> Iterator[Started]:
    """The process of ``python -m module --port 0 --control *arguments`` while the block runs.

    Afterwards it gets SIGTERM, and SIGKILL if it has not ended within ``stop_seconds``.
    RuntimeError when it does not come up; what it wrote to stderr is on the caller's stderr.
    """
    command = [sys.executable, "-m", module, "--port", "0", "--control", *arguments]
    process = subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        command, cwd=ROOT, stdout=subprocess.PIPE, env={**os.environ, "PYTHONUNBUFFERED": "1"}
    )
    try:
        yield Started(_address(process, module), process.pid)
    finally:
        _stop(process, stop_seconds)


def _address(process: subprocess.Popen[bytes], module: str) -> str:
    assert process.stdout is not None
    with DefaultSelector() as selector:
        selector.register(process.stdout, EVENT_READ)
        answered = selector.select(START_SECONDS)
    line = process.stdout.readline().decode() if answered else ""
    if not line.startswith(READY):
        raise RuntimeError(f"{module} did not become ready within {START_SECONDS:.0f} s: {line!r}")
    # What else a simulator listens on follows the base URL.
    return line.removeprefix(READY).split()[0]


def _stop(process: subprocess.Popen[bytes], seconds: float) -> None:
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()
