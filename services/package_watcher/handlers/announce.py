"""Effects of the state machines as events, and what they mean for the daily check."""

from collections.abc import Sequence
from datetime import timedelta

from services.package_watcher.domain.model import Installation, Kind, Order, Org, State
from services.package_watcher.domain.orders import (
    Effect,
    Failed,
    Installed,
    Leaving,
    Started,
    Uninstalled,
)
from services.package_watcher.domain.presence import (
    CHECK_EVERY,
    CheckEffect,
    Presence,
    Removed,
    Restored,
    in_place,
    leaving,
    ungranted,
)
from services.package_watcher.ports import Work
from shared.contracts.base import Event
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageInstallFailed,
    PackageInstallStarted,
    PackageRemoved,
)
from shared.outbox.mail import Outgoing

AT_ONCE = timedelta(0)
EVERY_OBJECT = ("Contact", "Lead", "Task", "Account", "Opportunity")
BY_ORDER = "An admin ordered its removal."


async def announce(
    work: Work, installation: Installation, effects: Sequence[Effect], org: Org
) -> None:
    """Tells the other services, within the transaction that changes the state."""
    for effect in effects:
        await _note(work, installation, effect, org)
        event = _event(effect, installation.order)
        if event is not None:
            subject = f"installation/{installation.id}"
            await work.emit([Outgoing(installation.connection_id, subject, event)])


async def announce_check(work: Work, presence: Presence, effects: Sequence[CheckEffect]) -> None:
    """The same for the daily check."""
    for effect in effects:
        match effect:
            case Removed(reason, missing, objects):
                event: Event = PackageRemoved(reason=reason, missing=missing, objects=objects)
            case Restored():
                event = PackageInstalled(method=presence.method.value, version=presence.version_id)
        await work.emit([Outgoing(presence.connection_id, "package", event)])


async def _note(work: Work, installation: Installation, effect: Effect, org: Org) -> None:
    """What an installation leaves behind for the daily check."""
    presence = await work.presences.held(installation.connection_id)
    match effect:
        case Installed():
            fresh = in_place(installation, org.user_id, await work.now())
            await work.presences.put(fresh, CHECK_EVERY)
        case Leaving() if presence is not None:
            gone = leaving(presence, BY_ORDER, await work.now())
            await work.presences.put(gone, None)
        case Uninstalled():
            await work.presences.forget(installation.connection_id)
            await work.presences.hasten(await work.orgs.sharing(org))
        case Failed() if installation.order.kind is Kind.UNINSTALL:
            await _stayed(work, installation, org)
        case _:
            return


async def _stayed(work: Work, installation: Installation, org: Org) -> None:
    """An uninstall that came to nothing took the permission set from all users of the org.

    Refused, all is looked at and granted again at once. Timed out, Salesforce may be at it still:
    a resume goes on, else the next day tells.
    """
    due = AT_ONCE if installation.state is State.FAILED else CHECK_EVERY
    for connection_id in (installation.connection_id, *await work.orgs.sharing(org)):
        presence = await work.presences.held(connection_id)
        if presence is not None:
            await work.presences.put(ungranted(presence), due)


def _event(effect: Effect, order: Order) -> Event | None:
    """None for what concerns nobody else: an upgrade that fails leaves the package in place."""
    match effect:
        case Started() if order.kind is Kind.INSTALL:
            return PackageInstallStarted(method=order.method.value)
        case Installed():
            return PackageInstalled(method=order.method.value, version=order.version_id)
        case Failed(reason) if order.kind is Kind.INSTALL:
            return PackageInstallFailed(reason=reason)
        case Leaving():
            return PackageRemoved(
                reason=BY_ORDER, missing=("the whole package",), objects=EVERY_OBJECT
            )
        case _:
            return None
