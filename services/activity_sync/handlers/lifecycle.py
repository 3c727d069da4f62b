"""What the events of other services mean for the lanes of a connection."""

from dataclasses import replace
from uuid import UUID

from services.activity_sync.ports import Connection, PersonLink, Record, Work
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.contact_sync import RecordLinked, RecordUnlinked
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncResumed, SyncStarted
from shared.contracts.quota import QuotaExhausted
from shared.kernel.records import ObjectType
from shared.outbox.mail import Note, Priority


async def note_lifecycle(work: Work, connection_id: UUID, event: Event) -> None:
    """Keeps the service's own copies, and pauses or resumes the lanes."""
    match event:
        case RecordLinked() if event.object_type is ObjectType.CONTACT:
            await _linked(work, connection_id, PersonLink(event.hubspot_id, event.salesforce_id))
        case RecordUnlinked() if event.object_type is ObjectType.CONTACT:
            link = PersonLink(event.hubspot_id, event.salesforce_id)
            await work.people.remove(connection_id, link)
        case RecordLinked() | RecordUnlinked():
            return
        case ConnectionRemoved(purge=True):
            await work.connections.forget(connection_id)
        case QuotaExhausted():
            await work.mail.postpone_connection(connection_id, event.until)
        case _:
            await _follow(work, connection_id, event)


async def _follow(work: Work, connection_id: UUID, event: Event) -> None:
    known = await work.connections.get(connection_id) or Connection(id=connection_id)
    changed = _changed(known, event)
    if changed != known:
        await work.connections.save(changed)
    if changed.running and not changed.waiting_for:
        await work.mail.resume(connection_id)
    else:
        reason = changed.waiting_for or "the sync has not been started"
        await work.mail.pause(connection_id, reason)


def _changed(known: Connection, event: Event) -> Connection:
    match event:
        case ConnectionEstablished():
            return replace(known, portal_id=event.portal_id, org_id=event.org_id, waiting_for="")
        case ConnectionBroken():
            return replace(known, waiting_for=f"{event.side.value} has to be connected again")
        case ConnectionRestored():
            return replace(known, waiting_for="")
        case SettingsPublished():
            newest = known.settings is None or event.settings.version >= known.settings.version
            return replace(known, settings=event.settings) if newest else known
        case SyncStarted() | SyncResumed():
            return replace(known, running=True)
        case SyncPaused() | ConnectionRemoved():
            return replace(known, running=False)
        case _:
            return known


async def _linked(work: Work, connection_id: UUID, link: PersonLink) -> None:
    """Remembers a person, and wakes the activities that waited for that person.

    A drain that is about to park an activity for want of this link holds the same lock.
    """
    await work.connections.lock(connection_id)
    await work.people.save(connection_id, link)
    ids = [link.hubspot_id, link.salesforce_id]
    waiting = await work.parked.waiting_for(connection_id, ids)
    await work.parked.clear(connection_id, [parked.record for parked in waiting])
    await work.mail.note(
        [_note(connection_id, parked.lane, parked.record) for parked in waiting],
    )


def _note(connection_id: UUID, lane: str, record: Record) -> Note:
    return Note(
        connection_id=connection_id,
        lane=lane,
        side=record.side.value,
        record_id=record.id,
        priority=Priority.LIVE,
        cause={"kind": "person_linked"},
    )
