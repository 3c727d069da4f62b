"""How long something took, and how much of a core another process had meanwhile."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, SYSTEM = 11, 12
"""Places of the times of a process in its /proc entry, after its name (proc_pid_stat(5))."""


@dataclass(slots=True)
class Spent:
    """Seconds by the clock and of a core; the latter are None where no /proc tells them."""

    seconds: float = 0.0
    core_seconds: float | None = None


@contextmanager
def spending(process_id: int) -> Iterator[Spent]:
    """What the block takes; filled in at its end."""
    spent = Spent()
    before, started = _core_seconds(process_id), time.perf_counter()
    yield spent
    spent.seconds = time.perf_counter() - started
    after = _core_seconds(process_id)
    if before is not None and after is not None and after > before:
        spent.core_seconds = after - before


def _core_seconds(process_id: int) -> float | None:
    try:
        told = Path(f"/proc/{process_id}/stat").read_text(encoding="utf-8")
    except OSError:
        return None
    times = told.rpartition(")")[2].split()
    return (int(times[USER]) + int(times[SYSTEM])) / os.sysconf("SC_CLK_TCK")
