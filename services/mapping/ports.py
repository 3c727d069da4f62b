"""What the use cases of mapping need from the outside, as protocols."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Map
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.mapping.domain.hits import Report
from services.mapping.domain.kept import KeptReport, MadeProperty, Refresh, Taken
from services.mapping.domain.lists import HubSpotList
from services.mapping.domain.model import Catalogue, HubSpotFields, SalesforceFields
from services.mapping.domain.properties import Creation
from services.mapping.domain.review.found import Sizes
from services.mapping.domain.setup import Setup
from services.mapping.domain.shapes import NewProperty
from services.mapping.domain.standing import Standing
from shared.contracts.settings import Settings
from shared.kernel.records import ObjectType
from shared.outbox.mail import Outgoing

KEYED = (ObjectType.CONTACT, ObjectType.TASK)
"""What every setup creates records of; companies and deals when they are turned on."""


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable version; `author` is who made it, `note` what for."""

    settings: Settings
    author: str
    note: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Draft:
    """The next version while it is made: its mappings may be impossible still.

    `base_version` is the newest version when it was begun, 0 for none.
    """

    settings: Settings
    base_version: int
    author: str
    changed_at: datetime


class Setups(Protocol):
    """One row a connection."""

    async def get(self, connection_id: UUID) -> Setup | None:
        """As it is now, not held."""
        ...

    async def held(self, connection_id: UUID) -> Setup | None:
        """Held by this transaction until it ends; None for an unknown connection."""
        ...

    async def opened(self, connection_id: UUID) -> Setup:
        """Held by this transaction, made when there is none."""
        ...

    async def page(self, *, after: UUID | None, limit: int) -> list[Setup]:
        """In the order of the connection ids."""
        ...

    async def sharing(self, org_id: str, *, besides: UUID) -> int:
        """How many other connections sync with an org."""
        ...

    async def save(self, setup: Setup) -> None: ...


class Versions(Protocol):
    """Every version of the settings that was ever made. They are only added."""

    async def get(self, connection_id: UUID, version: int) -> Version | None: ...
    async def add(self, connection_id: UUID, version: Version) -> None: ...
    async def page(
        self, connection_id: UUID, *, before: int | None, limit: int
    ) -> list[Version]: ...


class Drafts(Protocol):
    """At most one draft a connection."""

    async def get(self, connection_id: UUID) -> Draft | None: ...
    async def save(self, connection_id: UUID, draft: Draft) -> None: ...
    async def drop(self, connection_id: UUID) -> None: ...


class Catalogues(Protocol):
    """The fields of both sides as they were read last."""

    async def get(self, connection_id: UUID) -> Catalogue | None: ...
    async def save(self, connection_id: UUID, catalogue: Catalogue) -> None: ...


class Work(Protocol):
    """One transaction of the store; it commits when its context ends without an error."""

    @property
    def setups(self) -> Setups: ...
    @property
    def versions(self) -> Versions: ...
    @property
    def drafts(self) -> Drafts: ...
    @property
    def catalogues(self) -> Catalogues: ...

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """Puts events into the outbox of this transaction, in this order."""
        ...


class Store(Protocol):
    """The service's own schema."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """A transaction, committed when the context ends without an error."""
        ...


class Crms(Protocol):
    """Both CRMs of a connection. RetriableError when they do not answer, FatalError else."""

    async def read_catalogue(self, connection_id: UUID, *, background: bool = False) -> Catalogue:
        """The fields of all objects as they are now; `background`: nobody waits for them."""
        ...

    async def ensure_key_properties(
        self, connection_id: UUID, object_types: Collection[ObjectType] = KEYED
    ) -> None:
        """Makes HubSpot's `causeway_key` where it is missing; a repeat changes nothing (I6)."""
        ...

    async def read_properties(self, connection_id: UUID, object_type: ObjectType) -> HubSpotFields:
        """All properties of a type by name, those in the recycle bin too."""
        ...

    async def read_fields(self, connection_id: UUID, salesforce_object: str) -> SalesforceFields:
        """The fields of one object with every option that they have."""
        ...

    async def create_properties(
        self, connection_id: UUID, object_type: ObjectType, properties: Sequence[NewProperty]
    ) -> Map[str, Creation]:
        """Makes properties; what became of each, by name. A repeat makes none twice (I6)."""
        ...


@dataclass(frozen=True, slots=True)
class Lists:
    """Lists whose names fit; `more`: a narrower search finds others."""

    lists: tuple[HubSpotList, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class People:
    """Who may own records: lower-case e-mail addresses by HubSpot owner id and by user id."""

    hubspot: Map[str, str]
    salesforce: Map[str, str]


class Lookups(Protocol):
    """What a review looks up in both CRMs. Errors as of `Crms`; nothing is written."""

    async def lists(self, connection_id: UUID, object_type: ObjectType, query: str) -> Lists:
        """HubSpot's lists of a type with `query` in their names, static ones too."""
        ...

    async def list_by_id(self, connection_id: UUID, list_id: str) -> HubSpotList | None:
        """One list, None when there is none or it was deleted."""
        ...

    async def people(self, connection_id: UUID) -> People:
        """Who may own records on both sides."""
        ...

    async def sizes(self, connection_id: UUID, object_types: Sequence[ObjectType]) -> Sizes:
        """How many records there are on both sides, and the calls that are left."""
        ...


class Refreshes(Protocol):
    """One row for each connection whose fields are read daily. Times are the database's."""

    async def get(self, connection_id: UUID) -> Refresh | None: ...
    async def take(self, *, token: UUID, lease: timedelta, every: timedelta) -> Taken | None:
        """The one that is due longest; two workers never take the same one.

        A connection that was set up since, or whose catalogue lacks objects, gets its row here.
        """
        ...

    async def holds(self, taken: Taken) -> bool:
        """Whether it is still held; kept so until the transaction ends."""
        ...

    async def done(self, connection_id: UUID, standing: Standing, *, next_in: timedelta) -> None:
        """It was read now: let go of, and due again after `next_in`."""
        ...

    async def failed(self, taken: Taken, problem: str, *, next_in: timedelta) -> None:
        """It could not be read. Nothing when it is not held any more."""
        ...

    async def hit(self) -> Map[UUID, int]:
        """How many mappings of each connection are hit by what changed in the CRMs."""
        ...


class Reports(Protocol):
    """The newest reports of each connection."""

    async def add(self, connection_id: UUID, version: int, report: Report) -> None:
        """Keeps one; the oldest beyond the bound go."""
        ...

    async def page(
        self, connection_id: UUID, *, before: int | None, limit: int
    ) -> list[KeptReport]:
        """The newest first, of a position below `before`."""
        ...


class MadeProperties(Protocol):
    """Every property that was made for a field."""

    async def add(self, connection_id: UUID, properties: Sequence[MadeProperty]) -> None:
        """Keeps them; one that is made again replaces what was kept of it."""
        ...

    async def page(
        self, connection_id: UUID, *, after: tuple[str, str] | None, limit: int
    ) -> list[MadeProperty]:
        """By object type and name."""
        ...


class FieldWork(Work, Protocol):
    """A transaction that also reaches what is kept about the reading of fields."""

    @property
    def refreshes(self) -> Refreshes: ...
    @property
    def reports(self) -> Reports: ...
    @property
    def made(self) -> MadeProperties: ...


class FieldStore(Protocol):
    """The service's own schema, with what is kept about the reading of fields."""

    def begin(self) -> AbstractAsyncContextManager[FieldWork]:
        """A transaction, committed when the context ends without an error."""
        ...
