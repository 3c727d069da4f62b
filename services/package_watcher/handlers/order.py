"""What an operator commands: install the package, upgrade it, go on after a deadline."""

from dataclasses import replace
from uuid import UUID

from services.package_watcher.domain.editions import Edition, edition
from services.package_watcher.domain.model import (
    RESTING,
    TERMINAL,
    Installation,
    Kind,
    Method,
    Order,
    Org,
)
from services.package_watcher.domain.orders import ordered, resumable, resumed
from services.package_watcher.domain.presence import BUSY_AFTER, Found, Presence
from services.package_watcher.handlers.announce import announce
from services.package_watcher.handlers.refusals import (
    NOT_INSTALLED,
    NOT_RESUMABLE,
    NOTHING_NEWER,
    RUNNING,
    RefusedError,
    known,
    unknown,
)
from services.package_watcher.ports import Store, Work


async def order_installation(
    store: Store, connection_id: UUID, order: Order, *, installation_id: UUID
) -> None:
    """Starts an installation; the watcher carries it on from here, through restarts too.

    An order whose id is known was given before: a repeat changes nothing. With the package in
    place it counts as an upgrade, so that its failure stops nothing.

    Raises:
        RefusedError: the connection is unknown, or an installation is under way.
    """
    async with store.begin() as work:
        org = known(await work.orgs.get(connection_id), connection_id)
        if await free(work, connection_id, installation_id):
            present = await in_place_now(work, connection_id)
            kind = Kind.UPGRADE if present is not None else Kind.INSTALL
            await start(work, org, replace(order, kind=kind), installation_id)


async def order_upgrade(
    store: Store, connection_id: UUID, order: Order, *, installation_id: UUID, brought: str
) -> None:
    """Brings the package in place up to date: to the source's version `brought`, or to a version.

    Raises:
        RefusedError: unknown connection, an installation is under way, nothing is installed, or
            the source that is in place is no older.
    """
    async with store.begin() as work:
        org = known(await work.orgs.get(connection_id), connection_id)
        if not await free(work, connection_id, installation_id):
            return
        present = await in_place_now(work, connection_id)
        if present is None:
            raise _not_installed()
        if order.method is Method.DEPLOY:
            _check_older(present, brought)
        await start(work, org, replace(order, kind=Kind.UPGRADE), installation_id)


async def resume_installation(store: Store, connection_id: UUID) -> None:
    """Watches on the request whose deadline passed. A repeat while it is watched changes nothing.

    Raises:
        RefusedError: the connection is unknown, or its last installation ended otherwise.
    """
    async with store.begin() as work:
        org = known(await work.orgs.get(connection_id), connection_id)
        current = await work.installations.held(connection_id)
        if current is None:
            raise unknown(connection_id)
        if current.state not in RESTING:
            return
        if not resumable(current):
            raise _not_resumable(current)
        going, effects = resumed(current, await work.now())
        await work.installations.go_on(going)
        await announce(work, going, effects, org)


async def free(work: Work, connection_id: UUID, installation_id: UUID) -> bool:
    """Whether this order is new and may start; False for a repeat.

    Raises:
        RefusedError: an installation is under way.
    """
    current = await work.installations.held(connection_id)
    if await work.installations.known(installation_id):
        return False
    if current is not None and current.state not in RESTING:
        raise RefusedError(
            f"An installation is under way (state {current.state}). Wait for its end; it ends by "
            "itself at its deadline at the latest.",
            code=RUNNING,
        )
    return True


async def start(work: Work, org: Org, order: Order, installation_id: UUID) -> None:
    """Makes this order the current one of its connection. A check that is under way is dropped."""
    now = await work.now()
    presence = await work.presences.held(org.connection_id)
    if presence is not None:
        await work.presences.put(presence, BUSY_AFTER)
    started, effects = ordered(installation_id, org.connection_id, order, now)
    await work.installations.begin(started)
    await announce(work, started, effects, org)


async def in_place_now(work: Work, connection_id: UUID) -> Presence | None:
    """The presence of a package that was there when it was last looked for."""
    presence = await work.presences.held(connection_id)
    if presence is None or presence.found is Found.REMOVED:
        return None
    return presence


def _check_older(present: Presence, brought: str) -> None:
    standing = edition(present.version, brought)
    if standing in {Edition.CURRENT, Edition.NEWER}:
        raise RefusedError(
            f"The org has version {present.version} of the package and this Causeway brings "
            f"{brought}: nothing to upgrade. To deploy it once more, order an installation.",
            code=NOTHING_NEWER,
        )


def _not_installed() -> RefusedError:
    return RefusedError(
        "No package is in place that could be upgraded. Order an installation instead.",
        code=NOT_INSTALLED,
    )


def _not_resumable(current: Installation) -> RefusedError:
    ended = "ended" if current.state in TERMINAL else "has not begun"
    return RefusedError(
        f"The last installation {ended} (state {current.state}), so there is no request to watch "
        "on. Only one whose deadline passed can be resumed; order a new one.",
        code=NOT_RESUMABLE,
    )
