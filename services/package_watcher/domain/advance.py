"""The state machine of an installation: a state, what was seen, the time -> what follows."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.package_watcher.domain.hints import transient
from services.package_watcher.domain.model import (
    TERMINAL,
    Installation,
    Method,
    Order,
    State,
    Step,
)
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    Observation,
    Progress,
    Refused,
    Reported,
    Unreachable,
)

DEADLINES = {
    Method.DEPLOY: timedelta(hours=1),
    Method.VERSION: timedelta(hours=2),
    Method.MANUAL: timedelta(hours=4),
}
"""A deploy of five fields takes minutes, a version compiles all Apex of a production org after
it; a person may be called away. Every look costs API calls, so even that has an end."""

TAKING_LONG_AFTER = timedelta(minutes=5)
"""Salesforce's own tools give up by default after this time (facts: salesforce-api 5)."""

AFTER_HOLD = timedelta(minutes=10)
"""What an installation has left at least when it was held up by something outside."""

MAX_SENDS = 20
"""As often as CumulusCI repeats a request that Salesforce is not ready for (facts: 5)."""


@dataclass(frozen=True, slots=True)
class Started:
    """Salesforce took the request, or the wait for an admin has begun. Once an installation."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The package is in place."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It ended without the package; the reason is for an admin."""

    reason: str


Effect = Started | Installed | Failed
Advanced = tuple[Installation, tuple[Effect, ...]]

_STEPS = {
    State.ABSENT: Step.LOOK,
    State.REQUESTED: Step.SEND,
    State.INSTALLING: Step.STATUS,
    State.TAKING_LONG: Step.STATUS,
    State.CHECKING: Step.ASSIGN_AND_LOOK,
    State.WAITING_FOR_ADMIN: Step.ASSIGN_AND_LOOK,
}


def step_of(installation: Installation) -> Step | None:
    """What to do next in the org; None at the end."""
    return _STEPS.get(installation.state)


def unordered(installation_id: UUID, connection_id: UUID, now: datetime) -> Installation:
    """Nobody asked yet: one look tells whether the package is there already."""
    order = Order(Method.MANUAL)
    return Installation(installation_id, connection_id, order, State.ABSENT, now, now)


def ordered(
    installation_id: UUID, connection_id: UUID, order: Order, now: datetime
) -> tuple[Installation, tuple[Effect, ...]]:
    """A new installation as an operator ordered it."""
    manual = order.method is Method.MANUAL
    installation = Installation(
        installation_id,
        connection_id,
        order,
        State.WAITING_FOR_ADMIN if manual else State.REQUESTED,
        requested_at=now,
        since=now,
        deadline=now + DEADLINES[order.method],
        announced=manual,
    )
    return installation, (Started(),) if manual else ()


def advance(installation: Installation, seen: Observation, now: datetime) -> Advanced:
    """The installation after one observation, and what follows for the others.

    A terminal state stays whatever is seen. An observation that does not belong to the state
    (an answer that comes late) changes nothing but the count of looks.
    """
    if installation.state in TERMINAL:
        return installation, ()
    looked = replace(installation, looks=installation.looks + 1, wait=None)
    if isinstance(seen, Held):
        return _held(looked, seen, now), ()
    if isinstance(seen, Unreachable):
        moved: Advanced = replace(looked, said=seen.text, wait=seen.retry_after), ()
    else:
        moved = _moved(looked, seen, now)
    return _timed(installation, *moved, now=now)


def _held(looked: Installation, seen: Held, now: datetime) -> Installation:
    deadline = looked.deadline
    if deadline is not None:
        deadline = max(deadline, now + timedelta(seconds=seen.seconds) + AFTER_HOLD)
    return replace(looked, said=seen.text, wait=seen.seconds, deadline=deadline)


def _moved(looked: Installation, seen: Observation, now: datetime) -> Advanced:
    match looked.state, seen:
        case State.REQUESTED, Accepted(request_id):
            return _sent(looked, request_id, now)
        case State.REQUESTED, Refused(_, text):
            return _not_sent(looked, text, now)
        case State.ABSENT, Refused(_, text):
            return replace(looked, said=text), ()
        case _, Refused(_, text):
            return _failed(looked, text, now)
        case State.INSTALLING | State.TAKING_LONG, Progress():
            return _progressed(looked, seen, now)
        case State.ABSENT | State.CHECKING | State.WAITING_FOR_ADMIN, Looked():
            return _looked(looked, seen, now)
        case _:
            return looked, ()


def _sent(looked: Installation, request_id: str, now: datetime) -> Advanced:
    sent = replace(
        _to(looked, State.INSTALLING, now),
        request_id=request_id,
        said="",
        sends=looked.sends + 1,
        announced=True,
    )
    return sent, () if looked.announced else (Started(),)


def _not_sent(looked: Installation, text: str, now: datetime) -> Advanced:
    if _hopeless(looked, text):
        return _failed(looked, text, now)
    return replace(looked, said=text, sends=looked.sends + 1), ()


def _hopeless(looked: Installation, text: str) -> bool:
    """Whether sending the request once more would be in vain."""
    return not transient(text) or looked.sends >= MAX_SENDS


def _progressed(looked: Installation, seen: Progress, now: datetime) -> Advanced:
    told = replace(
        looked,
        said=seen.text,
        failures=seen.failures,
        components_done=seen.components_done,
        components=seen.components,
    )
    match seen.reported:
        case Reported.SUCCESS:
            return _to(told, State.CHECKING, now), ()
        case Reported.ERROR:
            return _errored(told, seen.text or _listed(seen), now)
        case Reported.IN_PROGRESS | Reported.UNKNOWN:
            late = now - looked.since >= TAKING_LONG_AFTER
            slow = late and looked.state is State.INSTALLING
            return (_to(told, State.TAKING_LONG, now) if slow else told), ()


def _errored(told: Installation, text: str, now: datetime) -> Advanced:
    if _hopeless(told, text):
        return _failed(told, text, now)
    return replace(_to(told, State.REQUESTED, now), request_id="", said=text), ()


def _listed(seen: Progress) -> str:
    parts = [f"{failure.component}: {failure.problem}" for failure in seen.failures]
    return "; ".join(parts) or "Salesforce gave no reason."


def _looked(looked: Installation, seen: Looked, now: datetime) -> Advanced:
    if seen.in_place:
        return replace(_to(looked, State.INSTALLED, now), said=""), (Installed(),)
    return replace(looked, said=seen.text), ()


def _failed(looked: Installation, text: str, now: datetime) -> Advanced:
    return replace(_to(looked, State.FAILED, now), said=text), (Failed(text),)


def _timed(
    before: Installation, moved: Installation, effects: tuple[Effect, ...], *, now: datetime
) -> Advanced:
    """The cadence's count, and the end of an installation whose deadline has passed."""
    changed = moved.state is not before.state
    counted = replace(moved, quiet_looks=0 if changed else before.quiet_looks + 1)
    if counted.state in TERMINAL or counted.deadline is None or now < counted.deadline:
        return counted, effects
    text = f"The deadline passed. Last word: {counted.said or 'none'}"
    late, failed = replace(_to(counted, State.TIMED_OUT, now), said=text), Failed(text)
    return late, (*effects, failed)


def _to(installation: Installation, state: State, now: datetime) -> Installation:
    return replace(installation, state=state, since=now)
