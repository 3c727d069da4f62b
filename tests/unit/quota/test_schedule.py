import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

from services.quota.domain.budget import Budget
from services.quota.schedule import review_loop
from shared.contracts.quota import QuotaRestored
from shared.kernel.records import Side
from tests.unit.quota.fakes import START, FakeStore, FakeWork


class StoppingStore(FakeStore):
    """Ends the loop after the second transaction: the look and the one review."""

    def __init__(self, stop: asyncio.Event) -> None:
        super().__init__()
        self.stop = stop
        self.transactions = 0

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[FakeWork]:
        async with super().begin() as work:
            yield work
        self.transactions += 1
        if self.transactions == 2:
            self.stop.set()


async def test_the_review_restores_what_is_due_and_stops_when_told() -> None:
    stop = asyncio.Event()
    store = StoppingStore(stop)
    connection_id = UUID(int=1)
    due = START - timedelta(minutes=1)
    store.state.rows[connection_id, Side.SALESFORCE] = Budget(
        connection_id, Side.SALESFORCE, exhausted_until=due
    )
    await asyncio.wait_for(review_loop(store)(stop), timeout=5)
    assert store.events() == [QuotaRestored(side=Side.SALESFORCE)]
