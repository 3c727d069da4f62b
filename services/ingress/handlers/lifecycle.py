"""What the events of other services mean for the doors of a connection."""

from dataclasses import replace
from uuid import UUID

from services.ingress.handlers.poll import POLLED
from services.ingress.ports import Connection, Cursor, Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished
from shared.contracts.mapping import SettingsPublished
from shared.contracts.settings import newest
from shared.contracts.standing import FACTS


async def note_lifecycle(work: Work, connection_id: UUID, event: Event, at: str) -> None:
    """Keeps the service's own copy of a connection.

    `at` is the event's stamp (see Standing): events may come in any order, and again. A pause of
    the sync is not heard here: changes go on being noted. A removed connection keeps its settings
    and its positions for the day when it is connected again; a purge is the inbox's. Whatever an
    admin mended, polling goes on at once, and not after the pause that a refusal is given.
    """
    known = await work.connections.locked(connection_id)
    changed = _changed(known, event, at)
    await work.connections.save(changed)
    await work.cursors.ensure(
        [Cursor(connection_id, side, name) for side, names in POLLED.items() for name in names],
    )
    if changed.listens and not changed.broken:
        await work.cursors.wake(connection_id)


def _changed(known: Connection, event: Event, at: str) -> Connection:
    changed = replace(known, standing=known.standing.after(event, at))
    match event:
        case ConnectionEstablished() if known.standing.is_news(FACTS, at):
            return replace(
                changed,
                portal_id=event.portal_id,
                app_id=event.hubspot_app_id,
                salesforce_user_id=event.salesforce_user_id,
            )
        case SettingsPublished():
            return replace(changed, settings=newest(known.settings, event.settings))
        case _:
            return changed
