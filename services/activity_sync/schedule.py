"""The loop of the worker: drain lanes."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from services.activity_sync.handlers.batch import Drain
from services.activity_sync.handlers.drain import drain_batch
from shared.db.notify import Wakeups

MAILBOX_CHANNEL = "activity_sync_mailbox"
QUIET_POLL_SECONDS = 1.0
"""A notification wakes the drain; this poll finds rows whose time has come."""


def drain_loop(
    drain: Drain, wakeups: Wakeups, new_id: Callable[[], UUID]
) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Serves one batch of the longest-waiting lane after the other, until told to stop (I8)."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await _serve_one(drain, new_id()):
                await wakeups.wait(MAILBOX_CHANNEL, QUIET_POLL_SECONDS)

    return run


async def _serve_one(drain: Drain, holder: UUID) -> bool:
    async with drain.store.begin() as work:
        lane = await work.mail.claim_lane(holder=holder, lease=drain.lease)
    if lane is None:
        return False
    try:
        return await drain_batch(drain, lane) > 0
    finally:
        async with drain.store.begin() as work:
            await work.mail.release_lane(lane)
