"""What is read before anything is decided: both halves of every claimed task, in bulk."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Map
from dataclasses import dataclass

from services.activity_sync.domain.keys import (
    original_of,
    task_key_in_hubspot,
    task_key_in_salesforce,
)
from services.activity_sync.domain.task import Task
from services.activity_sync.handlers.batch import Batch
from services.activity_sync.ports import Crm, Record, TaskLink
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Seen:
    """Links and tasks of both sides, who is linked, and pairs that only a key tells of.

    `partners` are halves of pairs whose link was never stored (a crash after the creation), by
    the other half; `copies` are tasks without a link whose own key names an original.
    """

    links: Map[Record, TaskLink]
    tasks: Map[Record, Task]
    people: Map[Side, Map[str, str]]
    partners: Map[Record, Task]
    copies: frozenset[Record]

    def counterpart(self, record: Record) -> Task | None:
        """The other half of this task's pair, if there is one."""
        link = self.links.get(record)
        if link is None:
            return self.partners.get(record)
        return self.tasks.get(half_of(link, record.side.other))


def half_of(link: TaskLink, side: Side) -> Record:
    """One half of a link."""
    return Record(side, link.hubspot_id if side is Side.HUBSPOT else link.salesforce_id)


def key_of_copy(batch: Batch, original: Record) -> str:
    """The key of the task that `original` has or will have on the other side."""
    if original.side is Side.HUBSPOT:
        return task_key_in_salesforce(batch.connection.portal_id, original.id)
    return task_key_in_hubspot(batch.connection.org_id, original.id)


async def look(batch: Batch, crm: Crm) -> Seen:
    """Reads both halves of every claimed task."""
    links = await _links(batch, list(batch.rows))
    unlinked = [record for record in batch.rows if record not in links]
    keys = {key_of_copy(batch, record): record for record in unlinked}
    tasks, keyed = await _read(crm, {*batch.rows, *links}, keys)
    originals = _originals(batch, [tasks[r] for r in unlinked if r in tasks])
    partners = {keys[task.key]: task for task in keyed if task.key in keys}
    partners |= await _tasks_of_originals(batch, crm, originals, tasks)
    partners |= {_record(t): tasks[r] for r, t in partners.items() if r in tasks}
    people = await _people(batch, [*tasks.values(), *partners.values()])
    return Seen(links, tasks, people, partners, frozenset(originals))


async def _links(batch: Batch, records: Collection[Record]) -> dict[Record, TaskLink]:
    async with batch.drain.store.begin() as work:
        links = await work.task_links.of(batch.connection.id, records)
    return {half_of(link, side): link for link in links for side in Side}


async def _read(
    crm: Crm, wanted: Collection[Record], keys: Map[str, Record]
) -> tuple[dict[Record, Task], list[Task]]:
    """The wanted tasks, and those with one of the keys of claimed tasks' copies."""
    of_hubspot = {key for key, original in keys.items() if original.side is Side.HUBSPOT}
    of_salesforce = keys.keys() - of_hubspot
    hubspot = await crm.hubspot_tasks(_ids(wanted, Side.HUBSPOT))
    salesforce = await crm.salesforce_tasks(_ids(wanted, Side.SALESFORCE), of_hubspot)
    mirrored = await crm.hubspot_tasks_by_key(of_salesforce) if of_salesforce else {}
    found = {_record(task): task for task in (*hubspot.values(), *salesforce.values())}
    return found, [*salesforce.values(), *mirrored.values()]


def _originals(batch: Batch, tasks: Sequence[Task]) -> dict[Record, Record]:
    """The originals of those of these tasks that are copies."""
    portal_id, org_id = batch.connection.portal_id, batch.connection.org_id
    found = {
        _record(task): original_of(task.side, task.key, portal_id=portal_id, org_id=org_id)
        for task in tasks
    }
    return {copy: Record(copy.side.other, one) for copy, one in found.items() if one is not None}


async def _tasks_of_originals(
    batch: Batch, crm: Crm, originals: Map[Record, Record], tasks: Map[Record, Task]
) -> dict[Record, Task]:
    """The tasks that copies were made from, unless they have another partner.

    A copy without a link was made just before a crash, so this is rarely asked.
    """
    if not originals:
        return {}
    taken = await _links(batch, set(originals.values()))
    free = {copy: one for copy, one in originals.items() if one not in taken}
    found, _ = await _read(crm, {one for one in free.values() if one not in tasks}, {})
    found = {**tasks, **found}
    return {copy: found[one] for copy, one in free.items() if one in found}


async def _people(batch: Batch, tasks: Collection[Task]) -> dict[Side, dict[str, str]]:
    async with batch.drain.store.begin() as work:
        return {
            side: await work.people.of(
                batch.connection.id,
                side,
                {person for task in tasks if task.side is side for person in task.person_ids},
            )
            for side in Side
        }


def _record(task: Task) -> Record:
    return Record(task.side, task.id)


def _ids(records: Collection[Record], side: Side) -> set[str]:
    return {record.id for record in records if record.side is side}
