"""The state machine of an installation: a state, what was seen, the time -> what follows."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.package_watcher.domain.hints import transient
from services.package_watcher.domain.history import seen_in
from services.package_watcher.domain.model import TERMINAL, Installation, Kind, State, Step
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    NotReady,
    Observation,
    Progress,
    Refused,
    Reported,
    Settled,
    Unreachable,
)
from services.package_watcher.domain.orders import (
    Advanced,
    Effect,
    Failed,
    Installed,
    Started,
    Uninstalled,
)

TAKING_LONG_AFTER = timedelta(minutes=5)
"""Salesforce's own tools give up by default after this time (facts: salesforce-api 5)."""

AFTER_HOLD = timedelta(minutes=10)
"""What an installation has left at least when it was held up by something outside."""

MAX_SENDS = 20
"""As often as CumulusCI repeats a request that Salesforce is not ready for (facts: 5)."""

_STEPS = {
    State.ABSENT: Step.LOOK,
    State.REQUESTED: Step.SEND,
    State.INSTALLING: Step.STATUS,
    State.UNINSTALLING: Step.STATUS,
    State.TAKING_LONG: Step.STATUS,
    State.CHECKING: Step.ASSIGN_AND_LOOK,
    State.WAITING_FOR_ADMIN: Step.ASSIGN_AND_LOOK,
}


def step_of(installation: Installation) -> Step | None:
    """What to do next in the org; None at the end. What is taken out is not granted first."""
    step = _STEPS.get(installation.state)
    leaving = installation.order.kind is Kind.UNINSTALL
    return Step.LOOK if leaving and step is Step.ASSIGN_AND_LOOK else step


def advance(installation: Installation, seen: Observation, now: datetime) -> Advanced:
    """The installation after one observation, and what follows for the others.

    A terminal state stays whatever is seen. An observation that does not belong to the state
    (an answer that comes late) changes nothing but the history and the count of looks.
    """
    if installation.state in TERMINAL:
        return installation, ()
    looked = replace(installation, looks=installation.looks + 1, wait=None)
    match seen:
        case Held():
            moved: Advanced = _held(looked, seen, now), ()
        case Unreachable():
            moved = replace(looked, said=seen.text, wait=seen.retry_after), ()
        case _:
            moved = _moved(looked, seen, now)
    after, effects = _timed(installation, *moved, now=now)
    return seen_in(after, step_of(installation), seen, now), effects


def _held(looked: Installation, seen: Held, now: datetime) -> Installation:
    deadline, latest = looked.deadline, looked.latest
    if deadline is not None:
        wanted = max(deadline, now + timedelta(seconds=seen.seconds) + AFTER_HOLD)
        deadline = wanted if latest is None else max(deadline, min(wanted, latest))
    return replace(looked, said=seen.text, wait=seen.seconds, deadline=deadline)


def _moved(looked: Installation, seen: Observation, now: datetime) -> Advanced:
    match looked.state, seen:
        case State.REQUESTED, Accepted(request_id):
            return _sent(looked, request_id, now)
        case State.REQUESTED, NotReady(_, text):
            return replace(looked, said=text), ()
        case State.REQUESTED, Settled(text, warning):
            told = replace(looked, said=text, warning=warning)
            return _to(told, State.CHECKING, now), ()
        case State.REQUESTED, Refused():
            return _not_sent(looked, seen, now)
        case State.ABSENT, Refused(_, text):
            return replace(looked, said=text), ()
        case _, Refused(_, text):
            return _failed(looked, text, now)
        case State.INSTALLING | State.UNINSTALLING | State.TAKING_LONG, Progress():
            return _progressed(looked, seen, now)
        case State.ABSENT | State.CHECKING | State.WAITING_FOR_ADMIN, Looked():
            return _looked(looked, seen, now)
        case _:
            return looked, ()


def _sent(looked: Installation, request_id: str, now: datetime) -> Advanced:
    leaving = looked.order.kind is Kind.UNINSTALL
    sent = replace(
        _to(looked, State.UNINSTALLING if leaving else State.INSTALLING, now),
        request_id=request_id,
        said="",
        sends=looked.sends + 1,
        announced=True,
    )
    return sent, () if looked.announced or leaving else (Started(),)


def _not_sent(looked: Installation, seen: Refused, now: datetime) -> Advanced:
    if not transient(seen.text, seen.code) or looked.sends >= MAX_SENDS:
        return _failed(looked, seen.text, now)
    return replace(looked, said=seen.text, sends=looked.sends + 1), ()


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
            slow = late and looked.state is not State.TAKING_LONG
            return (_to(told, State.TAKING_LONG, now) if slow else told), ()


def _errored(told: Installation, text: str, now: datetime) -> Advanced:
    if not transient(text) or told.sends >= MAX_SENDS:
        return _failed(told, text, now)
    return replace(_to(told, State.REQUESTED, now), request_id="", said=text), ()


def _listed(seen: Progress) -> str:
    parts = [f"{failure.component}: {failure.problem}" for failure in seen.failures]
    return "; ".join(parts) or "Salesforce gave no reason."


def _looked(looked: Installation, seen: Looked, now: datetime) -> Advanced:
    leaving = looked.order.kind is Kind.UNINSTALL
    if seen.in_place is leaving:
        return replace(looked, said=seen.text or "The fields are still there."), ()
    if leaving:
        return replace(_to(looked, State.UNINSTALLED, now), said="", version=""), (Uninstalled(),)
    there = replace(_to(looked, State.INSTALLED, now), said="", version=seen.version)
    return there, (Installed(),)


def _failed(looked: Installation, text: str, now: datetime) -> Advanced:
    failed = replace(_to(looked, State.FAILED, now), said=text, ended_in=looked.state)
    return failed, (Failed(text),)


def _timed(
    before: Installation, moved: Installation, effects: tuple[Effect, ...], *, now: datetime
) -> Advanced:
    """The cadence's count, and the end of an installation whose deadline has passed."""
    changed = moved.state is not before.state
    counted = replace(moved, quiet_looks=0 if changed else before.quiet_looks + 1)
    if counted.state in TERMINAL or counted.deadline is None or now < counted.deadline:
        return counted, effects
    text = f"The deadline passed. Last word: {counted.said or 'none'}"
    late = replace(_to(counted, State.TIMED_OUT, now), said=text, ended_in=counted.state)
    return late, (*effects, Failed(text))


def _to(installation: Installation, state: State, now: datetime) -> Installation:
    """In another state; the key of a version is forgotten once it cannot be needed again."""
    moved = replace(installation, state=state, since=now)
    if state in TERMINAL and state is not State.TIMED_OUT:
        return replace(moved, order=replace(moved.order, sealed_password=""))
    return moved
