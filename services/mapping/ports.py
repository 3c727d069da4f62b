"""What the use cases of mapping need from the outside, as protocols."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.mapping.domain.lists import HubSpotList
from services.mapping.domain.model import Catalogue
from services.mapping.domain.review.found import Sizes
from services.mapping.domain.setup import Setup
from shared.contracts.settings import Settings
from shared.kernel.records import ObjectType
from shared.outbox.mail import Outgoing


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
    async def forget(self, connection_id: UUID) -> None:
        """Deletes all that is held of a connection."""
        ...


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

    async def read_catalogue(self, connection_id: UUID) -> Catalogue:
        """The fields of HubSpot contacts and of Salesforce contacts and leads, as they are now."""
        ...

    async def ensure_key_properties(self, connection_id: UUID) -> None:
        """Makes HubSpot's `causeway_key` where it is missing; a repeat changes nothing (I6)."""
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
