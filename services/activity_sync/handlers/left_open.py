"""Journal entries that a crash left open are settled by what stands in the CRMs now."""

from services.activity_sync.handlers.batch import Batch, Ledger
from services.activity_sync.handlers.seen import Seen
from services.activity_sync.ports import Entry, Record, Settled, Status
from shared.kernel.records import Side


async def resolve_open(batch: Batch, ledger: Ledger, seen: Seen) -> None:
    """Settles open entries of the claimed tasks and of their other halves."""
    looked_at = {*batch.rows, *seen.links, *seen.partners}
    async with batch.drain.store.begin() as work:
        left_open = await work.journal.open_entries(batch.connection.id, looked_at)
    for entry in left_open:
        ledger.settled.append(_created(entry, seen) if _creates(entry) else _updated(entry, seen))


def _creates(entry: Entry) -> bool:
    return entry.operation == "create"


def _created(entry: Entry, seen: Seen) -> Settled:
    original = Record(entry.side.other, _id_on(entry, entry.side.other))
    found = seen.counterpart(original)
    if found is None:
        return Settled(entry.id, Status.NOT_MADE)
    return Settled(entry.id, Status.CONFIRMED, **{f"{entry.side.value}_id": found.id})


def _updated(entry: Entry, seen: Seen) -> Settled:
    task = seen.tasks.get(Record(entry.side, _id_on(entry, entry.side)))
    made = task is not None and all(task.fields.get(w.field) == w.after for w in entry.fields)
    return Settled(entry.id, Status.CONFIRMED if made else Status.NOT_MADE)


def _id_on(entry: Entry, side: Side) -> str:
    return (entry.hubspot_id if side is Side.HUBSPOT else entry.salesforce_id) or ""
