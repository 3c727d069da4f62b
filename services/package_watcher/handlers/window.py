"""What an operator decides about the in-record window."""

from uuid import UUID

from services.package_watcher.handlers.refusals import known
from services.package_watcher.ports import Store
from shared.contracts.package_watcher import VisualforceSkipped
from shared.outbox.mail import Outgoing

SKIPPED = "skipped"


async def skip_window(store: Store, connection_id: UUID) -> None:
    """Goes on without the in-record window. A repeat changes nothing.

    Raises:
        RefusedError: the connection is unknown.
    """
    async with store.begin() as work:
        known(await work.orgs.get(connection_id), connection_id)
        if await work.orgs.decide_window(connection_id, SKIPPED):
            await work.emit([Outgoing(connection_id, "visualforce", VisualforceSkipped())])
