"""The loops of the worker: drain lanes, walk imports."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

from services.contact_sync.handlers.drain import Drain, drain_batch
from services.contact_sync.handlers.imports import Importer, import_page
from shared.db.notify import Wakeups

MAILBOX_CHANNEL = "contact_sync_mailbox"
QUIET_POLL_SECONDS = 1.0
"""A notification wakes the drain; this poll finds rows whose time has come."""

IMPORT_POLL_SECONDS = 1.0
"""An import that was just asked for starts within this time."""


def drain_loop(
    drain: Drain,
    wakeups: Wakeups,
    new_id: Callable[[], UUID],
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


def import_loop(importer: Importer) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Walks the imports, a page at a time, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await import_page(importer):
                await _pause(stop, IMPORT_POLL_SECONDS)

    return run


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
