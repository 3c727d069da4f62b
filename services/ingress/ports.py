"""What the use cases of ingress need from the outside, as protocols."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from services.ingress.domain.news import Interest
from services.ingress.domain.polling import PolledRow
from shared.contracts.settings import Settings
from shared.contracts.standing import NEVER_HEARD_OF, Standing
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing


@dataclass(frozen=True, slots=True)
class Connection:
    """What ingress keeps of a connection; nothing is reported of one that does not run."""

    id: UUID
    portal_id: str = ""
    app_id: str = ""
    salesforce_user_id: str = ""
    settings: Settings | None = None
    standing: Standing = NEVER_HEARD_OF

    @property
    def listens(self) -> bool:
        """Whether changes of this connection are turned into events."""
        return self.settings is not None and self.standing.started

    @property
    def broken(self) -> bool:
        """Whether a side has to be connected again before it can be asked."""
        return bool(self.standing.broken)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One verified webhook body, stored as it came."""

    id: UUID
    body: bytes
    traceparent: str | None


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far the polling of one object is, and who polls it now."""

    connection_id: UUID
    side: Side
    object_name: str
    position: datetime | None = None


class Connections(Protocol):
    """The service's own copy of each connection."""

    async def get(self, connection_id: UUID) -> Connection | None: ...
    async def locked(self, connection_id: UUID) -> Connection:
        """Also one that was never heard of; others wait for it until the transaction ends."""
        ...

    async def of_portals(self, portal_ids: Sequence[str]) -> dict[str, Connection]:
        """The connections of these portals that were not removed."""
        ...

    async def save(self, connection: Connection) -> None: ...


class Deliveries(Protocol):
    """Raw webhook bodies, kept for a while after they were split."""

    async def store(self, delivery: Delivery) -> None: ...
    async def take(self, limit: int) -> list[Delivery]:
        """Unsplit ones, locked until the transaction ends; others skip them."""
        ...

    async def mark_split(self, ids: Sequence[UUID]) -> None: ...


class Cursors(Protocol):
    """Polling positions, and which rows were reported already."""

    async def due(self, side: Side, lease: timedelta) -> list[Cursor]:
        """All cursors of one connection whose time has come; held until the lease ends."""
        ...

    async def ensure(self, cursors: Sequence[Cursor]) -> None: ...
    async def wake(self, connection_id: UUID) -> None:
        """Makes all cursors of a connection due, those too that are released after this."""
        ...

    async def unseen(self, cursor: Cursor, rows: Sequence[PolledRow]) -> list[PolledRow]:
        """The rows that were not reported in this state before; they are from now on."""
        ...

    async def save(self, cursor: Cursor) -> None: ...
    async def release(self, cursors: Sequence[Cursor], wait: timedelta) -> None:
        """Lets go of cursors until their next round, at once if they were woken meanwhile."""
        ...


class Work(Protocol):
    """One transaction of the store; it commits when its context ends without an error."""

    @property
    def connections(self) -> Connections: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def cursors(self) -> Cursors: ...

    async def emit(self, events: Sequence[Outgoing]) -> None: ...


class Store(Protocol):
    """The service's own schema."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """A transaction, committed when the context ends without an error."""
        ...


@dataclass(frozen=True, slots=True)
class PollRequest:
    """One object to poll: everything modified since `since`."""

    object_name: str
    since: datetime


class Poller(Protocol):
    """Reads what was modified, all requests of one side in as few calls as possible.

    Raises RetriableError (try later) or FatalError (somebody has to mend something).
    """

    async def poll(
        self,
        connection: Connection,
        side: Side,
        requests: Sequence[PollRequest],
        interest: Interest,
    ) -> dict[str, list[PolledRow]]: ...


class HashOf(Protocol):
    """The keyed hash of one field's value."""

    def __call__(
        self, connection_id: UUID, side: Side, record_id: str, field: str, value: object
    ) -> str:
        """Sixteen bytes in hexadecimal."""
        ...
