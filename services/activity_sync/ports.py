"""What the use cases of activity_sync need from the outside, as protocols."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Map
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from services.activity_sync.domain.merge import FieldWrite
from services.activity_sync.domain.task import Task
from services.activity_sync.domain.timeline import NamedAt, TimelineEvent
from shared.contracts.settings import Settings
from shared.contracts.standing import NEVER_HEARD_OF, Standing
from shared.crm.writes import WriteResult
from shared.kernel.records import Side
from shared.outbox.mail import Mail, Outgoing


@dataclass(frozen=True, slots=True)
class Connection:
    """What activity_sync keeps of a connection; `settings` is None until they are published.

    `left_orgs` are those that it is not in now and that something is set aside for.
    """

    id: UUID
    portal_id: str = ""
    org_id: str = ""
    settings: Settings | None = None
    standing: Standing = NEVER_HEARD_OF
    left_orgs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Record:
    """One task on one side."""

    side: Side
    id: str


@dataclass(frozen=True, slots=True)
class TaskLink:
    """Two tasks that are the same; `hashes` by side and field as they are known to stand."""

    id: UUID
    hubspot_id: str
    salesforce_id: str
    base: Map[str, str | None] = field(default_factory=dict)
    hashes: Map[str, Map[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PersonLink:
    """A linked person, copied from contact_sync's events."""

    hubspot_id: str
    salesforce_id: str


class Status(StrEnum):
    """What is known of a write."""

    INTENDED = "intended"
    DONE = "done"
    REFUSED = "refused"
    CONFIRMED = "confirmed"
    NOT_MADE = "not_made"


@dataclass(frozen=True, slots=True)
class Entry:
    """One write in the journal: stored before the call, settled after it."""

    id: UUID
    side: Side
    operation: str
    kind: str
    hubspot_id: str | None
    salesforce_id: str | None
    fields: tuple[FieldWrite, ...]
    cause: Map[str, str]
    traceparent: str | None
    status: Status = Status.INTENDED
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of a journal entry, and the ids that are known by now."""

    id: UUID
    status: Status
    hubspot_id: str | None = None
    salesforce_id: str | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Parked:
    """One activity that waits for a person, or for `person_id` to be linked."""

    record: Record
    lane: str
    code: str
    message: str
    person_id: str = ""


class Connections(Protocol):
    """The service's own copy of each connection."""

    async def get(self, connection_id: UUID) -> Connection | None: ...
    async def locked(self, connection_id: UUID) -> Connection:
        """Also one that was never heard of; others wait for it until the transaction ends."""
        ...

    async def org_of(self, connection_id: UUID) -> str | None:
        """The org now, None for an unknown connection; a move waits for this transaction's end."""
        ...

    async def save(self, connection: Connection) -> None: ...
    async def change_org(self, connection_id: UUID, left: str, entered: str) -> None:
        """Sets aside what belongs to the org that is left, and brings back what was in the other.

        Links go, with intents that were never settled and what is parked of Salesforce. News of
        records of the org that is left are dropped: they say nothing about the other one.
        """
        ...


class People(Protocol):
    """The copy of contact_sync's links."""

    async def save(self, connection_id: UUID, link: PersonLink, *, org_id: str = "") -> None:
        """`org_id` names an org that is not the connection's now: the link waits there."""
        ...

    async def remove(self, connection_id: UUID, link: PersonLink, *, org_id: str = "") -> None: ...
    async def of(self, connection_id: UUID, side: Side, ids: Collection[str]) -> dict[str, str]:
        """The other side's id of each linked person, by the id on `side`."""
        ...


class TaskLinks(Protocol):
    """Pairs of tasks."""

    async def of(self, connection_id: UUID, records: Collection[Record]) -> list[TaskLink]: ...
    async def save(self, connection_id: UUID, links: Sequence[TaskLink]) -> None: ...
    async def remove(self, connection_id: UUID, ids: Collection[UUID]) -> None: ...


class Timeline(Protocol):
    """Timeline events that were reported; each key is stored once."""

    async def add(self, connection_id: UUID, event: TimelineEvent) -> bool:
        """Stores an event; False when it was reported before."""
        ...

    async def of(self, connection_id: UUID, keys: Collection[str]) -> dict[str, TimelineEvent]: ...


class Journal(Protocol):
    """Every write to either CRM."""

    async def open_entries(
        self, connection_id: UUID, records: Collection[Record]
    ) -> list[Entry]: ...
    async def add(self, connection_id: UUID, entries: Sequence[Entry]) -> None: ...
    async def settle(self, connection_id: UUID, settled: Sequence[Settled]) -> None: ...


class ParkedActivities(Protocol):
    """Activities that wait."""

    async def add(self, connection_id: UUID, parked: Sequence[Parked]) -> None: ...
    async def clear(self, connection_id: UUID, records: Collection[Record]) -> None: ...
    async def waiting_for(self, connection_id: UUID, person_ids: Collection[str]) -> list[Parked]:
        """Activities that were parked because these people were not linked."""
        ...


class Work(Protocol):
    """One transaction of the store; it commits when its context ends without an error."""

    @property
    def connections(self) -> Connections: ...
    @property
    def people(self) -> People: ...
    @property
    def task_links(self) -> TaskLinks: ...
    @property
    def timeline(self) -> Timeline: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def parked(self) -> ParkedActivities: ...
    @property
    def mail(self) -> Mail: ...

    async def emit(self, events: Sequence[Outgoing]) -> None: ...


class Store(Protocol):
    """The service's own schema."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """A transaction, committed when the context ends without an error."""
        ...


class Crm(Protocol):
    """Both CRMs of one connection, each method in as few calls as they allow.

    Every method may raise RetriableError (nothing is known of the effect of a write then) or
    FatalError (the call as a whole was refused).
    """

    async def hubspot_tasks(self, ids: Collection[str]) -> dict[str, Task]: ...
    async def hubspot_tasks_by_key(self, keys: Collection[str]) -> dict[str, Task]: ...
    async def salesforce_tasks(
        self, ids: Collection[str], keys: Collection[str]
    ) -> dict[str, Task]: ...
    async def form_names(self, contact_ids: Collection[str]) -> dict[str, tuple[NamedAt, ...]]: ...
    async def create_in_hubspot(
        self, rows: Map[str, Map[str, object]], people: Map[str, str]
    ) -> dict[str, WriteResult]:
        """By `causeway_key`, associated with a contact each; results are by the same key."""
        ...

    async def create_in_salesforce(
        self, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        """By Causeway_Key__c; the results are by the same key."""
        ...

    async def update(
        self, side: Side, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]: ...


class Crms(Protocol):
    """Opens the two CRMs of a connection with calls leased from the quota."""

    def open(self, connection: Connection) -> AbstractAsyncContextManager[Crm]:
        """What is left of the lease goes back at the end."""
        ...


class HashOf(Protocol):
    """The keyed hash of one field's value, as ingress computes it too."""

    def __call__(
        self, connection_id: UUID, side: Side, record_id: str, field: str, value: object
    ) -> str:
        """Sixteen bytes in hexadecimal."""
        ...
