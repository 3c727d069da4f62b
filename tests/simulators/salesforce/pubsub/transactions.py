"""From the writes of one transaction to what its change events are about. Pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from tests.simulators.salesforce.pubsub.bodies import Body, changes, whole
from tests.simulators.salesforce.pubsub.schemas import SUPPORTED, EventSchema
from tests.simulators.salesforce.store import Write

ChangeType = Literal["CREATE", "UPDATE", "DELETE", "UNDELETE"]
NO_RECORD = "000000000000000AAA"
"""The record id of an overflow event."""
SYSTEM = frozenset({"LastModifiedDate", "LastModifiedById"})
"""Fields whose change is no change of its own."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One event to be: the records that changed alike, or an object's overflow."""

    schema: EventSchema
    change: str
    record_ids: tuple[str, ...]
    body: Body
    user_id: str
    origin: str


@dataclass(frozen=True, slots=True)
class _Change:
    write: Write
    change: ChangeType


def drafts(
    writes: Sequence[Write], schema_of: Callable[[str], EventSchema], *, overflow: int
) -> list[Draft]:
    """The events of a transaction in their order.

    Changes beyond the first ``overflow`` ones become one overflow event for each object; each
    field of an update counts as a change. Updates and deletions that are alike are merged.
    """
    made: list[Draft] = []
    places: dict[Draft, int] = {}
    flooded: dict[str, Draft] = {}
    count = 0
    for one in _changes(writes):
        draft = _draft(one, schema_of(one.write.after.object))
        count += _weight(draft)
        if count > overflow:
            flooded.setdefault(draft.schema.object, _overflow(draft))
        else:
            _add(made, places, draft)
    return [*made, *flooded.values()]


def _changes(writes: Iterable[Write]) -> list[_Change]:
    """One change for all updates of a record, which may also complete its creation."""
    found: list[_Change] = []
    places: dict[str, int] = {}
    for write in writes:
        if write.after.object not in SUPPORTED:
            continue
        change = _type_of(write)
        place = places.get(write.after.id)
        if change == "UPDATE" and place is not None and found[place].change in {"CREATE", "UPDATE"}:
            first = found[place]
            found[place] = replace(first, write=replace(write, before=first.write.before))
        else:
            places[write.after.id] = len(found)
            found.append(_Change(write, change))
    return found


def _type_of(write: Write) -> ChangeType:
    if write.before is None:
        return "CREATE"
    was_deleted = write.before.deleted_at is not None
    is_deleted = write.after.deleted_at is not None
    if was_deleted == is_deleted:
        return "UPDATE"
    return "DELETE" if is_deleted else "UNDELETE"


def _draft(one: _Change, schema: EventSchema) -> Draft:
    record, before = one.write.after, one.write.before
    match one.change:
        case "DELETE":
            body = Body()
        case "UPDATE" if before is not None:
            body = changes(schema, before.fields, record.fields)
        case _:
            body = whole(schema, record.fields)
    user_id = str(record.fields.get("LastModifiedById", ""))
    return Draft(schema, one.change, (record.id,), body, user_id, one.write.origin)


def _weight(draft: Draft) -> int:
    fields = {part.field.name for part in draft.body.changed} - SYSTEM
    return max(1, len(fields))


def _overflow(draft: Draft) -> Draft:
    return replace(draft, change="GAP_OVERFLOW", record_ids=(NO_RECORD,), body=Body())


def _add(made: list[Draft], places: dict[Draft, int], draft: Draft) -> None:
    """Append a draft, or its record to the draft that is alike."""
    if draft.change not in {"UPDATE", "DELETE"}:
        made.append(draft)
        return
    alike = replace(draft, record_ids=())
    place = places.get(alike)
    if place is None:
        places[alike] = len(made)
        made.append(draft)
    else:
        ids = (*made[place].record_ids, *draft.record_ids)
        made[place] = replace(made[place], record_ids=ids)
