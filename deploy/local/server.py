"""What a server is to the rest, and how a private one comes up on a free port."""

import itertools
import time
from collections.abc import Callable
from typing import Protocol

from deploy.local.probe import free_port
from deploy.local.process import POLL_SECONDS, ServerFailedError, ServerProcess

READY_SECONDS = 90.0  # RabbitMQ takes 2 to 6 s on two quiet cores, and many times that on busy ones
RETRY_SECONDS = 15.0  # after a kill the remains of the old process hold locks for a second or two
FRESH_TRIES = 3  # another program takes the port between the look and the start once in a blue moon


class Server(Protocol):
    """A Postgres or a RabbitMQ that this run started."""

    @property
    def url(self) -> str:
        """Where it listens; the same for the whole run."""

    def start(self) -> None:
        """Start it and wait until it answers. Raises ServerFailedError."""

    def stop(self) -> None:
        """End it in order, so that its data is complete on disk."""

    def kill(self) -> None:
        """End it at once, as a crash would."""

    def close(self) -> None:
        """Leave nothing of it running; harmless when it never started."""


class Broker(Server, Protocol):
    """A RabbitMQ that this run started."""

    def control(self, *words: str) -> None:
        """`rabbitmqctl` with these words, at the running node. Raises ServerFailedError."""


def come_up(
    process: ServerProcess,
    *,
    port: int | None,
    spawn: Callable[[int], None],
    answers: Callable[[int], bool],
    advice: str,
) -> int:
    """Spawn the process until it answers, and return its port.

    A start that fails at once is tried again: a few times on a new port, as another program may
    have taken the free one; for a while on the same port when one is given, as after a kill the
    remains of the old process may still hold it.

    Raises:
        ServerFailedError: it never answered; the text has the log's last lines.
    """
    last_try = time.monotonic() + RETRY_SECONDS
    for tries in itertools.count(1):
        candidate = port or free_port()
        spawn(candidate)
        if _answered(process, candidate, answers):
            return candidate
        over = time.monotonic() > last_try if port else tries == FRESH_TRIES
        if process.running() or over:
            raise ServerFailedError(
                f"{_what(process)}\n{process.tail()}\n  log: {process.log}\n  {advice}"
            )
        time.sleep(POLL_SECONDS * 10)
    raise AssertionError("the count has no end")


def _answered(process: ServerProcess, port: int, answers: Callable[[int], bool]) -> bool:
    end = time.monotonic() + READY_SECONDS
    while process.running() and time.monotonic() < end:
        if answers(port):
            return process.running()
        time.sleep(POLL_SECONDS)
    return False


def _what(process: ServerProcess) -> str:
    name = process.log.stem
    if process.running():
        return f"{name} did not answer within {READY_SECONDS:.0f} s; its last lines:"
    return f"{name} does not start; its last lines:"
