"""Tasks cross over both ways: read both halves in bulk, merge, write by key, settle."""

from collections.abc import Mapping as Map

from services.activity_sync.domain.merge import Merged, copy, merge
from services.activity_sync.domain.pairing import (
    Copy,
    Gone,
    Nothing,
    Pair,
    Step,
    Unknown,
    step_for,
)
from services.activity_sync.domain.task import Task
from services.activity_sync.handlers.batch import Batch, Ledger, finish
from services.activity_sync.handlers.left_open import resolve_open
from services.activity_sync.handlers.seen import Seen, half_of, key_of_copy, look
from services.activity_sync.handlers.task_writes import Planned, make
from services.activity_sync.handlers.timeline import NOT_LINKED, NOT_LINKED_MESSAGE
from services.activity_sync.ports import Parked, Record
from shared.kernel.records import Side


async def drain_tasks(batch: Batch) -> None:
    """One batch of changed tasks."""
    ledger = Ledger()
    async with batch.drain.crms.open(batch.connection) as crm:
        seen = await look(batch, crm)
        steps = {record: _step(batch, record, seen) for record in batch.rows}
        await resolve_open(batch, ledger, seen)
        await make(batch, crm, ledger, _planned(batch, steps, seen))
    for record, step in steps.items():
        _settle_rest(batch, ledger, record, step, seen)
    await finish(batch, ledger)


def _may_write(batch: Batch) -> frozenset[Side]:
    """The sides that the settings let tasks cross over to."""
    settings = batch.connection.settings
    if settings is None:
        return frozenset()
    allowed = {
        Side.SALESFORCE: settings.activities.hubspot_tasks_to_salesforce,
        Side.HUBSPOT: settings.activities.salesforce_tasks_to_hubspot,
    }
    return frozenset(side for side in Side if allowed[side])


def _step(batch: Batch, record: Record, seen: Seen) -> Step:
    link = seen.links.get(record)
    return step_for(
        seen.tasks.get(record),
        seen.counterpart(record),
        linked=link is not None,
        copied=record in seen.copies,
        base=None if link is None else link.base,
        people=seen.people[record.side],
        may_copy=record.side.other in _may_write(batch),
    )


def _planned(batch: Batch, steps: Map[Record, Step], seen: Seen) -> list[Planned]:
    """The writes; both halves of a pair that were claimed together are planned once."""
    today, into = batch.drain.clock.now().date(), _may_write(batch)
    plans: dict[tuple[str, str], Planned] = {}
    for record, step in steps.items():
        match step:
            case Pair(hubspot, salesforce):
                plan = _pair(batch, record, step, seen, into)
                plans.setdefault((hubspot.id, salesforce.id), plan)
            case Copy(source, person_id):
                plan = _copy(record, copy(source, today), source, person_id)
                plans[source.side.value, source.id] = plan
            case _:
                continue
    return list(plans.values())


def _pair(batch: Batch, record: Record, step: Pair, seen: Seen, into: frozenset[Side]) -> Planned:
    """The writes of a pair.

    One without a link was made by a try that broke off, perhaps before the HubSpot copy was
    associated with its contact: then its creation is repeated.
    """
    link = seen.links.get(record)
    merged = merge(step.hubspot, step.salesforce, step.base, into)
    person_id = "" if link else _unfinished(batch, step, seen)
    return Planned(record, merged, step.hubspot, step.salesforce, person_id, link)


def _unfinished(batch: Batch, step: Pair, seen: Seen) -> str:
    original = Record(Side.SALESFORCE, step.salesforce.id)
    if step.hubspot.key != key_of_copy(batch, original):
        return ""
    people = seen.people[Side.SALESFORCE]
    return next((people[p] for p in step.salesforce.person_ids if p in people), "")


def _copy(record: Record, merged: Merged, source: Task, person_id: str) -> Planned:
    from_hubspot = source.side is Side.HUBSPOT
    return Planned(
        record,
        merged,
        hubspot=source if from_hubspot else None,
        salesforce=None if from_hubspot else source,
        person_id=person_id,
    )


def _settle_rest(batch: Batch, ledger: Ledger, record: Record, step: Step, seen: Seen) -> None:
    match step:
        case Unknown(person_id):
            parked = Parked(record, batch.lane, NOT_LINKED, NOT_LINKED_MESSAGE, person_id)
            ledger.park(parked)
        case Gone(both):
            link = seen.links[record]
            ledger.removed += [link] if both else []
            ledger.cleared += [half_of(link, side) for side in Side]
            ledger.done.append(record)
        case Nothing() | Pair():
            ledger.done.append(record)
        case Copy():
            return
