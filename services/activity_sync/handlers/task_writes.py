"""The writes of a batch of tasks: intents first, both CRMs, links last."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

from services.activity_sync.domain.keys import task_key_in_hubspot, task_key_in_salesforce
from services.activity_sync.domain.merge import Merged
from services.activity_sync.domain.task import (
    HUBSPOT_FIELDS,
    SALESFORCE_FIELDS,
    Task,
    to_hubspot,
    to_salesforce,
)
from services.activity_sync.handlers.batch import Batch, Ledger
from services.activity_sync.ports import Crm, Entry, Record, Settled, Status, TaskLink
from shared.contracts.activity_sync import ActivitySynced
from shared.crm.writes import WriteResult, Written
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Planned:
    """One pair with its writes; a half that is None is to be made, about `person_id`."""

    record: Record
    merged: Merged
    hubspot: Task | None
    salesforce: Task | None
    person_id: str = ""
    link: TaskLink | None = None

    def half(self, side: Side) -> Task | None:
        """The task on `side`."""
        return self.hubspot if side is Side.HUBSPOT else self.salesforce


@dataclass(frozen=True, slots=True)
class _Write:
    planned: Planned
    side: Side
    key: str
    fields: Map[str, object]
    entry: Entry


async def make(batch: Batch, crm: Crm, ledger: Ledger, planned: Sequence[Planned]) -> None:
    """Makes all writes, and puts links, events and refusals into the ledger."""
    writes = [w for plan in planned for side in Side if (w := _write(batch, plan, side))]
    if writes:
        async with batch.drain.store.begin() as work:
            await work.journal.add(batch.connection.id, [w.entry for w in writes])
    results: dict[tuple[Record, Side], WriteResult] = {}
    for side in Side:
        creates = [w for w in writes if w.side is side and w.planned.half(side) is None]
        updates = [w for w in writes if w.side is side and w.planned.half(side) is not None]
        answers = await _create(crm, side, creates) if creates else {}
        if updates:
            answers |= await crm.update(side, {w.key: w.fields for w in updates})
        results |= {(w.planned.record, side): answers[w.key] for w in (*creates, *updates)}
    made = {
        (w.planned.record, w.side)
        for w in writes
        if ledger.settle(batch, w.entry, w.planned.record, results[w.planned.record, w.side])
    }
    for plan in planned:
        _link(batch, ledger, plan, results, made)


async def resolve_open(batch: Batch, ledger: Ledger, tasks: Map[Record, Task]) -> None:
    """Settles journal entries that a crash left open, by what stands there now."""
    async with batch.drain.store.begin() as work:
        left_open = await work.journal.open_entries(batch.connection.id, list(batch.rows))
    for entry in left_open:
        record_id = entry.hubspot_id if entry.side is Side.HUBSPOT else entry.salesforce_id
        made = _standing(entry, tasks, record_id)
        ledger.settled.append(Settled(entry.id, Status.CONFIRMED if made else Status.NOT_MADE))


def _standing(entry: Entry, tasks: Map[Record, Task], record_id: str | None) -> bool:
    source = entry.salesforce_id if entry.side is Side.HUBSPOT else entry.hubspot_id
    if entry.operation == "create":
        found = tasks.get(Record(entry.side.other, source or ""))
        return found is not None and found.side is entry.side
    task = tasks.get(Record(entry.side, record_id or ""))
    return task is not None and all(task.fields.get(w.field) == w.after for w in entry.fields)


def _write(batch: Batch, plan: Planned, side: Side) -> _Write | None:
    canonical = plan.merged.fields_for(side)
    half, source = plan.half(side), plan.half(side.other)
    if half is not None and not canonical:
        return None
    if half is None and source is None:
        return None
    spelt = _spelt(side, canonical)
    if half is None and side is Side.SALESFORCE:
        spelt["WhoId"] = plan.person_id
    ids = (
        plan.hubspot.id if plan.hubspot else None,
        plan.salesforce.id if plan.salesforce else None,
    )
    writes = tuple(w for w in plan.merged.writes if w.side is side)
    operation = "update" if half is not None else "create"
    key = half.id if half is not None else _key(batch, side, source.id if source else "")
    entry = batch.entry(plan.record, side, operation, ids, writes)
    return _Write(plan, side, key, spelt, entry)


def _spelt(side: Side, canonical: Map[str, str | None]) -> dict[str, object]:
    if side is Side.SALESFORCE:
        return to_salesforce(canonical)
    return to_hubspot(canonical)


def _key(batch: Batch, side: Side, source_id: str) -> str:
    if side is Side.HUBSPOT:
        return task_key_in_hubspot(batch.connection.org_id, source_id)
    return task_key_in_salesforce(batch.connection.portal_id, source_id)


async def _create(crm: Crm, side: Side, creates: Sequence[_Write]) -> dict[str, WriteResult]:
    rows = {w.key: w.fields for w in creates}
    if side is Side.SALESFORCE:
        return await crm.create_in_salesforce(rows)
    return await crm.create_in_hubspot(rows, {w.key: w.planned.person_id for w in creates})


def _link(
    batch: Batch,
    ledger: Ledger,
    plan: Planned,
    results: Map[tuple[Record, Side], WriteResult],
    made: set[tuple[Record, Side]],
) -> None:
    wrote = {side for side in Side if (plan.record, side) in results}
    if any((plan.record, side) not in made for side in wrote):
        return
    ids = {side: _id(plan, side, results) for side in Side}
    link = TaskLink(
        id=plan.link.id if plan.link else batch.drain.new_id(),
        hubspot_id=ids[Side.HUBSPOT],
        salesforce_id=ids[Side.SALESFORCE],
        base=plan.merged.base,
        hashes={side.value: _hashes(batch, plan, side, ids[side]) for side in Side},
    )
    ledger.links.append(link)
    ledger.done.append(plan.record)
    if wrote:
        ledger.events.append(
            ActivitySynced(
                hubspot_id=link.hubspot_id, salesforce_id=link.salesforce_id, kind="task"
            ),
        )


def _id(plan: Planned, side: Side, results: Map[tuple[Record, Side], WriteResult]) -> str:
    half = plan.half(side)
    if half is not None:
        return half.id
    result = results[plan.record, side]
    return result.id if isinstance(result, Written) else ""


def _hashes(batch: Batch, plan: Planned, side: Side, record_id: str) -> dict[str, str]:
    """The keyed hash of each field as it stands on `side` now, in the CRM's spelling."""
    half = plan.half(side)
    names = HUBSPOT_FIELDS if side is Side.HUBSPOT else SALESFORCE_FIELDS
    values: dict[str, object] = {
        name: half.wire.get(name) if half else None for name in names.values()
    }
    if side is Side.SALESFORCE:
        values["WhoId"] = half.wire.get("WhoId") if half else plan.person_id
    values |= _spelt(side, plan.merged.fields_for(side))
    hash_of, connection_id = batch.drain.hash_of, batch.connection.id
    return {
        name: hash_of(connection_id, side, record_id, name, value) for name, value in values.items()
    }
