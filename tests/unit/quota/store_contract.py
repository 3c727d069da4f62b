"""What every store of quota promises; the fake and Postgres both keep it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.quota.domain.budget import Budget, Held, Lease, Report, hour_of
from services.quota.domain.policy import Kind, Purpose
from services.quota.ports import Store
from shared.kernel.records import Side


def lease_for(budget: Budget, hour: datetime, expires_at: datetime) -> Lease:
    return Lease(
        id=uuid4(),
        connection_id=budget.connection_id,
        side=budget.side,
        kind=Kind.CALL,
        purpose=Purpose.LIVE,
        calls=7,
        hour=hour,
        expires_at=expires_at,
    )


class StoreContract:
    """Subclasses give the fixture `store`; every test uses connections of its own."""

    @pytest.fixture
    def connection_id(self) -> UUID:
        return uuid4()

    async def test_a_budget_is_made_when_it_is_first_locked(
        self, store: Store, connection_id: UUID
    ) -> None:
        async with store.begin() as work:
            assert await work.budgets(connection_id) == []
            assert await work.lock(connection_id, Side.SALESFORCE) == Budget(
                connection_id, Side.SALESFORCE
            )
        async with store.begin() as work:
            assert await work.budgets(connection_id) == [Budget(connection_id, Side.SALESFORCE)]

    async def test_everything_of_a_budget_comes_back_as_it_was_saved(
        self, store: Store, connection_id: UUID
    ) -> None:
        async with store.begin() as work:
            await work.lock(connection_id, Side.HUBSPOT)
            now = await work.now()
            budget = Budget(
                connection_id,
                Side.HUBSPOT,
                setting=500,
                settings_version=3,
                report=Report(used=5, limit=100, at=now, since=2),
                exhausted_until=now + timedelta(hours=1),
                mark=80,
                hours={hour_of(now): {Purpose.LIVE: 3, Purpose.IMPORT: 4}},
                held=(Held(uuid4(), Kind.SEARCH, 2, now),),
                removed=True,
            )
            await work.save(budget)
        async with store.begin() as work:
            assert await work.lock(connection_id, Side.HUBSPOT) == budget
            assert await work.budgets(connection_id) == [budget]

    async def test_a_lease_is_taken_back_once_and_known_afterwards(
        self, store: Store, connection_id: UUID
    ) -> None:
        async with store.begin() as work:
            budget = await work.lock(connection_id, Side.SALESFORCE)
            now = await work.now()
            lease = lease_for(budget, hour_of(now), now + timedelta(minutes=1))
            await work.save(budget, lease)
        async with store.begin() as work:
            assert await work.take_back(lease.id) == lease
        async with store.begin() as work:
            assert await work.take_back(lease.id) is None
            assert await work.knows(lease.id)
            assert await work.take_back(uuid4()) is None
            assert not await work.knows(uuid4())

    async def test_an_error_undoes_everything(self, store: Store, connection_id: UUID) -> None:
        async def fail() -> None:
            async with store.begin() as work:
                await work.save(await work.lock(connection_id, Side.SALESFORCE))
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        async with store.begin() as work:
            assert await work.budgets(connection_id) == []

    async def test_overdue_are_those_whose_time_has_come(
        self, store: Store, connection_id: UUID
    ) -> None:
        async with store.begin() as work:
            for side, hours in ((Side.HUBSPOT, 1), (Side.SALESFORCE, -1)):
                await work.lock(connection_id, side)
                until = await work.now() + timedelta(hours=hours)
                await work.save(Budget(connection_id, side, exhausted_until=until))
        async with store.begin() as work:
            due = [key for key in await work.overdue(1000) if key[0] == connection_id]
            assert due == [(connection_id, Side.SALESFORCE)]
