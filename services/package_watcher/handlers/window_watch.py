"""One look at the work on a window: take it, do its step in the org, settle what was seen.

As with installations: no transaction is open while Salesforce is asked (I5), a watcher that dies
costs a lease, and every step can be repeated (I6).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.package_watcher.domain.cadence import LONGEST_WAIT_SECONDS, Cadence
from services.package_watcher.domain.window import (
    ENDED,
    Action,
    Placed,
    Window,
    WindowSeen,
    advance_window,
    window_step,
)
from services.package_watcher.handlers.window import SUBJECT
from services.package_watcher.ports import Store, TakenWindow, WindowSalesforce, Work
from shared.contracts.base import Event
from shared.contracts.package_watcher import VisualforceAdded, VisualforceRemoved
from shared.outbox.mail import Outgoing

LEASE = timedelta(minutes=5)
"""A step makes at most four calls of twenty seconds each; after that the watcher is dead."""


@dataclass(frozen=True, slots=True)
class WindowWatcher:
    """What watching needs."""

    store: Store
    salesforce: WindowSalesforce
    new_id: Callable[[], UUID]
    cadence: Cadence = field(default_factory=Cadence)


async def watch_window(watcher: WindowWatcher) -> bool:
    """Looks at the window that is due longest; False when none is due."""
    async with watcher.store.begin() as work:
        taken = await work.windows.take(token=watcher.new_id(), lease=LEASE)
    if taken is None:
        return False
    step = window_step(taken.window)
    seen = None if step is None else await watcher.salesforce.carry_out(step, taken.window)
    await _settle(watcher, taken, seen)
    return True


async def _settle(watcher: WindowWatcher, taken: TakenWindow, seen: WindowSeen | None) -> None:
    async with watcher.store.begin() as work:
        current = await work.windows.retake(taken)
        if current is None:
            return
        if seen is None:
            await work.windows.settle(current, None)
            return
        advanced, placed = advance_window(current, seen, await work.now())
        await work.windows.settle(advanced, _next(advanced, watcher.cadence))
        if placed is not None:
            await _announce(work, advanced, placed)


def _next(window: Window, cadence: Cadence) -> timedelta | None:
    if window.state in ENDED:
        return None
    pause = max(cadence.pause(window.quiet_looks), window.wait or 0.0)
    return timedelta(seconds=min(LONGEST_WAIT_SECONDS, pause))


async def _announce(work: Work, window: Window, placed: Placed) -> None:
    await work.orgs.decide_window(window.connection_id, window.state.value)
    await work.emit([Outgoing(window.connection_id, SUBJECT, _event(placed))])


def _event(placed: Placed) -> Event:
    if placed.action is Action.ADD:
        return VisualforceAdded(layouts=placed.layouts)
    return VisualforceRemoved(layouts=placed.layouts)
