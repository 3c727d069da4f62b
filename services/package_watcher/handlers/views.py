"""What a page shows of the package."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.package_watcher.domain.model import Org
from services.package_watcher.handlers.refusals import unknown
from services.package_watcher.ports import Current, Store


@dataclass(frozen=True, slots=True)
class View:
    """Everything about the package of one connection, at the database's `now`.

    `window` is empty until an admin decided about the in-record window.
    """

    org: Org
    current: Current
    window: str
    now: datetime


async def view_of(store: Store, connection_id: UUID) -> View:
    """How the package of a connection is.

    Raises:
        RefusedError: the connection is unknown.
    """
    async with store.begin() as work:
        org = await work.orgs.get(connection_id)
        current = await work.installations.current(connection_id)
        if org is None or current is None:  # both are made in one transaction
            raise unknown(connection_id)
        window = await work.orgs.window(connection_id)
        return View(org, current, window, await work.now())
