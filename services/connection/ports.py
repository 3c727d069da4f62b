"""What the use cases of connection need from the outside, as protocols."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.connection.domain.attempt import Attempt, Departure
from services.connection.domain.connection import Connection, Grant, Tokens
from services.connection.domain.features import Right
from services.connection.domain.preflight import Preflight
from services.connection.domain.seen import HubSpotSeen, SalesforceSeen
from shared.kernel.errors import FatalError
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing

SecretSource = Callable[[], str]
"""A new secret of at least 256 random bits as 43 or more URL-safe characters."""

Pause = Callable[[float], Awaitable[None]]
"""Waits so many seconds."""


class GrantDeadError(FatalError):
    """The CRM refuses the refresh token for good; its text says why, without the token."""


class Work(Protocol):
    """One transaction of the store; it commits when its context ends without an error."""

    async def now(self) -> datetime:
        """The database's clock."""
        ...

    async def add_connection(self, new: Connection, request_key: str | None) -> Connection:
        """Adds a connection; a key that was used before brings the connection made then."""
        ...

    async def connection(self, connection_id: UUID, *, lock: bool = False) -> Connection | None:
        """One connection; `lock` holds it until this transaction ends.

        The id of one whose portal took up a kept connection finds that one.
        """
        ...

    async def connections(self, after: UUID | None, limit: int) -> list[Connection]:
        """Connections in the order of their ids, which is that of their creation."""
        ...

    async def holder_of(self, portal_id: str) -> UUID | None:
        """The connection that has this portal."""
        ...

    async def sharing(self, org_ids: Collection[str]) -> dict[str, list[UUID]]:
        """The connections that have each of these orgs, the oldest first."""
        ...

    async def grants(self, connection_ids: Sequence[UUID]) -> dict[UUID, dict[Side, Grant]]:
        """The grants of each connection, with their tokens in the clear.

        One whose tokens cannot be decrypted (the key is missing) counts as broken until they can.
        """
        ...

    async def save(self, connection: Connection, changed: Sequence[Grant]) -> None:
        """Writes a connection and grants of it, tokens encrypted; ends their refresh leases.

        Raises ConnectError (portal-already-connected) when another connection has the portal.
        """
        ...

    async def remove(self, connection_id: UUID) -> None:
        """Deletes a connection with all that belongs to it; what went is counted, for a receipt."""
        ...

    async def disconnect(self, connection: Connection) -> None:
        """Writes a connection, and deletes its grants, attempts and pre-flights."""
        ...

    async def take_up(self, new: Connection, kept: Connection) -> None:
        """Deletes `new`; its id and its request key are those of `kept` from now on."""
        ...

    async def add_attempt(self, attempt: Attempt) -> None:
        """Keeps an attempt to connect, and forgets those that have expired."""
        ...

    async def depart(
        self, ticket_hash: str, departure: Departure, lifetime: timedelta
    ) -> Attempt | None:
        """Notes that a link was opened: hashes of state and binding, the verifier encrypted.

        None when the link is unknown, used or expired; the callback has `lifetime` from now.
        """
        ...

    async def arrive(self, state_hash: str, binding_hash: str, side: Side) -> Attempt | None:
        """Takes an attempt out, once; None when nothing unexpired fits all three."""
        ...

    async def lease_refresh(self, grant: Grant, holder: UUID, lease: timedelta) -> bool:
        """Whether `holder` alone may refresh this generation of the grant until the lease ends."""
        ...

    async def end_lease(self, connection_id: UUID, side: Side, holder: UUID) -> None:
        """Lets others refresh at once, if `holder` still has the lease."""
        ...

    async def save_preflight(self, run: Preflight) -> None:
        """Keeps a pre-flight in place of the one before; `remove` takes it along."""
        ...

    async def preflights(self, connection_ids: Collection[UUID]) -> dict[UUID, Preflight]:
        """The latest pre-flight of each of these connections that has had one."""
        ...

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """Puts events into the outbox of this transaction."""
        ...


class Store(Protocol):
    """The service's own schema."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """A transaction, committed when the context ends without an error."""
        ...


class Crm(Protocol):
    """OAuth of one side."""

    def authorize_url(self, connection: Connection, *, state: str, verifier: str) -> str:
        """Where the browser goes to allow Causeway; holds the verifier's challenge only."""
        ...

    async def exchange(self, connection: Connection, *, code: str, verifier: str) -> Tokens:
        """Tokens for a code. Raises ConnectError, or RetriableError when nobody answered."""
        ...

    async def refresh(self, connection: Connection, refresh_token: str) -> Tokens:
        """New tokens. Raises GrantDeadError, or RetriableError for all else.

        A refused client id or secret is a RetriableError: the grant lives, and works again when
        an operator has corrected the settings.
        """
        ...

    async def revoke(self, connection: Connection, refresh_token: str) -> None:
        """Ends the grant at the CRM. Raises CausewayError when it could not be done."""
        ...


Crms = Mapping[Side, Crm]


class Scout(Protocol):
    """Looks into both CRMs for a pre-flight, in few calls, on leased calls and our own tokens.

    Nothing is raised: what goes wrong is a Trouble in the answer.
    """

    async def hubspot(self, connection_id: UUID) -> HubSpotSeen:
        """The portal and its calls of the day, in two calls."""
        ...

    async def salesforce(
        self, connection_id: UUID, *, rights: Sequence[Right], objects: Collection[str]
    ) -> SalesforceSeen:
        """The org, the user's rights and what the user may do with each object, in two calls."""
        ...
