"""Wake-ups by NOTIFY: a hint that saves polling, never the only way to find work."""

import asyncio
import random
from collections import defaultdict

import asyncpg

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 10.0
"""A restarted server is found within seconds, an absent one is seldom asked."""

CHECK_SECONDS = 30.0
"""How often an idle listening connection is asked whether it still lives."""


class Wakeups:
    """Listens on one connection for any number of channels of one role's database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._events: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self._conn: asyncpg.Connection | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Listens until told to stop, and connects again with a growing, jittered wait."""
        wait = FIRST_WAIT_SECONDS
        while not stop.is_set():
            try:
                await self._listen(stop)
                wait = FIRST_WAIT_SECONDS
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
                await _pause(stop, wait * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
                wait = min(wait * 2, LONGEST_WAIT_SECONDS)

    async def wait(self, channel: str, timeout: float) -> None:  # noqa: ASYNC109 -- a poll, not a limit
        """Returns at a notification on `channel`, or after `timeout` seconds."""
        event = await self._event(channel)
        try:
            await asyncio.wait_for(event.wait(), timeout)
        except TimeoutError:
            return
        event.clear()

    async def _event(self, channel: str) -> asyncio.Event:
        known = channel in self._events
        event = self._events[channel]
        if not known and self._conn is not None and not self._conn.is_closed():
            await self._subscribe(self._conn, channel)
        return event

    async def _listen(self, stop: asyncio.Event) -> None:
        conn = await asyncpg.connect(self._url, timeout=CHECK_SECONDS)
        try:
            for channel in list(self._events):
                await self._subscribe(conn, channel)
            self._conn = conn
            for event in self._events.values():
                event.set()  # whatever was notified while nobody listened
            while not stop.is_set():
                await _pause(stop, CHECK_SECONDS)
                await conn.execute("SELECT 1", timeout=CHECK_SECONDS)
        finally:
            self._conn = None
            await conn.close(timeout=1)

    async def _subscribe(self, conn: asyncpg.Connection, channel: str) -> None:
        def heard(_conn: object, _pid: int, heard_channel: str, _payload: object) -> None:
            self._events[heard_channel].set()

        await conn.add_listener(channel, heard)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
