"""The loops of the worker: split deliveries, poll both sides."""

import asyncio
from collections.abc import Awaitable, Callable

from services.ingress.handlers.poll import Polling, poll_next
from services.ingress.handlers.webhook import split_some
from services.ingress.ports import HashOf, Store
from shared.db.notify import Wakeups
from shared.kernel.records import Side
from shared.kernel.waiting import pause

QUIET_POLL_SECONDS = 1.0
"""A notification wakes the splitter; this poll finds what a lost notification left."""

DUE_CHECK_SECONDS = 0.5
"""How late a round of polling may start; the check is one indexed query."""

Loop = Callable[[asyncio.Event], Awaitable[None]]


def split_loop(store: Store, hash_of: HashOf, wakeups: Wakeups, channel: str) -> Loop:
    """Splits deliveries as they come, until told to stop (I8)."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await split_some(store, hash_of):
                await wakeups.wait(channel, QUIET_POLL_SECONDS)

    return run


def poll_loop(polling: Polling, side: Side) -> Loop:
    """Polls one side of all connections in turn, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await poll_next(polling, side):
                await pause(stop, DUE_CHECK_SECONDS)

    return run
