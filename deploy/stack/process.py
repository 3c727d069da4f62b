"""One child process: started, waited for, stopped or killed by its pid."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
"""A start takes a few seconds; on a machine that is full of other work it may take longer."""

STOP_SECONDS = 30.0
"""Longer than the services' own grace period of 20 s."""


class ProcessFailedError(Exception):
    """A child did not start, or ended by itself; the text says where its log is."""


@dataclass(frozen=True, slots=True)
class Child:
    """A running process with the log that its standard error goes to."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """SIGTERM, and SIGKILL when the grace period is over."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def kill(self) -> None:
        """SIGKILL, as a crash would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


def start(
    name: str,
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str],
    logs: Path,
) -> Child:
    """`python -m arguments...`; its standard error is appended to `<logs>/<name>.log`."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{name}.log"
    with log.open("ab") as sink:
        process = subprocess.Popen(  # noqa: S603 -- our own interpreter and modules
            [sys.executable, "-m", *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE if "--port" in arguments else sink,
            stderr=sink,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **environ, "PYTHONUNBUFFERED": "1"},
        )
    return Child(name, process, log)


def announced_url(child: Child) -> str:
    """The address that a simulator prints as `ready http://...` when it is up."""
    stdout = child.process.stdout
    if stdout is None:
        raise ProcessFailedError(f"{child.name} announces no address")
    with DefaultSelector() as selector:
        selector.register(stdout, EVENT_READ)
        answered = selector.select(START_SECONDS)
    line = stdout.readline().decode() if answered else ""
    if not line.startswith("ready "):
        raise ProcessFailedError(f"{child.name} did not come up; see {child.log}")
    return line.removeprefix("ready ").strip()


def run_to_end(
    name: str,
    arguments: Sequence[str],
    *,
    environ: Mapping[str, str],
    logs: Path,
) -> None:
    """Runs a command that has to succeed, such as the migrations."""
    child = start(name, arguments, environ=environ, logs=logs)
    if child.process.wait() != 0:
        raise ProcessFailedError(f"{name} failed; see {child.log}")
