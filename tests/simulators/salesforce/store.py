"""The records of the org, found fast by id, by lookup value and by time of change.

Every change can be taken back until it is committed, which is how all-or-none works.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from typing import Any

from tests.simulators.machinery.changes import Actor, ChangeKind, ChangeLog
from tests.simulators.salesforce.index import Index

Fields = dict[str, Any]
STALE_ALLOWED = 1_000
"""Outdated entries in the time order that are kept before it is rebuilt."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is after a write; a later write makes another one.

    ``fields`` has every stored field by its exact name. ``stamp`` are microseconds that grow with
    every write of the org; SystemModstamp shows them cut to the second.
    """

    object: str
    id: str
    fields: Fields
    stamp: int
    deleted_at: int | None = None


@dataclass(frozen=True, slots=True)
class Write:
    """One uncommitted change: what was there before, and what the change log will say."""

    table: "Table"
    before: Record | None
    after: Record
    kind: ChangeKind
    by: Actor
    fields: tuple[str, ...]
    origin: str


Observer = Callable[[list[Write]], None]


class Table:
    """The records of one object, deleted ones included until they are purged."""

    def __init__(self, name: str, indexed: Callable[[], Iterable[str]]) -> None:
        self.name = name
        self.records: dict[str, Record] = {}
        self.binned = 0
        """How many of them are in the recycle bin."""
        self.version = 0
        """Counts changes, for whoever caches what follows from the records."""
        self._indexed = indexed
        self._indexes: dict[str, Index] = {}
        self._times: list[int] = []
        self._ids_by_time: list[str] = []
        self.reindex()

    def put(self, record: Record) -> None:
        """Store a record that was written just now in place of the one with its id."""
        self._times.append(record.stamp)
        self._ids_by_time.append(record.id)
        self.restore(record)

    def restore(self, record: Record) -> None:
        """Put back what a record was before; its place in the order of time is still there."""
        before = self.records.get(record.id)
        self.records[record.id] = record
        self.binned += _in_bin(record) - _in_bin(before)
        self.version += 1
        for name, index in self._indexes.items():
            old = None if before is None else before.fields.get(name)
            new = record.fields.get(name)
            if old is not new:
                index.move(record.id, old, new)

    def remove(self, record_id: str) -> None:
        """Drop a record as if it had never been."""
        gone = self.records.pop(record_id)
        self.binned -= _in_bin(gone)
        self.version += 1
        for name, index in self._indexes.items():
            index.move(record_id, gone.fields.get(name), None)

    def find(self, field: str, value: Any) -> list[Record] | None:
        """Records with this value (in any case), deleted ones too; None if it is not indexed."""
        index = self._indexes.get(field)
        if index is None or value is None:
            return None
        return [self.records[one] for one in index.ids(value)]

    def some(self, field: str, value: str, most: int) -> list[Record]:
        """What ``find`` finds, but ``most`` at most; nothing if the field is not indexed."""
        index = self._indexes.get(field)
        found = () if index is None else islice(index.ids(value), most)
        return [self.records[one] for one in found]

    def since(self, stamp: int) -> Iterator[Record]:
        """Records whose last write is at or after ``stamp``, in the order of their writes."""
        for position in range(bisect_left(self._times, stamp), len(self._times)):
            record = self.records.get(self._ids_by_time[position])
            if record is not None and record.stamp == self._times[position]:
                yield record

    def reindex(self) -> None:
        """Build the indexes anew, after fields came or went."""
        self._indexes = {name: Index() for name in self._indexed()}
        for record in self.records.values():
            for name, index in self._indexes.items():
                index.move(record.id, None, record.fields.get(name))

    def tidy(self) -> None:
        """Forget the times of overwritten records when they are many. Not before a commit."""
        if len(self._times) <= 2 * len(self.records) + STALE_ALLOWED:
            return
        ordered = sorted(self.records.values(), key=lambda one: one.stamp)
        self._times = [one.stamp for one in ordered]
        self._ids_by_time = [one.id for one in ordered]


def _in_bin(record: Record | None) -> bool:
    return record is not None and record.deleted_at is not None


class Store:
    """All tables, and the writes that are not committed yet."""

    NOT_KEPT = frozenset({"observer"})
    """Whoever observes does so anew after a snapshot."""

    def __init__(self, *, indexed: Callable[[str], Iterable[str]], changes: ChangeLog) -> None:
        self._indexed = indexed
        self._changes = changes
        self._tables: dict[str, Table] = {}
        self._pending: list[Write] = []
        self.observer: Observer | None = None
        """Who wants the writes of each transaction; nobody, as long as no change is captured."""

    def table(self, name: str) -> Table:
        """The table of an object, by its exact name."""
        if name not in self._tables:
            self._tables[name] = Table(name, partial(self._indexed, name))
        return self._tables[name]

    def get(self, object_name: str, record_id: str) -> Record | None:
        """A record by its 18-character id, deleted or not."""
        return self.table(object_name).records.get(record_id)

    def write(
        self,
        record: Record,
        *,
        kind: ChangeKind,
        by: Actor,
        fields: Iterable[str],
        origin: str = "",
    ) -> None:
        """Put a record, to be committed or taken back; ``origin`` is what change events tell."""
        table = self.table(record.object)
        before = table.records.get(record.id)
        self._pending.append(Write(table, before, record, kind, by, tuple(fields), origin))
        table.put(record)

    def mark(self) -> int:
        """A point to go back to."""
        return len(self._pending)

    def rollback(self, mark: int) -> None:
        """Undo everything written after ``mark``."""
        while len(self._pending) > mark:
            undone = self._pending.pop()
            if undone.before is None:
                undone.table.remove(undone.after.id)
            else:
                undone.table.restore(undone.before)

    def commit(self) -> None:
        """Make everything final, as one transaction, and tell the change log."""
        if self.observer is not None and self._pending:
            self.observer(self._pending)
        for one in self._pending:
            self._changes.note(
                at=one.after.stamp // 1_000,
                object_name=one.after.object,
                record_id=one.after.id,
                kind=one.kind,
                by=one.by,
                fields=one.fields,
            )
            one.table.tidy()
        self._pending.clear()

    def purge(self, object_name: str) -> list[str]:
        """Empty the recycle bin of an object; the ids that are gone for good."""
        table = self.table(object_name)
        gone = [one.id for one in table.records.values() if one.deleted_at is not None]
        for record_id in gone:
            table.remove(record_id)
        return gone

    def reindex(self) -> None:
        """Build the indexes of all tables anew."""
        for table in self._tables.values():
            table.reindex()

    def drop_field(self, object_name: str, field: str) -> None:
        """Forget a field's values, as when the field is deleted. Not a change of the records."""
        table = self.table(object_name)
        for record in list(table.records.values()):
            if field in record.fields:
                rest = {name: value for name, value in record.fields.items() if name != field}
                table.records[record.id] = replace(record, fields=rest)
        table.reindex()
