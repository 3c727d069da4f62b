"""The writes of a batch of tasks: intents first, both CRMs, links last."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

from services.activity_sync.domain.merge import Merged
from services.activity_sync.domain.task import (
    HUBSPOT_FIELDS,
    SALESFORCE_FIELDS,
    Task,
    to_hubspot,
    to_salesforce,
)
from services.activity_sync.handlers.batch import Batch, Ledger
from services.activity_sync.handlers.seen import half_of, key_of_copy
from services.activity_sync.ports import Crm, Entry, Record, TaskLink
from shared.contracts.activity_sync import ActivitySynced
from shared.crm.writes import WriteResult, Written
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Planned:
    """One pair with its writes; a half that is None is to be made, about `person_id`.

    With both halves and a `person_id`, the creation of the HubSpot half is repeated: by key, so
    that it only finishes what an earlier try left out.
    """

    record: Record
    merged: Merged
    hubspot: Task | None
    salesforce: Task | None
    person_id: str = ""
    link: TaskLink | None = None

    def half(self, side: Side) -> Task | None:
        """The task on `side`."""
        return self.hubspot if side is Side.HUBSPOT else self.salesforce

    def creates(self, side: Side) -> bool:
        """Whether the write to `side` is a creation by key."""
        repeated = side is Side.HUBSPOT and self.person_id != "" and self.salesforce is not None
        return self.half(side) is None or repeated


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
        creates = [w for w in writes if w.side is side and w.planned.creates(side)]
        updates = [w for w in writes if w.side is side and not w.planned.creates(side)]
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


def _write(batch: Batch, plan: Planned, side: Side) -> _Write | None:
    canonical = plan.merged.fields_for(side)
    half = plan.half(side)
    creates = plan.creates(side)
    if not creates and not canonical:
        return None
    spelt = _spelt(side, canonical)
    if creates and side is Side.SALESFORCE:
        spelt["WhoId"] = plan.person_id
    ids = (
        plan.hubspot.id if plan.hubspot else None,
        plan.salesforce.id if plan.salesforce else None,
    )
    writes = tuple(w for w in plan.merged.writes if w.side is side)
    key = _key(batch, plan, side) if creates or half is None else half.id
    entry = batch.entry(plan.record, side, "create" if creates else "update", ids, writes)
    return _Write(plan, side, key, spelt, entry)


def _spelt(side: Side, canonical: Map[str, str | None]) -> dict[str, object]:
    if side is Side.SALESFORCE:
        return to_salesforce(canonical)
    return to_hubspot(canonical)


def _key(batch: Batch, plan: Planned, side: Side) -> str:
    source = plan.half(side.other)
    return key_of_copy(batch, Record(side.other, source.id if source else ""))


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
    ledger.cleared += [half_of(link, side) for side in Side]
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
