"""Notifications wake whoever waits; nothing else depends on them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from shared.db.notify import Wakeups
from tests.integration.plumbing.proxy import proxied
from tests.integration.plumbing.service import PATIENCE, running

LONG = 600.0
"""Seconds that no test waits for: a wait this long returns only by a notification."""


@asynccontextmanager
async def notifying(url: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(url)
    yield conn
    await conn.close()


async def woken(wakeups: Wakeups, channel: str, conn: asyncpg.Connection) -> None:
    """Notifies until the waiter is back: the first ones may come before it listens."""
    waiter = asyncio.create_task(wakeups.wait(channel, LONG))
    async with asyncio.timeout(PATIENCE):
        while not waiter.done():
            await conn.execute("SELECT pg_notify($1, '')", channel)
            await asyncio.wait({waiter}, timeout=0.05)
    await waiter


async def listening(wakeups: Wakeups, *channels: str) -> None:
    """The first wait on a channel ends when it is listened to."""
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*(wakeups.wait(channel, LONG) for channel in channels))


async def test_a_notification_ends_the_wait(database_url: str) -> None:
    wakeups = Wakeups(database_url)
    async with running(wakeups), notifying(database_url) as conn:
        await listening(wakeups, "one")
        waiter = asyncio.create_task(wakeups.wait("one", LONG))
        await conn.execute("NOTIFY one")
        async with asyncio.timeout(PATIENCE):
            await waiter


async def test_many_waiters_may_begin_at_once(database_url: str) -> None:
    wakeups = Wakeups(database_url)
    channels = [f"channel_{n}" for n in range(30)]
    async with running(wakeups):
        await listening(wakeups, *channels)


async def test_a_notification_before_the_wait_is_not_forgotten(database_url: str) -> None:
    wakeups = Wakeups(database_url)
    async with running(wakeups), notifying(database_url) as conn:
        await listening(wakeups, "one", "two")
        await conn.execute("NOTIFY one")
        await conn.execute("NOTIFY two")
        async with asyncio.timeout(PATIENCE):
            await wakeups.wait("two", LONG)  # both have arrived by now
            await wakeups.wait("one", LONG)


async def test_another_channel_wakes_nobody(database_url: str) -> None:
    wakeups = Wakeups(database_url)
    async with running(wakeups), notifying(database_url) as conn:
        await listening(wakeups, "one", "two")
        waiter = asyncio.create_task(wakeups.wait("one", LONG))
        await conn.execute("NOTIFY two")
        async with asyncio.timeout(PATIENCE):
            await wakeups.wait("two", LONG)
        assert not waiter.done()
        waiter.cancel()


async def test_without_a_notification_the_wait_is_a_poll(database_url: str) -> None:
    await Wakeups(database_url).wait("one", 0.01)


async def test_a_cut_connection_is_replaced_and_the_gap_wakes_everybody(
    database_url: str,
) -> None:
    async with proxied(database_url) as proxy:
        wakeups = Wakeups(proxy.url)
        async with running(wakeups), notifying(database_url) as conn:
            await listening(wakeups, "one")
            waiter = asyncio.create_task(wakeups.wait("one", LONG))
            proxy.cut()
            async with asyncio.timeout(PATIENCE):
                await waiter
            await woken(wakeups, "one", conn)


@pytest.mark.parametrize("url", ["postgresql://u:p@127.0.0.1:1/none"])
async def test_an_absent_server_is_asked_again_until_the_stop(url: str) -> None:
    async with running(Wakeups(url)):
        await asyncio.sleep(0)
