"""What the events of other services mean for the lanes of a connection."""

from dataclasses import replace
from uuid import UUID

from services.contact_sync.ports import Connection, Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished
from shared.contracts.mapping import SettingsPublished
from shared.contracts.settings import newest
from shared.contracts.standing import FACTS, after_move
from shared.outbox.holding import hold_or_free


async def note_lifecycle(work: Work, connection_id: UUID, event: Event, at: str) -> None:
    """Keeps the service's own copy of a connection, and pauses or resumes its lanes.

    `at` is the event's stamp (see Standing): events may come in any order, and again. What is kept
    of a removed connection stays for the day when it is connected again; a purge is the inbox's.
    """
    known = await work.connections.locked(connection_id)
    changed = _changed(known, event, at)
    if changed == known:
        return
    if known.org_id not in {"", changed.org_id}:
        # What is linked belongs to the org before: it waits there, and a move back finds it again.
        await work.connections.change_org(connection_id, known.org_id, changed.org_id)
    await work.connections.save(changed)
    await hold_or_free(work.mail, connection_id, changed.standing)


def _changed(known: Connection, event: Event, at: str) -> Connection:
    changed = replace(known, standing=known.standing.after(event, at))
    match event:
        case ConnectionEstablished() if known.standing.is_news(FACTS, at):
            left = after_move(known.left_orgs, known.org_id, event.org_id)
            return replace(changed, portal_id=event.portal_id, org_id=event.org_id, left_orgs=left)
        case SettingsPublished():
            return replace(changed, settings=newest(known.settings, event.settings))
        case _:
            return changed
