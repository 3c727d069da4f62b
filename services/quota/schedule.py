"""The timer of quota: restores what is due, and forgets what is old."""

import asyncio
from collections.abc import Awaitable, Callable

from services.quota.handlers import prune, review_overdue
from services.quota.ports import Store
from shared.db.database import Database
from shared.outbox.inbox import Inbox

# An exhausted budget is announced as restored at most this long after its time.
REVIEW_SECONDS = 5.0
# Nothing that is pruned is in anybody's way; this keeps each round small.
PRUNE_SECONDS = 60.0
PRUNE_ROWS = 1_000

Run = Callable[[asyncio.Event], Awaitable[None]]


def review_loop(store: Store) -> Run:
    """Looks at exhausted budgets whose time has come, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await review_overdue(store)
            await _pause(stop, REVIEW_SECONDS)

    return run


def prune_loop(store: Store, database: Database, inbox: Inbox) -> Run:
    """Deletes old leases and inbox rows, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await prune(store)
            async with database.begin() as conn:
                await inbox.prune(conn, limit=PRUNE_ROWS)
            await _pause(stop, PRUNE_SECONDS)

    return run


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
