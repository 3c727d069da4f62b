"""The timer of quota: restores what is due."""

import asyncio
from collections.abc import Awaitable, Callable

from services.quota.handlers import review_overdue
from services.quota.ports import Store
from shared.kernel.waiting import pause

# An exhausted budget is announced as restored at most this long after its time.
REVIEW_SECONDS = 5.0

Run = Callable[[asyncio.Event], Awaitable[None]]


def review_loop(store: Store) -> Run:
    """Looks at exhausted budgets whose time has come, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await review_overdue(store)
            await pause(stop, REVIEW_SECONDS)

    return run
