"""Creates, changes and deletes records, with everything that Salesforce checks and adds."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.simulators.machinery.changes import Actor, ChangeKind
from tests.simulators.machinery.clock import VirtualClock
from tests.simulators.salesforce.derived import derive, stage_follows
from tests.simulators.salesforce.draft import Draft, Fields, read_draft, with_defaults
from tests.simulators.salesforce.errors import (
    converted,
    is_deleted,
    locked,
    no_access,
    not_found,
)
from tests.simulators.salesforce.fault_codes import NOT_YET, row_error
from tests.simulators.salesforce.ids import IdMaker
from tests.simulators.salesforce.rules import Rules
from tests.simulators.salesforce.schema.catalogue import Catalogue
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.sight import Sight
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.store import Record, Store
from tests.simulators.salesforce.switches import Switches

CASCADES = {"Account": (("Contact", "AccountId"), ("Opportunity", "AccountId"))}
"""Records that go to the bin together with their parent."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes, and what the headers of the call ask for (facts: section 2.7).

    A person (``by="user"``) sees all fields and meets no duplicate, validation or assignment rule,
    and no injected failure. ``row_fault`` is a code that every row of the call fails with.
    """

    user_id: str
    by: Actor = "app"
    auto_assign: bool = True
    allow_save: bool = False
    duplicate_details: bool = False
    row_fault: str = ""
    origin: str = ""
    """What change events tell of where the change came from."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to the store; the caller commits or takes back. All raise SalesforceError."""

    store: Store
    ids: IdMaker
    clock: VirtualClock
    catalogue: Catalogue
    sight: Sight
    switches: Switches
    rules: Rules
    pulse: "Pulse"
    routing_user_id: str

    def kind(self, name: str, author: Author) -> ObjectType:
        """The object as the author sees it. NOT_FOUND when there is none."""
        if author.by == "user":
            kind = self.catalogue.get(name)
        else:
            kind = self.sight.object(name, author.user_id)
        if kind is None:
            raise not_found()
        return kind

    def insert(self, name: str, body: Mapping[str, Any], author: Author) -> str:
        """Create a record; its id."""
        kind = self.kind(name, author)
        if not kind.createable:
            raise no_access()
        draft = read_draft(kind, body, creating=True)
        self._check_access(kind, NOT_YET, author)
        changed = with_defaults(kind, self._whole(draft))
        owner_given = changed.get("OwnerId") is not None
        if "ownerid" in kind.fields:
            changed["OwnerId"] = self._owner(kind, changed.get("OwnerId"), author)
        self._check(kind, changed, changed, author)
        now = self.clock.milliseconds()
        record_id = self.ids.next(kind.prefix)
        fields = {"Id": record_id, **changed, **derive(kind.name, changed, now=now)}
        fields |= {"CreatedDate": stamp(now), "CreatedById": author.user_id, "IsDeleted": False}
        named = [*draft.values, *(["OwnerId"] if owner_given else [])]
        self._put(kind, fields, author, what="create", named=named)
        return record_id

    def update(self, record: Record, body: Mapping[str, Any], author: Author) -> None:
        """Change a record that exists; a write that changes nothing still moves SystemModstamp."""
        kind = self.kind(record.object, author)
        if not kind.updateable:
            raise no_access()
        draft = read_draft(kind, body, creating=False)
        self._check_access(kind, record.id, author)
        if record.deleted_at is not None:
            raise is_deleted()
        if record.fields.get("IsConverted"):
            raise converted()
        changed = self._whole(draft)
        if kind.name == "Opportunity":
            changed = stage_follows(changed)
        if kind.name == "Lead" and self._assigns(author):
            changed = {**changed, "OwnerId": self.routing_user_id}
        after = {**record.fields, **changed}
        self._check(kind, changed, after, author, record=record)
        after |= derive(kind.name, after, now=self.clock.milliseconds())
        different = [name for name in after if after[name] != record.fields.get(name)]
        self._put(kind, after, author, what="update", named=different)

    def delete(self, record: Record, author: Author) -> None:
        """Move a record to the recycle bin, with the records that depend on it."""
        kind = self.kind(record.object, author)
        if not kind.deletable:
            raise no_access()
        self._check_access(kind, record.id, author)
        if record.deleted_at is not None:
            raise is_deleted()
        for child_object, key in CASCADES.get(kind.name, ()):
            for child in self.store.table(child_object).find(key, record.id) or ():
                if child.deleted_at is None:
                    self._bin(child, author, deleted=True)
        self._bin(record, author, deleted=True)

    def bin(self, record: Record, author: Author) -> None:
        """Move this one record to the recycle bin, as a merge does, with the fields it has here."""
        self._bin(record, author, deleted=True)

    def undelete(self, record: Record, author: Author) -> None:
        """Take a record out of the recycle bin."""
        self._bin(record, author, deleted=False)

    def _bin(self, record: Record, author: Author, *, deleted: bool) -> None:
        now = self.pulse.next()
        when = stamp(now // 1_000)
        fields = {**record.fields, "IsDeleted": deleted, "SystemModstamp": when}
        fields |= {"LastModifiedDate": when, "LastModifiedById": author.user_id}
        after = replace(record, fields=fields, stamp=now, deleted_at=now if deleted else None)
        what: ChangeKind = "delete" if deleted else "update"
        self.store.write(after, kind=what, by=author.by, fields=["IsDeleted"], origin=author.origin)

    def _whole(self, draft: Draft) -> Fields:
        found = {one.reference.name: self.rules.parent_id(one) for one in draft.parents}
        return {**draft.values, **found}

    def _owner(self, kind: ObjectType, given: str | None, author: Author) -> str:
        if kind.name == "Lead" and self._assigns(author):
            return self.routing_user_id
        return given or author.user_id

    def _assigns(self, author: Author) -> bool:
        return self.switches.assignment_rule and author.auto_assign and author.by == "app"

    def _check_access(self, kind: ObjectType, record_id: str, author: Author) -> None:
        if author.by == "user":
            return
        if author.row_fault:
            raise row_error(author.row_fault, record_id)
        if self.switches.locked_rows > 0:
            self.switches.locked_rows -= 1
            raise locked(record_id)
        if record_id in self.switches.locked_ids:
            raise locked(record_id)

    def _check(
        self,
        kind: ObjectType,
        changed: Fields,
        after: Fields,
        author: Author,
        *,
        record: Record | None = None,
    ) -> None:
        record_id = None if record is None else record.id
        news = changed
        if record is not None:
            old = record.fields
            news = {name: one for name, one in changed.items() if one != old.get(name)}
        self.rules.check_references(kind, news, after)
        self.rules.check_unique(kind, changed, record_id)
        if author.by == "user":
            return
        allow, details = author.allow_save, author.duplicate_details
        self.rules.check_duplicates(kind, news, record_id, allow_save=allow, details=details)
        self.rules.check_validation(kind, after)

    def _put(
        self,
        kind: ObjectType,
        fields: Fields,
        author: Author,
        *,
        what: ChangeKind,
        named: list[str],
    ) -> None:
        if kind.name == "Task":
            fields["AccountId"] = self.rules.task_account(fields)
        now = self.pulse.next()
        when = stamp(now // 1_000)
        fields["SystemModstamp"] = fields["LastModifiedDate"] = when
        fields["LastModifiedById"] = author.user_id
        record = Record(kind.name, fields["Id"], fields, now)
        self.store.write(record, kind=what, by=author.by, fields=named, origin=author.origin)


class Pulse:
    """Microseconds of the virtual clock that never repeat: the order of all writes."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._last = 0

    def next(self) -> int:
        """A later moment than ever before."""
        self._last = max(int(self._clock.seconds() * 1_000_000), self._last + 1)
        return self._last

    def reset(self) -> None:
        """Begin again, for a clock that was set back."""
        self._last = 0


def existing(store: Store, object_name: str, record_id: str | None) -> Record:
    """A live record. NOT_FOUND, or ENTITY_IS_DELETED for one in the recycle bin."""
    record = None if record_id is None else store.get(object_name, record_id)
    if record is None:
        raise not_found()
    if record.deleted_at is not None:
        raise is_deleted()
    return record
