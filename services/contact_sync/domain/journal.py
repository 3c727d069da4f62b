"""The journal's words: what was going to be written, and what became of it.

An entry is stored as `intended` before the call and settled after it. One that a crash left
`intended` is resolved by looking: the values stand there, or they do not.
"""

from collections.abc import Mapping as Map
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from services.contact_sync.domain.model import HubSpotPerson, Mapping, Owners, SalesforcePerson
from services.contact_sync.domain.outcome import Sync
from services.contact_sync.domain.plan import FieldWrite, Pair
from services.contact_sync.domain.values import Canonical, canonical
from shared.kernel.records import Side


class Status(StrEnum):
    """What is known of a write."""

    INTENDED = "intended"
    DONE = "done"
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    NOT_MADE = "not_made"


class Operation(StrEnum):
    """What kind of write it is."""

    CREATE = "create"
    UPDATE = "update"


@dataclass(frozen=True, slots=True)
class Entry:
    """One write to one record of one side; record ids may be unknown before a creation."""

    id: UUID
    side: Side
    operation: Operation
    object_name: str
    hubspot_id: str | None
    salesforce_id: str | None
    fields: tuple[FieldWrite, ...]
    cause: Map[str, str]
    settings_version: int
    traceparent: str | None
    status: Status = Status.INTENDED
    error: str | None = None


def writes_on(sync: Sync, side: Side) -> tuple[FieldWrite, ...]:
    """The field writes of a plan that go to `side`."""
    return tuple(write for write in sync.plan.writes if write.side is side)


def resolve(entry: Entry, pair: Pair, mappings: tuple[Mapping, ...], owners: Owners) -> Status:
    """Whether an entry that a crash left open was made, judged by what stands there now."""
    person = pair.hubspot if entry.side is Side.HUBSPOT else pair.salesforce
    if person is None:
        return Status.NOT_MADE
    if entry.operation is Operation.CREATE:
        return Status.CONFIRMED
    by_field = {mapping.field_on(entry.side): mapping for mapping in mappings}
    made = all(
        _standing(by_field[write.field], person, entry.side, owners) == write.after
        for write in entry.fields
        if write.field in by_field
    )
    return Status.CONFIRMED if made else Status.NOT_MADE


def _standing(
    mapping: Mapping, person: HubSpotPerson | SalesforcePerson, side: Side, owners: Owners
) -> Canonical:
    raw = person.values.get(mapping.field_on(side))
    return canonical(mapping.kind, raw, side, owners, mapping.conversion)
