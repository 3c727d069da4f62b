"""What the use cases of mapping need from the outside, as protocols."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.mapping.domain.model import Catalogue
from services.mapping.domain.setup import Setup
from shared.contracts.settings import Settings
from shared.outbox.mail import Outgoing


@dataclass(frozen=True, slots=True)
class Version:
    """One immutable version; `author` is who made it, `note` what for."""

    settings: Settings
    author: str
    note: str
    made_at: datetime


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
