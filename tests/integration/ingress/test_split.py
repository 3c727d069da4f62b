"""Deliveries on Postgres: split by several workers, pruned in bites."""

import asyncio

import pytest
from sqlalchemy import func, select

from services.ingress.handlers.webhook import split_some
from services.ingress.ports import Delivery
from services.ingress.store.tables import TABLES
from shared.kernel.ids import new_id
from shared.security.hashing import FieldHash
from tests.integration.ingress.conftest import Door, body, event

HASH = FieldHash(b"k" * 32)


async def store_many(door: Door, number: int) -> None:
    """Deliveries of one change each, every one about a record of its own."""
    async with door.store.begin() as work:
        for one in range(number):
            await work.deliveries.store(Delivery(new_id(), body(event(one)), None))


async def count_events(door: Door) -> dict[str, int]:
    """How many events there are, by subject."""
    outbox = TABLES.outbox
    async with door.database.begin() as conn:
        query = select(outbox.c.subject, func.count()).group_by(outbox.c.subject)
        return {row[0]: row[1] for row in (await conn.execute(query)).all()}


async def test_two_workers_never_double_a_delivery(door: Door) -> None:
    await store_many(door, 150)

    async def work() -> int:
        total = 0
        while taken := await split_some(door.store, HASH):
            total += taken
        return total

    assert sum(await asyncio.gather(work(), work(), work())) == 150
    counted = await count_events(door)
    assert len(counted) == 150
    assert set(counted.values()) == {1}


async def test_a_delivery_that_another_worker_holds_is_skipped(door: Door) -> None:
    await store_many(door, 25)
    async with door.store.begin() as first:
        assert len(await first.deliveries.take(20)) == 20
        async with door.store.begin() as second:
            assert len(await second.deliveries.take(20)) == 5


async def test_a_split_that_breaks_is_done_again_by_the_next(door: Door) -> None:
    await store_many(door, 3)

    async def breaks() -> None:
        async with door.store.begin() as work:
            taken = await work.deliveries.take(20)
            await work.deliveries.mark_split([delivery.id for delivery in taken])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await breaks()
    assert await split_some(door.store, HASH) == 3
    assert await split_some(door.store, HASH) == 0
