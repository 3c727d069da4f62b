"""Taking the package out of the org: said first what is lost, then typed, then ordered."""

from dataclasses import dataclass
from uuid import UUID

from services.package_watcher.domain.model import Kind, Method, Order, Org
from services.package_watcher.domain.presence import Presence
from services.package_watcher.domain.window import WindowState
from services.package_watcher.handlers.order import free, start
from services.package_watcher.handlers.refusals import (
    NOT_CONFIRMED,
    NOT_INSTALLED,
    RefusedError,
    known,
)
from services.package_watcher.ports import Store, Work

WINDOW_ADDED = WindowState.ADDED.value
LOST = (
    (
        "The field Causeway_Key__c and its value on every Account, Contact, Lead, Opportunity, "
        "Task and Event. Salesforce keeps a deleted field for 15 days under Deleted Fields."
    ),
    (
        "The permission set Causeway_Integration and everybody's assignment of it: the connected "
        "user can do what its profile and its other permission sets allow, no more."
    ),
    (
        "Your own reports, formulas, flows and list views that use the field; Salesforce refuses "
        "the removal where it knows of one, and names it."
    ),
)
KEPT = (
    "All records on both sides, and every value that was synced into them.",
    (
        "Causeway's own links, settings and journal: after a new installation the sync goes on "
        "with the same pairs, and writes the keys anew as it touches records."
    ),
)
WINDOW_STAYS = (
    "The window on the page layouts and its pages, which are no part of this. Take it out with "
    '{"action": "remove"} on the window\'s route, before or after.'
)
PAUSED = (
    "The sync of this connection is paused at once, and goes on by itself when the package is in "
    "place again."
)


@dataclass(frozen=True, slots=True)
class Farewell:
    """What an uninstall means. `confirmation` is what an admin has to type.

    `others` are connections on the same org, which lose the package as well.
    """

    method: Method
    version_id: str
    lost: tuple[str, ...]
    kept: tuple[str, ...]
    sync: str
    others: tuple[UUID, ...]
    confirmation: str


async def farewell(store: Store, connection_id: UUID) -> Farewell:
    """What taking the package out would mean.

    Raises:
        RefusedError: the connection is unknown, or no package was ever in place.
    """
    async with store.begin() as work:
        org = known(await work.orgs.get(connection_id), connection_id)
        presence = await _present(work, connection_id)
        others = tuple(await work.orgs.sharing(org))
        window = await work.orgs.window(connection_id)
    kept = (*KEPT, WINDOW_STAYS) if window == WINDOW_ADDED else KEPT
    method, version_id = _way_out(presence)
    return Farewell(method, version_id, LOST, kept, PAUSED, others, confirmation_of(org))


async def order_uninstall(
    store: Store, connection_id: UUID, *, typed: str, version_id: str, installation_id: UUID
) -> None:
    """Takes the package out; the other services are told before anything is gone.

    `version_id` names the package version to uninstall where Causeway does not know it.

    Raises:
        RefusedError: unknown connection, nothing in place, under way, or not confirmed.
    """
    async with store.begin() as work:
        org = known(await work.orgs.get(connection_id), connection_id)
        if not await free(work, connection_id, installation_id):
            return
        presence = await _present(work, connection_id)
        if typed.strip() != confirmation_of(org):
            raise _not_confirmed(org)
        method, found = _way_out(presence)
        method = Method.VERSION if version_id else method
        order = Order(method, version_id or found, kind=Kind.UNINSTALL)
        await start(work, org, order, installation_id)


def confirmation_of(org: Org) -> str:
    """What an admin types: it names the org, so that nobody empties the wrong one."""
    return f"uninstall {org.org_id}"


async def _present(work: Work, connection_id: UUID) -> Presence:
    found = await work.presences.get(connection_id)
    if found is None:
        raise RefusedError(
            "No package is known to be in this org, so there is nothing to take out. If somebody "
            "installed one by hand, order the method manual first: Causeway then finds it.",
            code=NOT_INSTALLED,
        )
    return found.presence


def _way_out(presence: Presence) -> tuple[Method, str]:
    """A package version leaves as one; what was deployed is deleted component by component."""
    if presence.version_id:
        return Method.VERSION, presence.version_id
    return Method.DEPLOY, ""


def _not_confirmed(org: Org) -> RefusedError:
    return RefusedError(
        f'Nothing was done. Type "{confirmation_of(org)}" to confirm. What is lost: '
        + " ".join(LOST),
        code=NOT_CONFIRMED,
    )
