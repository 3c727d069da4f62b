"""The work on the in-record window: a state, what was seen, the time -> what follows. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.package_watcher.domain.hints import transient
from services.package_watcher.domain.model import Failure
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Progress,
    Refused,
    Reported,
    Unreachable,
)


class Action(StrEnum):
    """What an operator wants of the window."""

    PREVIEW = "preview"
    ADD = "add"
    REMOVE = "remove"


class WindowState(StrEnum):
    """Where the work is. `asked`: the layouts have yet to be read."""

    ASKED = "asked"
    RETRIEVING = "retrieving"
    DEPLOYING = "deploying"
    PREVIEWED = "previewed"
    ADDED = "added"
    REMOVED = "removed"
    FAILED = "failed"


ENDED = frozenset(
    {WindowState.PREVIEWED, WindowState.ADDED, WindowState.REMOVED, WindowState.FAILED}
)
"""Left only by a new order, which is a new row."""


class WindowStep(StrEnum):
    """What is done next in the org."""

    RETRIEVE = "retrieve"
    PATCH = "patch"
    STATUS = "status"


STEPS = {
    WindowState.ASKED: WindowStep.RETRIEVE,
    WindowState.RETRIEVING: WindowStep.PATCH,
    WindowState.DEPLOYING: WindowStep.STATUS,
}
DONE = {
    Action.PREVIEW: WindowState.PREVIEWED,
    Action.ADD: WindowState.ADDED,
    Action.REMOVE: WindowState.REMOVED,
}
DEADLINE = timedelta(hours=1)
"""Reading and deploying some layouts takes minutes; a busy org queues them."""

AFTER_HOLD = timedelta(minutes=10)
"""What is left at least when something outside held the work up."""

MAX_STARTS = 5
"""Layouts that change during each of five attempts are being worked on: come back later."""


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one layout: a unified diff, empty where nothing does."""

    layout: str
    diff: str


@dataclass(frozen=True, slots=True)
class Window:
    """One order about the window, and all that is known of it.

    `layouts` are full names (`Lead-Lead Layout`); a removal of the window everywhere names none.
    `starts` counts how often the layouts were read, `quiet_looks` the looks since the last
    change, `said` is Salesforce's latest text, `wait` seconds while something holds it up.
    """

    id: UUID
    connection_id: UUID
    action: Action
    layouts: tuple[str, ...]
    state: WindowState
    asked_at: datetime
    since: datetime
    deadline: datetime
    request_id: str = ""
    starts: int = 0
    quiet_looks: int = 0
    said: str = ""
    failures: tuple[Failure, ...] = ()
    changes: tuple[Change, ...] = ()
    wait: float | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Salesforce has not read the layouts yet."""


@dataclass(frozen=True, slots=True)
class Patched:
    """The layouts were read and patched. `request_id` is the deploy's, empty where none is due."""

    changes: tuple[Change, ...]
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Stale:
    """What was read is not what there is any more: read again."""

    text: str


WindowSeen = Accepted | Waiting | Patched | Stale | Progress | Refused | Unreachable | Held


@dataclass(frozen=True, slots=True)
class Placed:
    """The window is where it should be: on these layouts, or (removed) on these no longer."""

    action: Action
    layouts: tuple[str, ...]


def asked(
    window_id: UUID, connection_id: UUID, action: Action, layouts: Sequence[str], now: datetime
) -> Window:
    """A new order."""
    return Window(
        window_id,
        connection_id,
        action,
        tuple(dict.fromkeys(layouts)),
        WindowState.ASKED,
        asked_at=now,
        since=now,
        deadline=now + DEADLINE,
    )


def window_step(window: Window) -> WindowStep | None:
    """What is done next; None at the end."""
    return STEPS.get(window.state)


def advance_window(window: Window, seen: WindowSeen, now: datetime) -> tuple[Window, Placed | None]:
    """The order after one observation, and what others have to be told.

    An end stays whatever is seen, and what does not belong to the state changes nothing.
    """
    if window.state in ENDED:
        return window, None
    looked = replace(window, wait=None)
    if isinstance(seen, Held):
        deadline = max(window.deadline, now + timedelta(seconds=seen.seconds) + AFTER_HOLD)
        return replace(looked, said=seen.text, wait=seen.seconds, deadline=deadline), None
    moved = _moved(looked, seen, now)
    quiet = 0 if moved.state is not window.state else window.quiet_looks + 1
    counted = replace(moved, quiet_looks=quiet)
    if counted.state not in ENDED and now >= counted.deadline:
        counted = _failed(counted, f"The deadline passed. {counted.said}".strip(), now)
    return counted, _placed(counted)


def _moved(looked: Window, seen: WindowSeen, now: datetime) -> Window:
    match looked.state, seen:
        case _, Unreachable(text, retry_after):
            return replace(looked, said=text, wait=retry_after)
        case _, Refused(code, text):
            return (
                _again(looked, text, now) if transient(text, code) else _failed(looked, text, now)
            )
        case _, Stale(text):
            return _again(looked, text, now)
        case WindowState.ASKED, Accepted(request_id):
            read = replace(looked, request_id=request_id, said="", starts=looked.starts + 1)
            return _to(read, WindowState.RETRIEVING, now)
        case WindowState.ASKED | WindowState.RETRIEVING, Patched():
            return _patched(looked, seen, now)
        case WindowState.DEPLOYING, Progress():
            return _progressed(looked, seen, now)
        case _:
            return looked


def _patched(looked: Window, seen: Patched, now: datetime) -> Window:
    known = replace(looked, changes=seen.changes, request_id=seen.request_id, said="")
    return _to(known, WindowState.DEPLOYING if seen.request_id else DONE[looked.action], now)


def _progressed(looked: Window, seen: Progress, now: datetime) -> Window:
    told = replace(looked, said=seen.text, failures=seen.failures)
    match seen.reported:
        case Reported.SUCCESS:
            return _to(replace(told, said=""), DONE[looked.action], now)
        case Reported.ERROR:
            text = seen.text or _listed(seen.failures)
            return _again(told, text, now) if transient(text) else _failed(told, text, now)
        case Reported.IN_PROGRESS | Reported.UNKNOWN:
            return told


def _again(looked: Window, text: str, now: datetime) -> Window:
    if looked.starts >= MAX_STARTS:
        return _failed(looked, f"{text} That happened {MAX_STARTS} times.", now)
    return _to(replace(looked, request_id="", said=text), WindowState.ASKED, now)


def _listed(failures: Sequence[Failure]) -> str:
    parts = [f"{failure.component}: {failure.problem}" for failure in failures]
    return "; ".join(parts) or "Salesforce gave no reason."


def _placed(window: Window) -> Placed | None:
    if window.state not in {WindowState.ADDED, WindowState.REMOVED}:
        return None
    return Placed(window.action, tuple(change.layout for change in window.changes))


def _failed(window: Window, text: str, now: datetime) -> Window:
    return _to(replace(window, said=text), WindowState.FAILED, now)


def _to(window: Window, state: WindowState, now: datetime) -> Window:
    return replace(window, state=state, since=now)
