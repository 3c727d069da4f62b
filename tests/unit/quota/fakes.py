"""A store that holds its state in memory, under the same contract as the real one."""

import copy
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.quota.domain.budget import Budget, Lease
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing

START = datetime(2026, 3, 2, 10, 20, tzinfo=UTC)


@dataclass
class FakeWork:
    clock: datetime = START
    rows: dict[tuple[UUID, Side], Budget] = field(default_factory=dict)
    leases: dict[UUID, Lease] = field(default_factory=dict)
    returned: set[UUID] = field(default_factory=set)
    outbox: list[Outgoing] = field(default_factory=list)

    async def now(self) -> datetime:
        return self.clock

    async def lock(self, connection_id: UUID, side: Side) -> Budget:
        key = (connection_id, side)
        return self.rows.setdefault(key, Budget(connection_id=connection_id, side=side))

    async def budgets(self, connection_id: UUID) -> list[Budget]:
        found = [self.rows.get((connection_id, side)) for side in Side]
        return [budget for budget in found if budget is not None]

    async def save(self, budget: Budget, lease: Lease | None = None) -> None:
        self.rows[budget.connection_id, budget.side] = budget
        if lease is not None:
            self.leases[lease.id] = lease

    async def take_back(self, lease_id: UUID) -> Lease | None:
        if lease_id in self.returned:
            return None
        lease = self.leases.get(lease_id)
        if lease is not None:
            self.returned.add(lease_id)
        return lease

    async def knows(self, lease_id: UUID) -> bool:
        return lease_id in self.leases

    async def overdue(self, limit: int) -> list[tuple[UUID, Side]]:
        due = [
            key
            for key, budget in self.rows.items()
            if budget.exhausted_until is not None and budget.exhausted_until <= self.clock
        ]
        return due[:limit]

    async def emit(self, events: Sequence[Outgoing]) -> None:
        self.outbox.extend(events)


class FakeStore:
    """`begin` is all or nothing, as a transaction is."""

    def __init__(self) -> None:
        self.state = FakeWork()

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[FakeWork]:
        draft = copy.deepcopy(self.state)
        yield draft
        self.state = draft

    def pass_time(self, **parts: float) -> None:
        self.state.clock += timedelta(**parts)

    def events(self) -> list[object]:
        return [outgoing.event for outgoing in self.state.outbox]
