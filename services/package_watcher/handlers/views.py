"""What a page shows of the package."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.package_watcher.domain.model import Org
from services.package_watcher.handlers.refusals import unknown
from services.package_watcher.ports import Current, Known, Store


@dataclass(frozen=True, slots=True)
class View:
    """Everything about the package of one connection, at the database's `now`.

    `window` is empty until an admin decided about the in-record window; `known` is None until a
    package was in place.
    """

    org: Org
    current: Current
    window: str
    now: datetime
    known: Known | None = None


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
        found = await work.presences.get(connection_id)
        return View(org, current, window, await work.now(), found)
