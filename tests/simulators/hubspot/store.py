"""The records of the portal: their values, histories, identities and life cycle.

Values that come in here have been checked; whoever watches is told of every change.
"""

from collections.abc import Callable, Iterable

from tests.simulators.hubspot.computed import at_creation, following, moves_backwards
from tests.simulators.hubspot.errors import error
from tests.simulators.hubspot.model import (
    Change,
    ChangeKind,
    Json,
    ObjectType,
    Origin,
    Record,
    Values,
    Version,
)
from tests.simulators.hubspot.object_types import OBJECT_TYPES
from tests.simulators.hubspot.registry import PropertyRegistry
from tests.simulators.hubspot.unique import EMAIL, SECONDARY_EMAILS, UniqueIndex
from tests.simulators.hubspot.wire import iso
from tests.simulators.machinery.numbers import Numbers

FIRST_ID = 501
MAX_MERGED = 250
"""Identities that one record may have (facts: section 3, merge)."""
Watcher = Callable[[Change], None]


class RecordStore:
    """All records of one portal, in memory."""

    def __init__(self, registry: PropertyRegistry, now: Callable[[], int]) -> None:
        self.unique = UniqueIndex(registry)
        self._now = now
        self._watchers: list[Watcher] = []
        self.closing: dict[str, bool] = {}
        """Stages in which a deal is over, and whether it is won there."""
        self.reset()

    def reset(self) -> None:
        """No records; ids start again."""
        self._live: dict[str, dict[int, Record]] = {one.type_id: {} for one in OBJECT_TYPES}
        self._archived: dict[str, dict[int, Record]] = {one.type_id: {} for one in OBJECT_TYPES}
        self._aliases: dict[str, dict[int, int]] = {one.type_id: {} for one in OBJECT_TYPES}
        self._ids = Numbers(FIRST_ID)
        self.unique.clear()

    def watch(self, watcher: Watcher) -> None:
        """Have every change told to ``watcher``, at once."""
        self._watchers.append(watcher)

    def tell(
        self,
        record: Record,
        kind: ChangeKind,
        origin: Origin,
        values: Values,
        details: Json | None = None,
    ) -> None:
        """Tell the watchers what happened to a record just now."""
        change = Change(self._now(), record.type, record.id, kind, values, origin, details or {})
        for watcher in self._watchers:
            watcher(change)

    def live(self, kind: ObjectType) -> dict[int, Record]:
        """Records that exist, by id, oldest id first."""
        return self._live[kind.type_id]

    def archived(self, kind: ObjectType) -> dict[int, Record]:
        """Records in the recycle bin, by id."""
        return self._archived[kind.type_id]

    def get(self, kind: ObjectType, record_id: int) -> Record | None:
        """A live record by its own id; ids that were merged away lead nowhere."""
        return self._live[kind.type_id].get(record_id)

    def resolve(self, kind: ObjectType, record_id: int) -> Record | None:
        """A live record by its id or by one that was merged into it."""
        aliases = self._aliases[kind.type_id]
        while record_id in aliases:
            record_id = aliases[record_id]
        return self.get(kind, record_id)

    def is_alias(self, kind: ObjectType, record_id: int) -> bool:
        """Whether the id was merged away."""
        return record_id in self._aliases[kind.type_id]

    def identify(self, kind: ObjectType, name: str, value: str) -> Record | None:
        """A live record by a unique property."""
        holder = self.unique.find(kind, name, value)
        return None if holder is None else self.get(kind, holder)

    def next_id(self) -> int:
        """An id that no record has had."""
        return next(self._ids)

    def create(self, kind: ObjectType, values: Values, origin: Origin) -> Record:
        """A new record with ``values`` and what HubSpot fills in."""
        now = self._now()
        record = Record(self.next_id(), kind, now, updated_at=now, born_at=now, born_of=origin)
        given = {name: value for name, value in values.items() if value}
        filled = {**at_creation(record, given, origin, self.closing), **given}
        record.values = {name: value for name, value in filled.items() if value}
        self._live[kind.type_id][record.id] = record
        self.unique.replace(kind, record.id, {}, record.values)
        self.tell(record, "create", origin, dict(record.values))
        return record

    def update(self, record: Record, values: Values, origin: Origin) -> Values:
        """Set ``values``; returns those that differ from before, with what follows from them."""
        changed = {
            name: value for name, value in values.items() if value != record.values.get(name, "")
        }
        stage = changed.get("lifecyclestage", "")
        if stage and moves_backwards(record.values.get("lifecyclestage", ""), stage):
            del changed["lifecyclestage"]
        if not changed:
            return {}
        now = self._now()
        changed |= _promoted(record, changed)
        changed |= following(record, changed, now, self.closing)
        before = dict(record.values)
        self._set(record, changed | {record.type.modified: iso(now)}, now, origin)
        record.updated_at = now
        self.unique.replace(record.type, record.id, before, record.values)
        self.tell(record, "update", origin, changed)
        return changed

    def _set(self, record: Record, values: Values, now: int, origin: Origin) -> None:
        for name, value in values.items():
            record.note(name, Version(value, now, origin))

    def archive(self, record: Record, origin: Origin) -> None:
        """Into the recycle bin: its unique values are free again."""
        self._leave(record)
        record.archived_at = self._now()
        self._archived[record.type.type_id][record.id] = record
        self.tell(record, "delete", origin, {})

    def restore(self, record: Record, origin: Origin) -> None:
        """Out of the recycle bin. HubSpotError 400 if a unique value was taken meanwhile."""
        for key in self.unique.keys(record.type, record.values):
            holder = self.unique.holder(key)
            if holder is not None:
                raise error(400, f"{record.id} cannot be restored: {holder} has the value {key[2]}")
        del self._archived[record.type.type_id][record.id]
        record.archived_at = None
        self._live[record.type.type_id][record.id] = record
        self.unique.replace(record.type, record.id, {}, record.values)
        self.tell(record, "restore", origin, {})

    def purge(self, record: Record, origin: Origin) -> None:
        """Gone for good, which is told as a privacy deletion and as a deletion."""
        self._leave(record)
        self.tell(record, "privacy", origin, {})
        self.tell(record, "delete", origin, {})

    def _leave(self, record: Record) -> None:
        del self._live[record.type.type_id][record.id]
        self.unique.replace(record.type, record.id, record.values, {})

    def merge(self, primary: Record, other: Record, origin: Origin) -> Record:
        """A new record out of two, whose ids become aliases of the new one.

        HubSpotError 400 when it would have too many identities.
        """
        merged_ids = _identities(primary) + _identities(other)
        if len(merged_ids) > MAX_MERGED:
            raise error(400, f"Cannot have more than {MAX_MERGED} identities on a profile")
        now = self._now()
        merged = Record(
            self.next_id(),
            primary.type,
            primary.created_at,
            updated_at=now,
            born_at=now,
            born_of=origin,
        )
        moved = {name: one for name, one in other.values.items() if name not in primary.values}
        merged.values = {**primary.values, **moved}
        merged.history = _histories(primary, other, moved)
        for record in (primary, other):
            self._leave(record)
            self._aliases[record.type.type_id][record.id] = merged.id
        self._set(merged, _after_merge(merged, primary, other, merged_ids, now), now, origin)
        self._live[merged.type.type_id][merged.id] = merged
        self.unique.replace(merged.type, merged.id, {}, merged.values)
        details = {
            "primaryObjectId": primary.id,
            "mergedObjectIds": [other.id],
            "newObjectId": merged.id,
            "numberOfPropertiesMoved": len(moved),
        }
        self.tell(merged, "merge", origin, moved, details)
        return merged


