"""Tasks cross over both ways: read both halves in bulk, merge, write by key, settle."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.activity_sync.domain.keys import task_key_in_hubspot, task_key_in_salesforce
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
from services.activity_sync.handlers.task_writes import Planned, make, resolve_open
from services.activity_sync.handlers.timeline import NOT_LINKED, NOT_LINKED_MESSAGE
from services.activity_sync.ports import Crm, Parked, Record, TaskLink
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read for one batch: links, tasks of both sides, and who is linked."""

    links: Map[Record, TaskLink]
    tasks: Map[Record, Task]
    people: Map[Side, Map[str, str]]
    by_key: Map[Record, Task] = field(default_factory=dict)


async def drain_tasks(batch: Batch) -> None:
    """One batch of changed tasks."""
    ledger = Ledger()
    async with batch.drain.crms.open(batch.connection) as crm:
        seen = await _look(batch, crm)
        steps = {record: _step(batch, record, seen) for record in batch.rows}
        planned = _planned(steps, seen, batch.drain.clock.now().date())
        await resolve_open(batch, ledger, {**seen.tasks, **seen.by_key})
        await make(batch, crm, ledger, planned)
    for record, step in steps.items():
        _settle_rest(batch, ledger, record, step, seen)
    await finish(batch, ledger)


async def _look(batch: Batch, crm: Crm) -> Seen:
    connection = batch.connection
    async with batch.drain.store.begin() as work:
        found = await work.task_links.of(connection.id, list(batch.rows))
    links = _by_record(found)
    wanted = {*batch.rows, *links}
    hubspot = await crm.hubspot_tasks({r.id for r in wanted if r.side is Side.HUBSPOT})
    unlinked = [r for r in batch.rows if r not in links]
    keys = {
        task_key_in_salesforce(connection.portal_id, r.id): r
        for r in unlinked
        if r.side is Side.HUBSPOT
    }
    ids = {r.id for r in wanted if r.side is Side.SALESFORCE}
    salesforce = await crm.salesforce_tasks(ids, set(keys))
    back = {
        task_key_in_hubspot(connection.org_id, r.id): r
        for r in unlinked
        if r.side is Side.SALESFORCE
    }
    mirrored = await crm.hubspot_tasks_by_key(set(back)) if back else {}
    tasks = {Record(t.side, t.id): t for t in (*hubspot.values(), *salesforce.values())}
    by_key = {keys[t.key]: t for t in salesforce.values() if t.key in keys}
    by_key |= {back[key]: task for key, task in mirrored.items() if key in back}
    return Seen(links, tasks, await _people(batch, tasks), by_key)


async def _people(batch: Batch, tasks: Map[Record, Task]) -> dict[Side, dict[str, str]]:
    async with batch.drain.store.begin() as work:
        return {
            side: await work.people.of(
                batch.connection.id,
                side,
                {p for t in tasks.values() if t.side is side for p in t.person_ids},
            )
            for side in Side
        }


def _by_record(links: Sequence[TaskLink]) -> dict[Record, TaskLink]:
    found: dict[Record, TaskLink] = {}
    for link in links:
        found[Record(Side.HUBSPOT, link.hubspot_id)] = link
        found[Record(Side.SALESFORCE, link.salesforce_id)] = link
    return found


def _counterpart(record: Record, seen: Seen) -> Task | None:
    link = seen.links.get(record)
    if link is None:
        return seen.by_key.get(record)
    other = link.salesforce_id if record.side is Side.HUBSPOT else link.hubspot_id
    return seen.tasks.get(Record(record.side.other, other))


def _step(batch: Batch, record: Record, seen: Seen) -> Step:
    link = seen.links.get(record)
    settings = batch.connection.settings
    activities = None if settings is None else settings.activities
    may_copy = activities is not None and (
        activities.hubspot_tasks_to_salesforce
        if record.side is Side.HUBSPOT
        else activities.salesforce_tasks_to_hubspot
    )
    return step_for(
        seen.tasks.get(record),
        _counterpart(record, seen),
        linked=link is not None,
        base=None if link is None else link.base,
        people=seen.people[record.side],
        may_copy=may_copy,
    )


def _planned(steps: Map[Record, Step], seen: Seen, today: date) -> list[Planned]:
    """The writes; both halves of a pair that were claimed together are planned once."""
    plans: dict[tuple[str, str], Planned] = {}
    for record, step in steps.items():
        match step:
            case Pair(hubspot, salesforce, base):
                merged = merge(hubspot, salesforce, base)
                key = (hubspot.id, salesforce.id)
                plan = Planned(record, merged, hubspot, salesforce, link=seen.links.get(record))
            case Copy(source, person_id):
                key = (source.side.value, source.id)
                plan = _copy(record, copy(source, today), source, person_id)
            case _:
                continue
        plans.setdefault(key, plan)
    return list(plans.values())


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
        case Gone():
            ledger.removed.append(seen.links[record])
            ledger.done.append(record)
        case Nothing() | Pair():
            ledger.done.append(record)
        case Copy():
            return
