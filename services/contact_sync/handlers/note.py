"""Change events become mailbox rows. Nobody is called here (I4): a transaction, then the ack."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.contact_sync.domain.changes import is_echo
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.translate import is_on
from services.contact_sync.ports import Work
from shared.contracts.ingress import (
    ChangeKind,
    CompanyChanged,
    ContactChanged,
    Origin,
    RecordChange,
)
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Note, Priority

LANE = ObjectType.CONTACT.value
TYPES: dict[type[RecordChange], ObjectType] = {
    ContactChanged: ObjectType.CONTACT,
    CompanyChanged: ObjectType.COMPANY,
}
"""The changes that are noted here, and the type of the records that they are about."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """A change event with what its envelope says about it."""

    connection_id: UUID
    event_id: UUID
    event: RecordChange
    traceparent: str | None = None

    @property
    def object_type(self) -> ObjectType:
        """What the changed record is."""
        return TYPES[type(self.event)]


async def note_changes(work: Work, noticed: Sequence[Noticed]) -> int:
    """Puts the changes that are news into the mailbox; answers how many were echoes.

    A merge moves the primary's link to the surviving record, which HubSpot gives a new id. Other
    merged records that are linked are noted too: they ended, and so do their links. Changes of a
    type that is turned off are nobody's business.
    """
    echoes = 0
    for connection_id, object_type in dict.fromkeys(
        (item.connection_id, item.object_type) for item in noticed
    ):
        mine = [
            item
            for item in noticed
            if (item.connection_id, item.object_type) == (connection_id, object_type)
        ]
        if not await _wanted(work, connection_id, object_type):
            continue
        ended = await _follow_merges(work, connection_id, mine)
        known = await _known_links(work, connection_id, mine)
        news = [item for item in mine if not _echo(item, known)]
        echoes += len(mine) - len(news)
        await work.mail.note([*(_note(item, item.event.record_id) for item in news), *ended])
    return echoes


async def _wanted(work: Work, connection_id: UUID, object_type: ObjectType) -> bool:
    """Whether the type syncs; before the settings are there, the drain finds out."""
    if object_type is ObjectType.CONTACT:
        return True
    connection = await work.connections.get(connection_id)
    settings = None if connection is None else connection.settings
    return settings is None or is_on(settings, object_type)


def _echo(item: Noticed, known: dict[Claim, Link]) -> bool:
    event = item.event
    link = known.get(Claim(event.side, event.record_id, item.object_type))
    return event.kind in {ChangeKind.CREATED, ChangeKind.UPDATED} and is_echo(
        ours=event.origin is Origin.OURS,
        complete=event.complete and _is_settled(event, link),
        field_hashes=event.field_hashes,
        known=None if link is None else link.hashes.get(event.side.value, {}),
    )


def _is_settled(event: RecordChange, link: Link | None) -> bool:
    """Whether the record was settled after the change.

    Otherwise a worker may have read another value meanwhile, and is about to settle that one:
    then a change back to the old value would be taken for an echo, and nobody would notice it.
    """
    return link is not None and link.synced_at is not None and event.occurred_at <= link.synced_at


def _may_be_echo(event: RecordChange) -> bool:
    return event.origin is Origin.OURS or event.complete


async def _known_links(
    work: Work,
    connection_id: UUID,
    noticed: Sequence[Noticed],
) -> dict[Claim, Link]:
    maybe = [item.event for item in noticed if _may_be_echo(item.event)]
    links = await work.links.of(
        connection_id,
        {event.record_id for event in maybe if event.side is Side.HUBSPOT},
        {event.record_id for event in maybe if event.side is Side.SALESFORCE},
        object_type := noticed[0].object_type,
    )
    known = {Claim(Side.HUBSPOT, link.hubspot_id, object_type): link for link in links}
    return known | {Claim(Side.SALESFORCE, link.salesforce_id, object_type): link for link in links}


async def _follow_merges(work: Work, connection_id: UUID, noticed: Sequence[Noticed]) -> list[Note]:
    ended: list[Note] = []
    for item in noticed:
        event = item.event
        if event.kind is not ChangeKind.MERGED or event.side is not Side.HUBSPOT:
            continue
        links = {
            link.hubspot_id: link
            for link in await work.links.of(
                connection_id, [event.record_id, *event.merged_ids], [], item.object_type
            )
        }
        linked = [old for old in event.merged_ids if old in links]
        if event.record_id not in links and linked:
            heir = links[linked.pop(0)]
            await work.links.move(connection_id, heir.id, hubspot_id=event.record_id)
        ended += [_note(item, old) for old in linked]
    return ended


def _note(item: Noticed, record_id: str) -> Note:
    event = item.event
    return Note(
        connection_id=item.connection_id,
        lane=item.object_type.value,
        side=event.side.value,
        record_id=record_id,
        priority=Priority.LIVE,
        cause={
            "event_id": str(item.event_id),
            "kind": event.kind.value,
            "side": event.side.value,
            "occurred_at": event.occurred_at.isoformat(),
        },
        traceparent=item.traceparent,
    )
