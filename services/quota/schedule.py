"""The timer of quota: restores what is due, and forgets what is old."""

import asyncio
from collections.abc import Awaitable, Callable

from services.quota.handlers import prune, review_overdue
from services.quota.ports import Store
from shared.kernel.waiting import pause

# An exhausted budget is announced as restored at most this long after its time.
REVIEW_SECONDS = 5.0
# Nothing that is pruned is in anybody's way; this keeps each round small.
PRUNE_SECONDS = 60.0

Run = Callable[[asyncio.Event], Awaitable[None]]


def review_loop(store: Store) -> Run:
    """Looks at exhausted budgets whose time has come, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await review_overdue(store)
            await pause(stop, REVIEW_SECONDS)

    return run


def prune_loop(store: Store) -> Run:
    """Deletes old leases, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await prune(store)
            await pause(stop, PRUNE_SECONDS)

    return run
