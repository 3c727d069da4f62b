"""The loop of the worker: look at the installations that are due."""

import asyncio
from collections.abc import Awaitable, Callable

from services.package_watcher.handlers.watch import Watcher, watch_one
from shared.db.notify import Wakeups

QUIET_POLL_SECONDS = 1.0
"""A notification wakes the loop for a new order; this poll finds looks whose time has come."""


def watch_loop(
    watcher: Watcher, wakeups: Wakeups, channel: str
) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Looks at one installation after the other, until told to stop (I8)."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await watch_one(watcher):
                await wakeups.wait(channel, QUIET_POLL_SECONDS)

    return run
