"""Activity events become mailbox rows. Nobody is called here (I4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.activity_sync.domain.timeline import TimelineEvent
from services.activity_sync.ports import Record, Work
from shared.contracts.ingress import ChangeKind, Origin, RecordChange, TimelineEventRecorded
from shared.kernel.records import Side
from shared.outbox.mail import Note, Priority

TASKS = "task"
TIMELINE = "timeline"


@dataclass(frozen=True, slots=True)
class Noticed:
    """An activity event with what its envelope says about it."""

    connection_id: UUID
    event_id: UUID
    event: RecordChange | TimelineEventRecorded
    traceparent: str | None = None


async def note_activities(work: Work, noticed: Sequence[Noticed]) -> int:
    """Puts activities that are news into the mailbox; answers how many were echoes."""
    echoes = 0
    for item in noticed:
        if isinstance(item.event, TimelineEventRecorded):
            await _note_timeline(work, item, item.event)
        elif await _is_echo(work, item.connection_id, item.event):
            echoes += 1
        else:
            record = Record(item.event.side, item.event.record_id)
            await work.mail.note([_note(item, TASKS, record, item.event.kind.value)])
    return echoes


async def _is_echo(work: Work, connection_id: UUID, event: RecordChange) -> bool:
    """Whether news of a linked task is what we know to stand there.

    It has to be a complete picture or our own write; of others' edits a part proves nothing.
    """
    told_whole = event.complete or event.origin is Origin.OURS
    if not told_whole or event.kind is ChangeKind.DELETED or not event.field_hashes:
        return False
    links = await work.task_links.of(connection_id, [Record(event.side, event.record_id)])
    if not links:
        return False
    known = links[0].hashes.get(event.side.value, {})
    return all(known.get(name) == value for name, value in event.field_hashes.items())


async def _note_timeline(work: Work, item: Noticed, event: TimelineEventRecorded) -> None:
    """Notes a happening once: a second report would write over what people made of the task."""
    occurred = TimelineEvent(event.event_key, event.kind, event.contact_id, event.occurred_at)
    if not await work.timeline.add(item.connection_id, occurred):
        return
    record = Record(Side.HUBSPOT, event.event_key)
    await work.mail.note([_note(item, TIMELINE, record, event.kind)])


def _note(item: Noticed, lane: str, record: Record, kind: str) -> Note:
    return Note(
        connection_id=item.connection_id,
        lane=lane,
        side=record.side.value,
        record_id=record.id,
        priority=Priority.LIVE,
        cause={"event_id": str(item.event_id), "kind": kind, "side": record.side.value},
        traceparent=item.traceparent,
    )
