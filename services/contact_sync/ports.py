"""What the use cases of contact_sync need from the outside, as protocols."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Map
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.contact_sync.domain.allowance import Left
from services.contact_sync.domain.journal import Entry, Status
from services.contact_sync.domain.model import HubSpotPerson, Link, Owners, SalesforcePerson
from services.contact_sync.domain.world import Claim, Waiting
from shared.contracts.settings import Settings
from shared.contracts.standing import NEVER_HEARD_OF, Standing
from shared.crm.writes import WriteResult
from shared.kernel.records import ObjectType, Side
from shared.outbox.mail import Mail, Outgoing

NO_WAIT = timedelta(0)
WALKING = "walking"
ORG_LEFT = "The connection moved to another Salesforce org. Start an import of that one."


@dataclass(frozen=True, slots=True)
class Connection:
    """What contact_sync keeps of a connection; `settings` is None until they are published.

    `left_orgs` are those that it was moved away from; what belongs to them is set aside.
    """

    id: UUID
    portal_id: str = ""
    org_id: str = ""
    settings: Settings | None = None
    standing: Standing = NEVER_HEARD_OF
    left_orgs: tuple[str, ...] = ()


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
    """One record that waits for a person."""

    claim: Claim
    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Import:
    """One walk over all records of a type on one side; `cursor` is the last id that was noted."""

    id: UUID
    connection_id: UUID
    side: Side
    object_name: str
    state: str
    cursor: str = ""
    noted: int = 0
    problem: str | None = None


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


class Links(Protocol):
    """Pairs of records that are the same person or company; ids are unique within a type."""

    async def of(
        self,
        connection_id: UUID,
        hubspot_ids: Collection[str],
        salesforce_ids: Collection[str],
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> list[Link]: ...
    async def save(self, connection_id: UUID, changed: Sequence[Link]) -> None: ...
    async def move(self, connection_id: UUID, link_id: UUID, *, hubspot_id: str) -> None: ...
    async def forget_near_misses(self, connection_id: UUID, claim: Claim) -> None: ...
    async def remove(self, connection_id: UUID, link_ids: Collection[UUID]) -> None: ...


class Journal(Protocol):
    """Every write: stored as an intent before the call, settled after it."""

    async def open_entries(
        self,
        connection_id: UUID,
        hubspot_ids: Collection[str],
        salesforce_ids: Collection[str],
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> list[Entry]: ...
    async def add(self, connection_id: UUID, entries: Sequence[Entry]) -> None: ...
    async def settle(self, connection_id: UUID, settled: Sequence[Settled]) -> None: ...


class ParkedRecords(Protocol):
    """Records that wait for a person."""

    async def add(self, connection_id: UUID, parked: Sequence[Parked]) -> None: ...
    async def clear(self, connection_id: UUID, claims: Collection[Claim]) -> None: ...
    async def claim_of(self, connection_id: UUID, parked_id: UUID) -> Claim | None: ...


class Members(Protocol):
    """Contacts that wait for the link of their company."""

    async def lock(self, connection_id: UUID) -> None:
        """Others that lock wait until this transaction ends."""
        ...

    async def add(self, connection_id: UUID, waiting: Sequence[Waiting]) -> None: ...
    async def take(self, connection_id: UUID, companies: Collection[Claim]) -> set[str]:
        """The contacts that wait for one of these; they wait no longer."""
        ...


class Imports(Protocol):
    """Walks over all records of a type on one side."""

    async def add(self, new: Import) -> None: ...
    async def next(self, lease: timedelta) -> Import | None: ...
    async def save(self, progress: Import, *, wait: timedelta = NO_WAIT) -> None: ...


class Work(Protocol):
    """One transaction of the store; it commits when its context ends without an error."""

    @property
    def connections(self) -> Connections: ...
    @property
    def links(self) -> Links: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def parked(self) -> ParkedRecords: ...
    @property
    def imports(self) -> Imports: ...
    @property
    def members(self) -> Members: ...
    @property
    def mail(self) -> Mail: ...

    async def emit(self, events: Sequence[Outgoing]) -> None: ...


class Store(Protocol):
    """The service's own schema."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """A transaction, committed when the context ends without an error."""
        ...


@dataclass(frozen=True, slots=True)
class Lookup:
    """Which Salesforce records to read: by id, by our external id, by what they are recognised by.

    That is the e-mail address of a person and the domain of a company (see HubSpotPerson).
    """

    ids: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.ids or self.emails or self.keys)


class CrmReads(Protocol):
    """What can be asked of the records of one type, each method in as few calls as CRMs allow.

    Every method may raise RetriableError or FatalError (the call as a whole was refused).
    """

    @property
    def calls(self) -> Map[Side, int]:
        """How many API calls were made so far, by the side that counts them."""
        ...

    async def hubspot_by_id(self, ids: Collection[str]) -> dict[str, HubSpotPerson]: ...
    async def hubspot_by_email(self, emails: Collection[str]) -> list[HubSpotPerson]: ...
    async def hubspot_by_key(self, keys: Collection[str]) -> list[HubSpotPerson]: ...
    async def hubspot_times(
        self, wanted: Map[str, Collection[str]]
    ) -> dict[str, dict[str, datetime | None]]: ...
    async def salesforce(self, lookup: Lookup) -> dict[str, SalesforcePerson]: ...
    async def owners(self) -> Owners: ...
    async def page_of_ids(
        self, side: Side, object_name: str, after: str, limit: int
    ) -> list[str]: ...

    async def latest_ids(self, side: Side, limit: int) -> list[str]:
        """The people of one side that were modified last, the latest first."""
        ...

    async def counts(self) -> Map[str, int]:
        """How many people there are, by object: contacts (HubSpot's), Contact, Lead."""
        ...


class Crm(CrmReads, Protocol):
    """The same, and what can be written: nothing is known of the effect after RetriableError."""

    async def create_in_hubspot(self, rows: Map[str, Map[str, object]]) -> dict[str, WriteResult]:
        """By `causeway_key`; the results are by the same key.

        A contact's primary company may be among the values, here and in an update.
        """
        ...

    async def update_in_hubspot(
        self, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]: ...

    async def create_in_salesforce(
        self, object_name: str, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]:
        """By Causeway_Key__c; the results are by the same key."""
        ...

    async def update_in_salesforce(
        self, object_name: str, rows: Map[str, Map[str, object]]
    ) -> dict[str, WriteResult]: ...


class Crms(Protocol):
    """Opens the two CRMs of a connection with calls leased from the quota."""

    def open(
        self,
        connection: Connection,
        *,
        purpose: str,
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> AbstractAsyncContextManager[Crm]:
        """Both CRMs for records of one type.

        `purpose` is live, import or setup; what is left of the lease goes back at the end.
        """
        ...


class Around(Protocol):
    """What the other services know that a preview tells."""

    async def left(self, connection_id: UUID) -> Map[Side, Left]:
        """What is left of today's calls; a side of which it is not known is absent."""
        ...

    async def pages(self, connection: Connection) -> Map[Side, str]:
        """Where people look at records: the address before a record's id."""
        ...


class HashOf(Protocol):
    """The keyed hash of one field's value, as ingress computes it too."""

    def __call__(
        self, connection_id: UUID, side: Side, record_id: str, field: str, value: object
    ) -> str:
        """Sixteen bytes in hexadecimal."""
        ...
