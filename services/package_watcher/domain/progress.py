"""How far an installation is, as a number and as steps that a person can watch."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from services.package_watcher.domain.model import Installation, Kind, Method, Org, Seen, State

EXPECTED = {
    Method.DEPLOY: timedelta(seconds=30),
    Method.VERSION: timedelta(minutes=4),
    Method.MANUAL: timedelta(minutes=10),
}
"""No figure is published (facts: salesforce-api 5); after these the bar stands at its ceiling."""

_FIXED = {
    State.ABSENT: 0,
    State.REQUESTED: 5,
    State.CHECKING: 90,
    State.INSTALLED: 100,
    State.UNINSTALLED: 100,
    State.FAILED: 0,
    State.TIMED_OUT: 0,
}
_START = 10
_SPAN = 70

_PLACES = {
    State.REQUESTED: 0,
    State.INSTALLING: 1,
    State.UNINSTALLING: 1,
    State.TAKING_LONG: 1,
    State.WAITING_FOR_ADMIN: 1,
    State.CHECKING: 2,
    State.INSTALLED: 3,
    State.UNINSTALLED: 3,
}
"""The step at which a state is; beyond the last one all are done."""

_MY_DOMAIN = ".my.salesforce.com"


class StepState(StrEnum):
    """`current` is the one that is worked on, `failed` the one that it ended at."""

    DONE = "done"
    CURRENT = "current"
    FAILED = "failed"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of an installation; `done_at` is None until it is done."""

    name: str
    state: StepState
    done_at: datetime | None = None


def percent(installation: Installation, now: datetime) -> int:
    """From 0 to 100. By components where Salesforce counts them, else by the time that passed."""
    fixed = _FIXED.get(installation.state)
    if fixed is not None:
        return fixed
    if installation.components:
        share = installation.components_done / installation.components
    else:
        share = (now - installation.requested_at) / EXPECTED[installation.order.method]
    return _START + int(_SPAN * min(1.0, max(0.0, share)))


def stages(installation: Installation) -> tuple[Stage, ...]:
    """The steps of an installation in order, as far as they are."""
    ended = installation.state in {State.FAILED, State.TIMED_OUT}
    where = installation.ended_in if ended else installation.state
    at = _PLACES.get(where, -1) if where is not None else -1
    stuck = StepState.FAILED if ended else StepState.CURRENT
    return tuple(
        Stage(name, StepState.DONE, _done_at(installation.history, place))
        if place < at
        else Stage(name, stuck if place == at else StepState.LATER)
        for place, name in enumerate(_names(installation))
        if name
    )


def _names(installation: Installation) -> tuple[str, str, str]:
    """Empty for a step that this kind of installation does not have."""
    if installation.order.kind is Kind.UNINSTALL:
        return "request", "salesforce_removes", "check_that_it_is_gone"
    if installation.order.method is Method.MANUAL:
        return "", "install_by_hand", "check_that_it_is_in_place"
    return "request", "salesforce_installs", "check_that_it_is_in_place"


def _done_at(history: tuple[Seen, ...], place: int) -> datetime | None:
    later = (one.first_at for one in history if _PLACES.get(one.state, -1) > place)
    return next(later, None)


def install_link(org: Org, version_id: str) -> str:
    """Where an admin installs a package version by hand (facts: salesforce-api 5); else empty.

    The org's own My Domain where it is known: the common hosts lead to whatever org the admin
    happens to be signed in to.
    """
    return f"{_host(org)}/packaging/installPackage.apexp?p0={version_id}" if version_id else ""


def _host(org: Org) -> str:
    own = org.instance_url.rstrip("/")
    if own.startswith("https://") and own.endswith(_MY_DOMAIN):
        return own
    sandbox = org.environment == "sandbox"
    return "https://test.salesforce.com" if sandbox else "https://login.salesforce.com"
