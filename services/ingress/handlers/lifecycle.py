"""What the events of other services mean for the doors of a connection."""

from dataclasses import replace
from uuid import UUID

from services.ingress.handlers.poll import POLLED
from services.ingress.ports import Connection, Cursor, Work
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SettingsPublished, SyncStarted


async def note_lifecycle(work: Work, connection_id: UUID, event: Event) -> None:
    """Keeps the service's own copy of a connection.

    A pause of the sync is not heard here: changes go on being noted.
    """
    if isinstance(event, ConnectionRemoved):
        await work.connections.forget(connection_id)
        return
    known = await work.connections.get(connection_id) or Connection(id=connection_id)
    await work.connections.save(_changed(known, event))
    await work.cursors.ensure(
        [Cursor(connection_id, side, name) for side, names in POLLED.items() for name in names],
    )


def _changed(known: Connection, event: Event) -> Connection:
    match event:
        case ConnectionEstablished():
            return replace(
                known,
                portal_id=event.portal_id,
                app_id=event.hubspot_app_id,
                salesforce_user_id=event.salesforce_user_id,
                broken=False,
            )
        case ConnectionBroken():
            return replace(known, broken=True)
        case ConnectionRestored():
            return replace(known, broken=False)
        case SettingsPublished():
            newest = known.settings is None or event.settings.version >= known.settings.version
            return replace(known, settings=event.settings) if newest else known
        case SyncStarted():
            return replace(known, running=True)
        case _:
            return known
