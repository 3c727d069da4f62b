"""How an installation begins: by an order, by a look at a new org, by going on after a deadline."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.package_watcher.domain.history import ORDERED, RESUMED, noted
from services.package_watcher.domain.model import Installation, Kind, Method, Order, State

DEADLINES = {
    Method.DEPLOY: timedelta(hours=1),
    Method.VERSION: timedelta(hours=2),
    Method.MANUAL: timedelta(hours=4),
}
"""A deploy of five fields takes minutes, a version compiles all Apex of a production org after
it; a person may be called away. Every look costs API calls, so even that has an end."""

HELD_AT_MOST = timedelta(days=7)
"""A dead grant or an empty quota holds an installation up no longer than this: a week later the
admin who ordered it expects an answer, and can go on from it."""


@dataclass(frozen=True, slots=True)
class Started:
    """Salesforce took the request, or the wait for an admin has begun."""


@dataclass(frozen=True, slots=True)
class Installed:
    """The package is in place."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """The package is about to be taken out."""


@dataclass(frozen=True, slots=True)
class Uninstalled:
    """The package is out of the org."""


@dataclass(frozen=True, slots=True)
class Failed:
    """It ended without what was ordered; the reason is for an admin."""

    reason: str


Effect = Started | Installed | Leaving | Uninstalled | Failed
"""Of one order: at most one Started or Leaving, and exactly one of the others at its end. Going on
after a deadline counts as an order."""

Advanced = tuple[Installation, tuple[Effect, ...]]


def unordered(installation_id: UUID, connection_id: UUID, now: datetime) -> Installation:
    """Nobody asked yet: one look tells whether the package is there already."""
    order = Order(Method.MANUAL)
    return Installation(installation_id, connection_id, order, State.ABSENT, now, now)


def ordered(installation_id: UUID, connection_id: UUID, order: Order, now: datetime) -> Advanced:
    """A new installation as an operator ordered it."""
    manual = order.method is Method.MANUAL and order.kind is not Kind.UNINSTALL
    installation = Installation(
        installation_id,
        connection_id,
        order,
        State.WAITING_FOR_ADMIN if manual else State.REQUESTED,
        requested_at=now,
        since=now,
        deadline=now + DEADLINES[order.method],
        latest=now + HELD_AT_MOST,
        announced=manual,
    )
    said = f"{order.kind.value} by {order.method.value} {order.version_id}".strip()
    told = noted(installation, ORDERED, "ordered", said, now)
    if order.kind is Kind.UNINSTALL:
        return told, (Leaving(),)
    return told, (Started(),) if manual else ()


def resumable(installation: Installation) -> bool:
    """Whether it can be gone on with: its deadline passed, and nothing was refused."""
    return installation.state is State.TIMED_OUT and installation.ended_in is not None


def resumed(installation: Installation, now: datetime) -> Advanced:
    """The same installation, watched on from where its deadline found it, with a new deadline.

    No request is sent again: Salesforce may well have gone on with the old one.
    """
    if not resumable(installation):
        return installation, ()
    going = replace(
        installation,
        state=installation.ended_in or State.REQUESTED,
        ended_in=None,
        since=now,
        deadline=now + DEADLINES[installation.order.method],
        latest=now + HELD_AT_MOST,
        quiet_looks=0,
        wait=None,
        said="",
    )
    told = noted(going, RESUMED, "resumed", "", now)
    if going.order.kind is Kind.UNINSTALL:
        return told, (Leaving(),)
    return told, (Started(),) if going.announced else ()
