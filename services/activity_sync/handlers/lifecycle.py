"""What the events of other services mean for the lanes of a connection."""

from dataclasses import replace
from uuid import UUID

from services.activity_sync.ports import Connection, PersonLink, Record, Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished
from shared.contracts.contact_sync import RecordLinked, RecordUnlinked
from shared.contracts.mapping import SettingsPublished
from shared.contracts.settings import newest
from shared.contracts.standing import FACTS, after_move
from shared.kernel.records import ObjectType
from shared.outbox.holding import hold_or_free
from shared.outbox.mail import Note, Priority


async def note_lifecycle(work: Work, connection_id: UUID, event: Event, at: str) -> None:
    """Keeps the service's own copies, and pauses or resumes the lanes.

    `at` is the event's stamp (see Standing): events may come in any order, and again. What is kept
    of a removed connection stays for the day when it is connected again; a purge is the inbox's.
    """
    match event:
        case RecordLinked() if event.object_type is ObjectType.CONTACT:
            await _linked(work, connection_id, event)
        case RecordUnlinked() if event.object_type is ObjectType.CONTACT:
            known = await work.connections.locked(connection_id)
            link = PersonLink(event.hubspot_id, event.salesforce_id)
            await work.people.remove(connection_id, link, org_id=_elsewhere(known, event.org_id))
        case RecordLinked() | RecordUnlinked():
            return
        case _:
            await _follow(work, connection_id, event, at)


async def _follow(work: Work, connection_id: UUID, event: Event, at: str) -> None:
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


async def _remember(work: Work, known: Connection, org_id: str) -> None:
    """A purge has to find what waits under an org that the connection has not entered yet."""
    if org_id not in known.left_orgs:
        left = tuple(sorted({*known.left_orgs, org_id}))
        await work.connections.save(replace(known, left_orgs=left))


def _elsewhere(known: Connection, org_id: str) -> str:
    """The org of a link, empty when it is the connection's own (or an older version did not say).

    Events of contact_sync and of connection come in any order: one may be of an org that was left,
    or of one that the connection is about to enter.
    """
    return "" if org_id in {"", known.org_id} or not known.org_id else org_id


async def _linked(work: Work, connection_id: UUID, event: RecordLinked) -> None:
    """Remembers a person, and wakes the activities that waited for that person.

    A drain that is about to park an activity for want of this link holds the same lock.
    """
    known = await work.connections.locked(connection_id)
    link = PersonLink(event.hubspot_id, event.salesforce_id)
    elsewhere = _elsewhere(known, event.org_id)
    await work.people.save(connection_id, link, org_id=elsewhere)
    if elsewhere:
        await _remember(work, known, elsewhere)
        return
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
