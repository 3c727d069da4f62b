"""Two-way, field by field: who left the base wins; did both, the later change does."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import date

from services.activity_sync.domain.task import NAMES, Fields, Task
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One field of one side is to be written, and why."""

    side: Side
    field: str
    before: str | None
    after: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The writes for a pair, and what both sides agree on once they are made."""

    writes: tuple[FieldWrite, ...] = ()
    base: Map[str, str | None] = field(default_factory=dict)

    def fields_for(self, side: Side) -> dict[str, str | None]:
        """The canonical fields that `side` gets."""
        return {w.field: w.after for w in self.writes if w.side is side}


def merge(hubspot: Task, salesforce: Task, base: Fields | None) -> Merged:
    """What each side of a pair gets. Without a base (first link) the later change wins.

    The times are the records' own; equal times go to Salesforce (design: section 6).
    """
    writes = tuple(
        write for name in NAMES if (write := _field(name, hubspot, salesforce, base)) is not None
    )
    agreed: dict[str, str | None] = {name: hubspot.fields.get(name) for name in NAMES}
    agreed |= {write.field: write.after for write in writes}
    return Merged(writes=writes, base=agreed)


def copy(source: Task, today: date) -> Merged:
    """The writes that make a copy of `source` on the other side.

    HubSpot insists on a due moment (facts: hubspot-api 3), so a Salesforce task without a due
    day gets today, on both sides: otherwise they would differ from the start.
    """
    fields = dict(source.fields)
    writes = []
    if source.side is Side.SALESFORCE and fields.get("due") is None:
        fields["due"] = today.isoformat()
        why = "HubSpot requires a due date and Salesforce has none"
        writes.append(FieldWrite(Side.SALESFORCE, "due", None, fields["due"], why))
    why = "the task was made on the other side"
    target = source.side.other
    writes += [FieldWrite(target, n, None, v, why) for n, v in fields.items() if v is not None]
    return Merged(writes=tuple(writes), base=fields)


def _field(name: str, hubspot: Task, salesforce: Task, base: Fields | None) -> FieldWrite | None:
    left, right = hubspot.fields.get(name), salesforce.fields.get(name)
    if left == right:
        return None
    if base is not None and left == base.get(name):
        return FieldWrite(Side.HUBSPOT, name, left, right, "only Salesforce changed")
    if base is not None and right == base.get(name):
        return FieldWrite(Side.SALESFORCE, name, right, left, "only HubSpot changed")
    if hubspot.modified_at > salesforce.modified_at:
        why = "both changed, HubSpot's change is later"
        return FieldWrite(Side.SALESFORCE, name, right, left, why)
    why = "both changed, Salesforce's change is not earlier"
    return FieldWrite(Side.HUBSPOT, name, left, right, why)
