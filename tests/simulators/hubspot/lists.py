"""The lists (segments) of one portal (facts: section 8)."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, get_args

from tests.simulators.hubspot.errors import HubSpotError, error
from tests.simulators.hubspot.list_filters import parse_groups
from tests.simulators.hubspot.list_members import Processing, RecordList
from tests.simulators.hubspot.model import Change, Json, ObjectType, Record
from tests.simulators.hubspot.object_types import object_type
from tests.simulators.hubspot.registry import PropertyRegistry
from tests.simulators.hubspot.store import RecordStore
from tests.simulators.machinery.numbers import Numbers

FIRST_LIST_ID = 1
RESTORABLE = 90 * 86_400_000
"""Milliseconds for which a deleted list can be had back: 90 days."""
FOLLOWED = {"create", "update", "merge", "restore"}
"""Changes after which a dynamic list looks at the record again."""
MAX_COPIED = 100_000
"""Members that a list may have to be copied from."""


class MembershipChange(NamedTuple):
    """What an add or a remove did, by record ids as text."""

    added: list[str]
    removed: list[str]
    missing: list[str]


class Lists:
    """All lists, deleted ones too; reading one first brings it up to date."""

    NOT_KEPT = frozenset({"_delay"})

    def __init__(
        self,
        *,
        store: RecordStore,
        registry: PropertyRegistry,
        now: Callable[[], int],
        delay_seconds: float,
    ) -> None:
        self._store = store
        self._registry = registry
        self._now = now
        self._delay = int(delay_seconds * 1_000)
        self.reset()

    def reset(self) -> None:
        """No lists; ids start again."""
        self._lists: dict[int, RecordList] = {}
        self._ids = Numbers(FIRST_LIST_ID)

    def hear(self, change: Change) -> None:
        """A record changed: members go at once, filters are applied again after the delay."""
        for one in self._lists.values():
            if one.type is not change.type:
                continue
            if change.kind == "delete":
                one.remove(change.record_id)
            if change.kind == "merge":
                merged = change.details["mergedObjectIds"]
                old_ids = [change.details["primaryObjectId"], *merged]
                one.replace(old_ids, change.record_id, change.at)
            if one.processing == "DYNAMIC" and change.kind in FOLLOWED:
                one.look_again(change.at + self._delay, change.record_id)

    def live(self) -> list[RecordList]:
        """Lists that are not deleted, by id, up to date."""
        found = [one for one in self._lists.values() if one.deleted_at is None]
        for one in found:
            one.settle(self._store, self._now())
        return found

    def find(self, list_id: str) -> RecordList:
        """One list, up to date. HubSpotError 404 without it."""
        found = self._lists.get(int(list_id)) if list_id.isdecimal() else None
        if found is None or found.deleted_at is not None:
            raise _no_list(list_id)
        found.settle(self._store, self._now())
        return found

    def named(self, kind: ObjectType, name: str) -> RecordList:
        """The list of a type with this name. HubSpotError 404 without it."""
        for one in self.live():
            if one.type is kind and one.name == name:
                return one
        raise _no_list(name)

    def of_record(self, record: Record) -> list[RecordList]:
        """The lists that a record is in."""
        return [one for one in self.live() if one.type is record.type and record.id in one.members]

    def create(self, body: Json) -> RecordList:
        """A new list. HubSpotError 400 for a bad definition or a name in use."""
        name, kind = str(body.get("name") or "").strip(), _kind(body)
        processing = _processing(body)
        if not name:
            raise error(400, "A list needs a name")
        self._check_name(kind, name)
        branch = body.get("filterBranch")
        if (branch is None) != (processing == "MANUAL") and processing != "SNAPSHOT":
            raise error(400, f"A {processing} list and its filterBranch do not go together")
        groups = () if branch is None else parse_groups(branch, self._registry.of(kind))
        now = self._now()
        made = RecordList(next(self._ids), name, kind, processing, now, now, now, branch, groups)
        self._lists[made.id] = made
        if groups:
            made.look_again(now + self._delay)
        return made

    def rename(self, list_id: str, name: str) -> RecordList:
        """The list under another name. HubSpotError 400 for a name in use."""
        found, name = self.find(list_id), name.strip()
        if not name:
            raise error(400, "A list needs a name")
        self._check_name(found.type, name, found)
        found.name, found.updated_at = name, self._now()
        found.version += 1
        return found

    def refilter(self, list_id: str, branch: Any) -> RecordList:
        """Other filters, which are applied after the delay. HubSpotError 400 unless dynamic."""
        found = self.find(list_id)
        if found.processing != "DYNAMIC":
            raise error(400, f"List {list_id} is {found.processing}: it has no filters to update")
        found.groups = parse_groups(branch, self._registry.of(found.type))
        found.branch = branch
        now = self._now()
        found.updated_at = found.filters_updated_at = now
        found.version += 1
        found.look_again(now + self._delay)
        return found

    def delete(self, list_id: str) -> None:
        """Into the bin; its name is free again."""
        self.find(list_id).deleted_at = self._now()

    def restore(self, list_id: str) -> None:
        """Out of the bin. HubSpotError 404 after 90 days, 400 if the name was taken meanwhile."""
        found = self._lists.get(int(list_id)) if list_id.isdecimal() else None
        if found is None or (
            found.deleted_at is not None and self._now() - found.deleted_at > RESTORABLE
        ):
            raise _no_list(list_id)
        self._check_name(found.type, found.name, found)
        found.deleted_at = None

    def change_members(
        self, list_id: str, to_add: Iterable[str], to_remove: Iterable[str]
    ) -> MembershipChange:
        """Add and remove; members, strangers and unknown records are passed over in silence.

        HubSpotError 400 for a dynamic list: only its filters decide.
        """
        found = self._manual(list_id)
        now = self._now()
        done = MembershipChange([], [], [])
        for record_id in dict.fromkeys(to_add):
            record = self._record(found.type, record_id)
            if record is None:
                done.missing.append(record_id)
            elif found.add(record.id, now):
                done.added.append(str(record.id))
        for record_id in dict.fromkeys(to_remove):
            record = self._record(found.type, record_id)
            if record is None:
                done.missing.append(record_id)
            elif found.remove(record.id):
                done.removed.append(str(record.id))
        return done

    def copy_members(self, list_id: str, source_id: str) -> None:
        """Everybody in another list of the same type joins. HubSpotError 400 if that cannot be."""
        found, source = self._manual(list_id), self.find(source_id)
        if found is source or found.type is not source.type:
            raise error(400, "The source must be another list of records of the same type")
        if len(source.members) >= MAX_COPIED:
            raise error(400, f"The source must have fewer than {MAX_COPIED} memberships")
        for record_id in source.members:
            found.add(record_id, self._now())

    def empty(self, list_id: str) -> None:
        """Nobody is in the list any more."""
        found = self._manual(list_id)
        for record_id in list(found.members):
            found.remove(record_id)

    def _manual(self, list_id: str) -> RecordList:
        found = self.find(list_id)
        if found.processing == "DYNAMIC":
            raise error(
                400, f"List {list_id} is DYNAMIC: its memberships cannot be updated manually"
            )
        return found

    def _record(self, kind: ObjectType, record_id: str) -> Record | None:
        return self._store.resolve(kind, int(record_id)) if record_id.isdecimal() else None

    def _check_name(self, kind: ObjectType, name: str, own: RecordList | None = None) -> None:
        for one in self._lists.values():
            if one is not own and one.deleted_at is None and (one.type, one.name) == (kind, name):
                raise error(
                    400,
                    f"A list with the name '{name}' already exists.",
                    subCategory="ILS.DUPLICATE_LIST_NAMES",
                )


def _kind(body: Json) -> ObjectType:
    kind = object_type(str(body.get("objectTypeId")))
    if kind is None:
        raise error(400, f"{body.get('objectTypeId')} is not an object type that can have lists")
    return kind


def _processing(body: Json) -> Processing:
    for one in get_args(Processing):
        if body.get("processingType") == one:
            return one  # type: ignore[no-any-return]
    allowed = ", ".join(get_args(Processing))
    raise error(400, f"processingType {body.get('processingType')} is not one of {allowed}")


def _no_list(list_id: str) -> HubSpotError:
    """No list with this id or name; the text is not published."""
    return error(404, f"List does not exist with ID {list_id}.", "OBJECT_NOT_FOUND")