def _identities(record: Record) -> list[str]:
    return [*filter(None, record.values.get("hs_merged_object_ids", "").split(";")), str(record.id)]


def _histories(primary: Record, other: Record, moved: Values) -> dict[str, list[Version]]:
    names = (*primary.values, *primary.history, *other.values, *other.history)
    return {
        name: [*((other if name in moved else primary).versions(name) or other.versions(name))]
        for name in dict.fromkeys(names)
    }


def _after_merge(
    merged: Record, primary: Record, other: Record, merged_ids: Iterable[str], now: int
) -> Values:
    values = {
        "hs_object_id": str(merged.id),
        "hs_merged_object_ids": ";".join(merged_ids),
        merged.type.modified: iso(now),
    }
    if EMAIL in merged.values:
        addresses = [
            address
            for record in (primary, other)
            for name in (EMAIL, SECONDARY_EMAILS)
            for address in record.values.get(name, "").split(";")
            if address and address != merged.values[EMAIL]
        ]
        values[SECONDARY_EMAILS] = ";".join(dict.fromkeys(addresses))
        values["hs_all_contact_vids"] = ";".join([str(merged.id), *merged_ids])
    return values


def _promoted(record: Record, changed: Values) -> Values:
    """A secondary address that becomes the first one is no longer secondary."""
    secondary = changed.get(SECONDARY_EMAILS, record.values.get(SECONDARY_EMAILS, ""))
    email = changed.get(EMAIL)
    if not email or email not in secondary.split(";"):
        return {}
    kept = [address for address in secondary.split(";") if address != email]
    return {SECONDARY_EMAILS: ";".join(kept)}
