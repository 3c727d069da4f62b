"""The daily check: is the package still in place? One connection at a time, one worker each.

No transaction is open while Salesforce is asked (I5). A result that comes after an installation
has put or taken the package is dropped.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from services.package_watcher.domain.model import RESTING
from services.package_watcher.domain.presence import BUSY_AFTER, Finding, checked, next_check
from services.package_watcher.handlers.announce import announce_check
from services.package_watcher.handlers.refusals import NOT_INSTALLED, RefusedError, known
from services.package_watcher.ports import Checking, Salesforce, Store

LEASE = timedelta(minutes=5)
"""A check makes at most seven calls of twenty seconds each; after twice that it is dead."""


@dataclass(frozen=True, slots=True)
class Checker:
    """What checking needs."""

    store: Store
    salesforce: Salesforce
    new_id: Callable[[], UUID]


async def check_one(checker: Checker) -> bool:
    """Checks the package that is due longest; False when none is due."""
    async with checker.store.begin() as work:
        checking = await work.presences.take(token=checker.new_id(), lease=LEASE)
        if checking is None:
            return False
        connection_id = checking.presence.connection_id
        org = await work.orgs.get(connection_id)
        current = await work.installations.current(connection_id)
        if org is None or (current and current.installation.state not in RESTING):
            await work.presences.put(checking.presence, BUSY_AFTER)
            return True
    seen = await checker.salesforce.check_up(checking.presence, org)
    await _settle(checker, checking, seen, org.user_id)
    return True


async def check_now(store: Store, connection_id: UUID) -> None:
    """Has the package looked at at once.

    Raises:
        RefusedError: the connection is unknown, or no package was ever in place.
    """
    async with store.begin() as work:
        known(await work.orgs.get(connection_id), connection_id)
        if await work.presences.get(connection_id) is None:
            raise RefusedError(
                "No package has been in place here, so there is nothing to check. Order an "
                "installation; the method manual only looks.",
                code=NOT_INSTALLED,
            )
        await work.presences.hasten([connection_id])


async def _settle(checker: Checker, checking: Checking, seen: Finding, user_id: str) -> None:
    async with checker.store.begin() as work:
        presence = await work.presences.retake(checking)
        if presence is None:
            return
        after, effects = checked(presence, seen, user_id, await work.now())
        await work.presences.checked(after, next_check(after, seen))
        await announce_check(work, after, effects)
