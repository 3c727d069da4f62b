"""What an operator commands: install the package."""

from uuid import UUID

from services.package_watcher.domain.advance import ordered
from services.package_watcher.domain.model import RESTING, Order
from services.package_watcher.handlers.announce import announce
from services.package_watcher.handlers.refusals import RUNNING, RefusedError, known
from services.package_watcher.ports import Store


async def order_installation(
    store: Store, connection_id: UUID, order: Order, *, installation_id: UUID
) -> None:
    """Starts an installation; the watcher carries it on from here, through restarts too.

    An order whose id is known was given before: a repeat changes nothing.

    Raises:
        RefusedError: the connection is unknown, or an installation is under way.
    """
    async with store.begin() as work:
        known(await work.orgs.get(connection_id), connection_id)
        current = await work.installations.held(connection_id)
        if await work.installations.known(installation_id):
            return
        if current is not None and current.state not in RESTING:
            raise RefusedError(
                f"An installation is under way (state {current.state}). Wait for its end; it ends "
                "by itself at its deadline at the latest.",
                code=RUNNING,
            )
        started, effects = ordered(installation_id, connection_id, order, await work.now())
        await work.installations.begin(started)
        await announce(work, started, effects)
