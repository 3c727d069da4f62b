"""Server processes that may outlive an unlucky parent, and can still be ended exactly."""

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType

from deploy.local.account import Account

POLL_SECONDS = 0.02  # short against the fastest start (0.1 s), long against a busy loop
LOG_BYTES = 5_000_000  # a log that is longer is started afresh: it is for the last failure only
TAIL_LINES = 15  # enough for the reason a server gives when it refuses to start
_HELD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ServerFailedError(Exception):
    """A server did not start or did not end; the text says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A process for certain: its id, and when it was born, as ids are used again."""

    pid: int
    born: str


def mark_of(pid: int) -> Mark | None:
    """The mark of a live process; None when it is gone or only waits to be reaped."""
    if Path("/proc/self/stat").exists():
        state, born = _from_proc(pid)
    else:
        state, born = _from_ps(pid)
    return None if state in {"", "Z"} else Mark(pid, born)


def _from_proc(pid: int) -> tuple[str, str]:
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return "", ""
    fields = text.rpartition(")")[2].split()  # proc(5): field 3 is the state, field 22 the start
    return fields[0], fields[19]


def _from_ps(pid: int) -> tuple[str, str]:
    answer = subprocess.run(
        ["/bin/ps", "-o", "state=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
        timeout=10,
    )
    state, _, born = answer.stdout.strip().partition(" ")
    return state[:1], born.strip()


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


@contextmanager
def signals_held() -> Iterator[None]:
    """Signals that arrive inside wait until the end, so that no started server goes unrecorded."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Python delivers signals to the main thread only
        return
    caught: list[int] = []

    def hold(signum: int, _frame: FrameType | None) -> None:
        caught.append(signum)

    before = {signum: signal.signal(signum, hold) for signum in _HELD}
    try:
        yield
    finally:
        for signum, handler in before.items():
            signal.signal(signum, handler)
        for number in caught:
            signal.raise_signal(number)


class ServerProcess:
    """One server's process, known by a record on disk, so that the next run finds an orphan.

    It leads a session of its own: Ctrl-C at the terminal reaches the parent only, which then ends
    the server in order.
    """

    def __init__(self, *, record: Path, log: Path, account: Account | None) -> None:
        self.log = log
        self._record = record
        self._account = account
        self._child: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def spawn(self, command: Sequence[str], *, cwd: Path, env: Mapping[str, str]) -> None:
        """Start the command in the background, with its output in the log."""
        too_long = self.log.exists() and self.log.stat().st_size > LOG_BYTES
        with self.log.open("wb" if too_long else "ab") as log, signals_held():
            self._log_start = log.tell()
            self._child = subprocess.Popen(
                command,
                cwd=cwd,
                env=dict(env),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
                **Account.popen_arguments(self._account),
            )
            mark = mark_of(self._child.pid)
            if mark is not None:
                self._write(mark)

    def running(self) -> bool:
        """Whether the server, started by this run or left by an earlier one, is alive."""
        return self._mark() is not None

    def end(self, *steps: tuple[signal.Signals, float]) -> None:
        """Send each signal in turn until the process is gone, waiting so many seconds after each.

        Raises:
            ServerFailedError: it is still there after the last step.
        """
        mark = self._mark()
        if mark is not None:
            self._signal(mark, steps)
        self._child = None
        self._record.unlink(missing_ok=True)

    def tail(self) -> str:
        """The last lines that the server wrote since it was spawned."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            lines = log.read().decode("utf-8", errors="replace").splitlines()
        return "\n".join(f"    {line}" for line in lines[-TAIL_LINES:])

    def _signal(self, mark: Mark, steps: tuple[tuple[signal.Signals, float], ...]) -> None:
        for signum, seconds in steps:
            with suppress(ProcessLookupError):
                os.killpg(mark.pid, signum)
            if wait_until(lambda: self._mark() is None, seconds):
                return
        raise ServerFailedError(
            f"process {mark.pid} (log: {self.log}) does not end, not even on SIGKILL; "
            f"see what holds it with: ps -o pid,stat,wchan,args -p {mark.pid}"
        )

    def _mark(self) -> Mark | None:
        if self._child is not None:
            # The id of an own child is not given away before it is reaped, which poll() does.
            return None if self._child.poll() is not None else Mark(self._child.pid, "")
        recorded = self._read()
        return recorded if recorded is not None and mark_of(recorded.pid) == recorded else None

    def _write(self, mark: Mark) -> None:
        draft = self._record.with_suffix(".draft")
        draft.write_text(json.dumps(asdict(mark)), encoding="utf-8")
        draft.replace(self._record)

    def _read(self) -> Mark | None:
        try:
            content = json.loads(self._record.read_text(encoding="utf-8"))
            return Mark(int(content["pid"]), str(content["born"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return None  # an unreadable record names no process that may be signalled
