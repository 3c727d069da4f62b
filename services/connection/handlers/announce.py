"""Saves what was decided and tells the other services, in one transaction."""

from services.connection.domain.changes import Announcement, Broken, Established, Outcome, Restored
from services.connection.domain.connection import Connection
from services.connection.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionBroken, ConnectionEstablished, ConnectionRestored
from shared.outbox.mail import Outgoing


async def settle(work: Work, outcome: Outcome, *, hubspot_app_id: str) -> None:
    """Writes an outcome and puts its events into the outbox."""
    connection = outcome.connection
    await work.save(connection, outcome.changed)
    shared = await _shares_org(work, connection) if outcome.announcements else False
    events = [
        _event(connection, said, hubspot_app_id, shared=shared) for said in outcome.announcements
    ]
    if events:
        await work.emit([Outgoing(connection.id, "connection", event) for event in events])


async def _shares_org(work: Work, connection: Connection) -> bool:
    org_id = connection.org_id or ""
    return any(one != connection.id for one in (await work.sharing([org_id])).get(org_id, ()))


def _event(
    connection: Connection, said: Announcement, hubspot_app_id: str, *, shared: bool
) -> Event:
    match said:
        case Broken(side, reason):
            return ConnectionBroken(side=side, reason=reason)
        case Restored(side):
            return ConnectionRestored(side=side)
        case Established(moved):
            return ConnectionEstablished(
                portal_id=connection.portal_id or "",
                org_id=connection.org_id or "",
                environment=connection.environment.value,
                instance_url=connection.instance_url or "",
                hubspot_app_id=hubspot_app_id,
                salesforce_user_id=connection.salesforce_user_id or "",
                moved=moved,
                shares_org=shared,
            )
