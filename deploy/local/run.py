"""Runs a command with both servers behind it, and ends them when it ends, however it ends."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType

COMMAND_GRACE_SECONDS = 60.0  # the services drain for up to 30 s when they are told to stop
_TICK_SECONDS = 0.2
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NOT_FOUND, _NOT_RUNNABLE = 127, 126  # as a shell says it

Handler = Callable[[int, FrameType | None], None]


class Interrupted(SystemExit):
    """A signal asked this program to end; its exit code is the shell's: 128 + the signal."""

    def __init__(self, signum: int) -> None:
        super().__init__(128 + signum)


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, the first signal raises Interrupted, so that what was started is stopped.

    Further ones are ignored: stopping is bounded, and a second Ctrl-C would leave servers behind.
    """

    def first(signum: int, _frame: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise Interrupted(signum)

    with _handled_by(first):
        yield


@contextmanager
def _handled_by(handler: Handler) -> Iterator[None]:
    before = {signum: signal.signal(signum, handler) for signum in _SIGNALS}
    try:
        yield
    finally:
        for signum, old in before.items():
            signal.signal(signum, old)


def supervise(
    command: Sequence[str],
    environ: Mapping[str, str],
    *,
    grace: float = COMMAND_GRACE_SECONDS,
) -> int:
    """Run the command to its end and return its exit code, 128 + n after signal n.

    A signal to this program is passed on; a command that has not ended `grace` seconds later is
    killed.
    """
    try:
        child = subprocess.Popen(command, env=dict(environ))
    except FileNotFoundError:
        return _refused(f"command not found: {command[0]}", _NOT_FOUND)
    except PermissionError:
        return _refused(f"not executable: {command[0]}", _NOT_RUNNABLE)
    deadline: list[float] = []

    def pass_on(signum: int, _frame: FrameType | None) -> None:
        deadline.append(time.monotonic() + grace)
        if not (signum == signal.SIGINT and _terminal_told_it()):
            child.send_signal(signum)

    with _handled_by(pass_on):
        code = _wait(child, deadline)
    return code if code >= 0 else 128 - code


def _wait(child: subprocess.Popen[bytes], deadline: list[float]) -> int:
    while True:
        try:
            return child.wait(timeout=_TICK_SECONDS)
        except subprocess.TimeoutExpired:
            if deadline and time.monotonic() > deadline[0]:
                child.kill()


def _terminal_told_it() -> bool:
    """Whether Ctrl-C at the terminal goes to the command as well, being in the same group."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return False


def _refused(reason: str, code: int) -> int:
    print(f"deploy.local: {reason}", file=sys.stderr)
    return code
