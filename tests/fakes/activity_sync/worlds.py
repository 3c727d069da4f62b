"""Both CRMs' tasks in memory, in each CRM's own spelling."""

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from datetime import datetime

from services.activity_sync.domain.task import (
    HUBSPOT_FIELDS,
    SALESFORCE_FIELDS,
    Task,
    from_hubspot,
    from_salesforce,
)
from services.activity_sync.domain.timeline import NamedAt
from shared.crm.writes import Refused, WriteResult, Written
from shared.kernel.clock import Clock
from shared.kernel.records import Side

DEFAULTS = {"Status": "Not Started", "Priority": "Normal"}


@dataclass(frozen=True, slots=True)
class News:
    """One change as ingress would report it: everything that it reads of the task."""

    side: Side
    record_id: str
    kind: str
    values: Map[str, object]


@dataclass
class TaskRow:
    """One task as its CRM holds it."""

    values: dict[str, object]
    modified_at: datetime
    people: list[str] = field(default_factory=list)


@dataclass
class World:
    """One CRM's tasks: `key_name` is our unique field there, `tell` hears of every change."""

    side: Side
    clock: Clock
    tell: Callable[[News], None]
    tasks: dict[str, TaskRow] = field(default_factory=dict)
    made: int = 0

    @property
    def key_name(self) -> str:
        """Our unique field."""
        return "causeway_key" if self.side is Side.HUBSPOT else "Causeway_Key__c"

    def make(self, values: Map[str, object], *people: str) -> str:
        """A new task; answers its id."""
        self.made += 1
        record_id = f"h{self.made}" if self.side is Side.HUBSPOT else f"00T{self.made}"
        first = {} if self.side is Side.HUBSPOT else DEFAULTS
        self.tasks[record_id] = TaskRow({**first, **_kept(values)}, self.clock.now(), list(people))
        self._report(record_id, "created")
        return record_id

    def edit(self, record_id: str, values: Map[str, object]) -> None:
        """Somebody, or the integration, changes a task; the same values again are no change."""
        row, new = self.tasks[record_id], _kept(values)
        if any(row.values.get(name) != value for name, value in new.items()):
            row.values.update(new)
            row.modified_at = self.clock.now()
            self._report(record_id, "updated")

    def delete(self, record_id: str) -> None:
        """The task goes away."""
        del self.tasks[record_id]
        self.tell(News(self.side, record_id, "deleted", {}))

    def by_key(self, key: str) -> str | None:
        """The id of the task with our key."""
        return next((i for i, r in self.tasks.items() if r.values.get(self.key_name) == key), None)

    def upsert(self, key: str, values: Map[str, object]) -> WriteResult:
        """By our key."""
        found = self.by_key(key)
        if found is None:
            made = self.make({**values, self.key_name: key}, *_who(values))
            return Written(key, made, created=True)
        self.edit(found, values)
        return Written(key, found, created=False)

    def update(self, record_id: str, values: Map[str, object]) -> WriteResult:
        """By id."""
        if record_id not in self.tasks:
            return _refused(record_id, "NOT_FOUND")
        if values.get("hs_timestamp") == "":
            return _refused(record_id, "REQUIRED_FIELD_MISSING")
        self.edit(record_id, values)
        return Written(record_id, record_id, created=False)

    def task(self, record_id: str) -> Task:
        """A task as the gateway would hand it over."""
        row = self.tasks[record_id]
        texts = {n: None if v is None else str(v) for n, v in row.values.items()}
        canonical = from_hubspot(texts) if self.side is Side.HUBSPOT else from_salesforce(texts)
        return Task(
            self.side,
            record_id,
            canonical,
            dict(row.values),
            row.modified_at,
            tuple(row.people),
            texts.get(self.key_name),
        )

    def _report(self, record_id: str, kind: str) -> None:
        row = self.tasks[record_id]
        names = HUBSPOT_FIELDS if self.side is Side.HUBSPOT else SALESFORCE_FIELDS
        values = {name: row.values.get(name) for name in names.values()}
        if self.side is Side.SALESFORCE:
            values["WhoId"] = row.people[0] if row.people else None
        self.tell(News(self.side, record_id, kind, values))


@dataclass
class Forms:
    """The history of each contact's latest form, newest first."""

    names: dict[str, tuple[NamedAt, ...]] = field(default_factory=dict)


def _refused(record_id: str, code: str) -> Refused:
    return Refused(record_id, code, "It cannot be so.", None, None, retriable=False)


def _kept(values: Map[str, object]) -> dict[str, object]:
    """Both CRMs trim texts and keep nothing of empty ones; who it is about is kept apart."""
    trimmed = {n: v.strip() if isinstance(v, str) else v for n, v in values.items()}
    return {n: v or None for n, v in trimmed.items() if n != "WhoId"}


def _who(values: Map[str, object]) -> tuple[str, ...]:
    who = values.get("WhoId")
    return (str(who),) if who else ()
