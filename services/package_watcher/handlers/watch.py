"""One look at one installation: take it, do its step in the org, settle what was seen.

No transaction is open while Salesforce is asked (I5). A watcher that dies in between costs a
lease's time; the next one does the same step again, and every step can be repeated (I6).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from services.package_watcher.domain.advance import advance, step_of
from services.package_watcher.domain.cadence import Cadence, next_look
from services.package_watcher.domain.model import Org
from services.package_watcher.domain.observation import Held, Observation, Unreachable
from services.package_watcher.handlers.announce import announce
from services.package_watcher.ports import Salesforce, Store, Taken

LEASE = timedelta(minutes=5)
"""A step makes at most eight calls of twenty seconds each; after twice that the watcher is dead."""


@dataclass(frozen=True, slots=True)
class Watcher:
    """What watching needs."""

    store: Store
    salesforce: Salesforce
    new_id: Callable[[], UUID]
    cadence: Cadence = field(default_factory=Cadence)


async def watch_one(watcher: Watcher) -> bool:
    """Looks at the installation that is due longest; False when none is due."""
    async with watcher.store.begin() as work:
        taken = await work.installations.take(token=watcher.new_id(), lease=LEASE)
        org = await work.orgs.get(taken.installation.connection_id) if taken else None
    if taken is None:
        return False
    await _settle(watcher, taken, org, await _observe(watcher, taken, org))
    return True


async def _observe(watcher: Watcher, taken: Taken, org: Org | None) -> Observation | None:
    step = step_of(taken.installation)
    if step is None or org is None:
        return None
    return await watcher.salesforce.carry_out(step, taken.installation, org)


async def _settle(
    watcher: Watcher, taken: Taken, org: Org | None, seen: Observation | None
) -> None:
    async with watcher.store.begin() as work:
        current = await work.installations.retake(taken)
        if current is None:
            return
        if seen is None or org is None:
            await work.installations.settle(current, None)
            return
        advanced, effects = advance(current, seen, await work.now())
        answered = not isinstance(seen, (Held, Unreachable))
        due_in = next_look(advanced, watcher.cadence, answered=answered)
        await work.installations.settle(advanced, due_in)
        await announce(work, advanced, effects, org)
