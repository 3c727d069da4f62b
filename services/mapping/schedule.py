"""The timer of mapping: reads the fields of each connection once a day."""

import asyncio
from collections.abc import Awaitable, Callable

from prometheus_client import Gauge

from services.mapping.handlers.drift import hits_of_all
from services.mapping.handlers.refresh import refresh_due
from services.mapping.ports import Crms, FieldStore
from shared.kernel.ids import IdSource
from shared.kernel.waiting import pause

QUIET_SECONDS = 60.0
"""Between two looks for what is due; a day may be a minute longer."""
PASS = 20
"""Readings in a row before the numbers are told again; each is a dozen calls."""

Run = Callable[[asyncio.Event], Awaitable[None]]


def refresh_loop(store: FieldStore, crms: Crms, new_id: IdSource, hit: Gauge) -> Run:
    """Reads what is due and tells how many mappings are hit, until told to stop (I8)."""

    async def run(stop: asyncio.Event) -> None:
        while not stop.is_set():
            await tell_hits(store, hit)
            if not await refresh_some(store, crms, new_id, stop):
                await pause(stop, QUIET_SECONDS)

    return run


async def refresh_some(
    store: FieldStore, crms: Crms, new_id: IdSource, stop: asyncio.Event
) -> bool:
    """Up to PASS readings, one after the other; whether more may be due."""
    for _ in range(PASS):
        if stop.is_set() or not await refresh_due(store, crms, new_id):
            return False
    return True


async def tell_hits(store: FieldStore, hit: Gauge) -> None:
    """Every worker tells the same numbers; a connection that is gone is told no more."""
    found = await hits_of_all(store)
    hit.clear()
    for connection_id, number in found.items():
        hit.labels(str(connection_id)).set(number)
