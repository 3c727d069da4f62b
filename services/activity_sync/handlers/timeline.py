"""HubSpot timeline events become finished Salesforce tasks, by key, so never twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.activity_sync.domain.keys import timeline_key
from services.activity_sync.domain.merge import FieldWrite
from services.activity_sync.domain.timeline import Row, TimelineEvent, form_name, task_of
from services.activity_sync.handlers.batch import Batch, Ledger, finish
from services.activity_sync.ports import Crm, Entry, Parked, Record, Settled, Status
from shared.contracts.activity_sync import ActivitySynced
from shared.crm.writes import WriteResult, Written
from shared.kernel.records import Side

NOT_LINKED = "contact_not_linked"
NOT_LINKED_MESSAGE = (
    "The contact has no counterpart in Salesforce yet. Nothing needs doing: the activity goes "
    "over as soon as the contact is linked."
)


@dataclass(frozen=True, slots=True)
class _Telling:
    """One event that can be told: its task's fields and the person it is about."""

    record: Record
    event: TimelineEvent
    key: str
    fields: dict[str, object]


async def drain_timeline(batch: Batch) -> None:
    """Tells Salesforce of each claimed event; those about unlinked people wait for the link.

    An event whose kind the settings do not tell any more is done without a task. One that a try
    may have told before it broke off is ended, so that the journal says what became of it.
    """
    ledger, connection_id = Ledger(), batch.connection.id
    async with batch.drain.store.begin() as work:
        events = await work.timeline.of(connection_id, [record.id for record in batch.rows])
        people = await work.people.of(
            connection_id, Side.HUBSPOT, {event.contact_id for event in events.values()}
        )
        open_entries = await work.journal.open_entries(connection_id, list(batch.rows))
    begun = {entry.hubspot_id for entry in open_entries}
    told = [r for r in batch.rows if r.id in begun or not _untold(batch, events.get(r.id))]
    linked = {r: events[r.id] for r in told if _person(events.get(r.id), people)}
    ledger.done += [record for record in batch.rows if record not in told]
    for record in told:
        if record not in linked:
            event = events.get(record.id)
            person = event.contact_id if event else ""
            ledger.park(Parked(record, batch.lane, NOT_LINKED, NOT_LINKED_MESSAGE, person))
    if linked:
        await _tell(batch, ledger, linked, people)
    await finish(batch, ledger)


def _untold(batch: Batch, event: TimelineEvent | None) -> bool:
    return event is not None and _row(batch, event) is None


def _row(batch: Batch, event: TimelineEvent) -> Row | None:
    """What the settings make of an event, None when they do not tell of it."""
    settings = batch.connection.settings
    rule = None if settings is None else settings.activities.rule_of(event.kind)
    return None if rule is None else Row(rule.task_type, rule.subject, rule.status)


def _person(event: TimelineEvent | None, people: dict[str, str]) -> str | None:
    return None if event is None else people.get(event.contact_id)


async def _tell(
    batch: Batch,
    ledger: Ledger,
    linked: dict[Record, TimelineEvent],
    people: dict[str, str],
) -> None:
    async with batch.drain.crms.open(batch.connection) as crm:
        tellings = await _tellings(batch, crm, linked, people)
        entries = {telling.key: _entry(batch, telling) for telling in tellings}
        async with batch.drain.store.begin() as work:
            records = [telling.record for telling in tellings]
            old = await work.journal.open_entries(batch.connection.id, records)
            await work.journal.add(batch.connection.id, list(entries.values()))
        results = await crm.create_in_salesforce({t.key: t.fields for t in tellings})
    for telling in tellings:
        result = results[telling.key]
        _resolve(ledger, [e for e in old if e.hubspot_id == telling.event.key], result)
        made = ledger.settle(batch, entries[telling.key], telling.record, result)
        if made and isinstance(result, Written):
            ledger.done.append(telling.record)
            ledger.events.append(
                ActivitySynced(
                    hubspot_id=telling.event.key,
                    salesforce_id=result.id,
                    kind=telling.event.kind,
                ),
            )


def _resolve(ledger: Ledger, left_open: Sequence[Entry], result: WriteResult) -> None:
    """Entries that crashes left open were made if the task was there already."""
    if isinstance(result, Written):
        status = Status.NOT_MADE if result.created else Status.CONFIRMED
        known = None if result.created else result.id
        ledger.settled += [Settled(entry.id, status, salesforce_id=known) for entry in left_open]


async def _tellings(
    batch: Batch,
    crm: Crm,
    linked: dict[Record, TimelineEvent],
    people: dict[str, str],
) -> Sequence[_Telling]:
    names = await crm.form_names({event.contact_id for event in linked.values()})
    tellings = []
    for record, event in linked.items():
        history = names.get(event.contact_id, ())
        current = history[0].value if history else None
        name = form_name(event, history, current)
        fields = task_of(event, name, _row(batch, event) or Row())
        fields["WhoId"] = people[event.contact_id]
        key = timeline_key(batch.connection.portal_id, event.key)
        tellings.append(_Telling(record, event, key, fields))
    return tellings


def _entry(batch: Batch, telling: _Telling) -> Entry:
    fields = tuple(
        FieldWrite(Side.SALESFORCE, name, None, str(value), "a HubSpot timeline event")
        for name, value in telling.fields.items()
    )
    return batch.entry(telling.record, Side.SALESFORCE, "create", (telling.event.key, None), fields)
