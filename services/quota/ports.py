"""What the use cases of quota need from the outside, as protocols."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol
from uuid import UUID

from services.quota.domain.budget import Budget, Lease
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing


class Work(Protocol):
    """One transaction of the store; it commits when its context ends without an error."""

    async def now(self) -> datetime:
        """The database's clock, the only one that leases and windows go by."""
        ...

    async def lock(self, connection_id: UUID, side: Side) -> Budget:
        """The budget, made when there is none, held by this transaction until it ends.

        Whoever locks both sides of a connection locks them in the order of `Side`.
        """
        ...

    async def budgets(self, connection_id: UUID) -> list[Budget]:
        """Both sides' budgets as they are, not held; empty for an unknown connection."""
        ...

    async def save(self, budget: Budget, lease: Lease | None = None) -> None:
        """Writes a budget that this transaction holds, and the lease that came out of it."""
        ...

    async def take_back(self, lease_id: UUID) -> Lease | None:
        """Marks a lease as returned; None when it is unknown or was returned before."""
        ...

    async def knows(self, lease_id: UUID) -> bool:
        """Whether the lease exists, returned or not."""
        ...

    async def overdue(self, limit: int) -> list[tuple[UUID, Side]]:
        """Budgets whose `exhausted_until` has passed."""
        ...

    async def emit(self, events: Sequence[Outgoing]) -> None:
        """Puts events into the outbox of this transaction."""
        ...


class Store(Protocol):
    """The service's own schema."""

    def begin(self) -> AbstractAsyncContextManager[Work]:
        """A transaction, committed when the context ends without an error."""
        ...
