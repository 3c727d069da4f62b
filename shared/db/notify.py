"""Wake-ups by NOTIFY: a hint that saves polling, never the only way to find work."""

import asyncio
import random

import asyncpg

from shared.db.database import connection_options
from shared.kernel.waiting import pause

FIRST_WAIT_SECONDS = 0.2
LONGEST_WAIT_SECONDS = 10.0
"""A restarted server is found within seconds, an absent one is seldom asked."""

CHECK_SECONDS = 30.0
"""How often an idle listening connection is asked whether it still lives."""

CLOSE_SECONDS = 1.0
"""A connection that does not close by then is dropped."""


class Wakeups:
    """Listens on one connection for any number of channels of one role's database.

    Without `run`, or while the server is away, `wait` is a plain poll. The connection must be
    Postgres' own: a pooler in transaction mode loses LISTEN.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._events: dict[str, asyncio.Event] = {}
        self._changed = asyncio.Event()
        self._wait = FIRST_WAIT_SECONDS

    async def run(self, stop: asyncio.Event) -> None:
        """Listens until told to stop, and connects again with a growing, jittered wait."""
        stopping = asyncio.create_task(_until_set(stop, self._changed))
        try:
            while not stop.is_set():
                try:
                    await self._listen(stop)
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                    await pause(stop, self._wait * random.uniform(0.5, 1.5))  # noqa: S311 -- jitter
                    self._wait = min(self._wait * 2, LONGEST_WAIT_SECONDS)
        finally:
            stopping.cancel()

    def event(self, channel: str) -> asyncio.Event:
        """Is set at a notification on `channel`; whoever waits clears it before it looks."""
        if channel not in self._events:
            self._events[channel] = asyncio.Event()
            self._changed.set()
        return self._events[channel]

    async def wait(self, channel: str, timeout: float) -> None:  # noqa: ASYNC109 -- a poll, not a limit
        """Returns at a notification on `channel`, or after `timeout` seconds."""
        event = self.event(channel)
        await pause(event, timeout)
        event.clear()

    async def _listen(self, stop: asyncio.Event) -> None:
        """One connection's life. Only this task uses it, so no two statements ever collide."""
        conn = await asyncpg.connect(self._url, **connection_options("wakeups"))
        try:
            conn.add_termination_listener(lambda _conn: self._changed.set())
            heard: set[str] = set()
            while not stop.is_set():
                self._changed.clear()
                for channel in self._events.keys() - heard:
                    await conn.add_listener(channel, self._on_notification)
                    heard.add(channel)
                    self._events[channel].set()  # for what was notified while nobody listened
                self._wait = FIRST_WAIT_SECONDS
                await pause(self._changed, CHECK_SECONDS)
                await conn.execute("SELECT 1")
        finally:
            await _close(conn)

    def _on_notification(self, _conn: object, _pid: int, channel: str, _payload: object) -> None:
        self._events[channel].set()


async def _until_set(stop: asyncio.Event, changed: asyncio.Event) -> None:
    await stop.wait()
    changed.set()


async def _close(conn: asyncpg.Connection) -> None:
    """Must not hide why the connection ended."""
    try:
        await conn.close(timeout=CLOSE_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        conn.terminate()
