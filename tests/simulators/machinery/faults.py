"""Misbehaviour on request: which call goes wrong, how, and how often. No I/O here."""

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

FaultKind = Literal["latency", "http", "drop_before", "drop_after", "html", "slow_body"]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)
DEFAULT_STATUS = 503
DEFAULT_SECONDS = 0.1
MAX_SECONDS = 60.0
"""A fault that lasts longer than any client waits would only hang the test."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The next ``times`` calls that match go wrong.

    ``match`` is ``METHOD /path`` with ``*`` for any run of characters. ``seconds`` is the delay of
    ``latency`` and the time that ``slow_body`` takes; ``code`` names one of the CRM's own errors,
    and ``status`` is what ``http`` and ``html`` answer when ``code`` does not settle it.
    """

    match: str
    kind: FaultKind
    status: int | None = None
    code: str = ""
    seconds: float = DEFAULT_SECONDS
    times: int = 1

    def hits(self, method: str, path: str) -> bool:
        """Whether a call of ``method`` on ``path`` (without its query) is meant."""
        return self.times > 0 and fnmatchcase(f"{method} {path}", self.match)


def parse_fault(body: dict[str, Any]) -> Fault:
    """A fault from the control plane's JSON. ValueError says which field is wrong."""
    kind = body.get("kind")
    if kind not in KINDS:
        raise ValueError(f"kind is {kind!r}, it must be one of {', '.join(KINDS)}")
    if not body.get("match"):
        raise ValueError('match is missing; give "METHOD /path", * stands for anything')
    seconds = float(body.get("seconds", DEFAULT_SECONDS))
    if not 0 <= seconds <= MAX_SECONDS:
        raise ValueError(f"seconds is {seconds}, it must be 0 to {MAX_SECONDS:.0f}")
    status = body.get("status")
    return Fault(
        match=str(body["match"]),
        kind=KINDS[KINDS.index(kind)],
        status=None if status is None else int(status),
        code=str(body.get("code", "")),
        seconds=seconds,
        times=int(body.get("times", 1)),
    )


class FaultBoard:
    """The faults that still wait for their calls, oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Arm a fault."""
        self._faults.append(fault)

    def take(self, method: str, path: str) -> Fault | None:
        """The first armed fault that means this call, used up by one."""
        for position, fault in enumerate(self._faults):
            if fault.hits(method, path):
                self._use(position, fault)
                return fault
        return None

    def _use(self, position: int, fault: Fault) -> None:
        if fault.times > 1:
            self._faults[position] = replace(fault, times=fault.times - 1)
        else:
            del self._faults[position]

    def waiting(self) -> list[Fault]:
        """What is still armed."""
        return list(self._faults)

    def clear(self) -> None:
        """Disarm everything."""
        self._faults.clear()
