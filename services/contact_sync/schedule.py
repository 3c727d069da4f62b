"""The worker's own loop: walk the imports (lanes are served by shared.outbox.lanes)."""

import asyncio
from collections.abc import Awaitable, Callable

from services.contact_sync.handlers.imports import Importer, import_page
from shared.kernel.waiting import pause

IMPORT_POLL_SECONDS = 1.0
"""An import that was just asked for starts within this time."""


def import_loop(importer: Importer) -> Callable[[asyncio.Event], Awaitable[None]]:
    """Walks the imports, a page at a time, until told to stop."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await import_page(importer):
                await pause(stop, IMPORT_POLL_SECONDS)

    return run
