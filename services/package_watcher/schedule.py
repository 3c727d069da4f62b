"""The loops of the worker: look at the installations that are due, and at packages, daily."""

import asyncio
from collections.abc import Awaitable, Callable

from services.package_watcher.handlers.check import Checker, check_one
from services.package_watcher.handlers.watch import Watcher, watch_one
from services.package_watcher.handlers.window_watch import WindowWatcher, watch_window
from shared.db.notify import Wakeups
from shared.kernel.waiting import pause

QUIET_POLL_SECONDS = 1.0
"""A notification wakes the loop for a new order; this poll finds looks whose time has come."""

CHECK_POLL_SECONDS = 5.0
"""One look-up in an index; a check that somebody orders begins within seconds."""


def watch_loop(
    watcher: Watcher, wakeups: Wakeups, channel: str
) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Looks at one installation after the other, until told to stop (I8)."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await watch_one(watcher):
                await wakeups.wait(channel, QUIET_POLL_SECONDS)

    return run


def check_loop(checker: Checker) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Checks one package after the other, until told to stop (I8)."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await check_one(checker):
                await pause(stop, CHECK_POLL_SECONDS)

    return run


def window_loop(
    watcher: WindowWatcher, wakeups: Wakeups, channel: str
) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Looks at one order about the window after the other, until told to stop (I8)."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await watch_window(watcher):
                await wakeups.wait(channel, QUIET_POLL_SECONDS)

    return run
