"""What the events of the connection service mean for the installations."""

from uuid import UUID

from services.package_watcher.domain.model import Org
from services.package_watcher.domain.orders import unordered
from services.package_watcher.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved


async def note_connection(
    work: Work, connection_id: UUID, event: Event, *, installation_id: UUID
) -> None:
    """Keeps the org of a connection, and has a new org looked at once.

    A second portal on an org that has the package, or an org where an admin deployed it before,
    needs no installation. What was installed in an org that is no longer connected is forgotten.
    Another connected user is given the permission set by the check that is made at once.
    """
    match event:
        case ConnectionRemoved():
            await work.orgs.forget(connection_id)
        case ConnectionEstablished():
            org = Org(
                connection_id,
                event.org_id,
                event.environment,
                event.salesforce_user_id,
                event.instance_url,
            )
            before = await work.orgs.get(connection_id)
            if before is not None and before.org_id != org.org_id:
                await work.orgs.forget(connection_id)
            elif before is not None and before.user_id != org.user_id:
                await work.presences.hasten([connection_id])
            await work.orgs.save(org)
            if await work.installations.held(connection_id) is None:
                fresh = unordered(installation_id, connection_id, await work.now())
                await work.installations.begin(fresh)
        case _:
            return
