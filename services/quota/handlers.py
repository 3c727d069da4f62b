"""The use cases of quota: load, decide, save and announce."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.quota.domain.budget import Budget, Lease
from services.quota.domain.granting import (
    Ask,
    Exhausted,
    Notice,
    Refused,
    Restored,
    give_back,
    hear,
    review,
    take,
)
from services.quota.domain.summary import Summary, summary
from services.quota.ports import Store, Work
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved
from shared.contracts.mapping import SettingsPublished
from shared.contracts.quota import QuotaExhausted, QuotaRestored, QuotaThresholdCrossed
from shared.kernel.errors import FatalError
from shared.kernel.records import Side
from shared.outbox.mail import Outgoing

# Budgets looked at in one round of the timer; what is left is due in the next round.
REVIEW_BATCH = 100


class UnknownError(FatalError):
    """There is nothing under this id."""


class RemovedError(FatalError):
    """The connection was removed: nothing is granted any more."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What the holder of a lease says at its end; the report is the CRM's own count, if seen."""

    used: int
    reported_used: int | None = None
    reported_limit: int | None = None


async def lease_calls(store: Store, connection_id: UUID, side: Side, ask: Ask) -> Lease | Refused:
    """Grants a block of calls, or says which rule refused and for how long.

    Raises:
        RemovedError: the connection was removed.
    """
    async with store.begin() as work:
        budget = await work.lock(connection_id, side)
        if budget.removed:
            raise RemovedError(
                f"Connection {connection_id} was removed, so no calls are granted for it. "
                "Stop the work of this connection.",
                code="connection-removed",
            )
        taken = take(budget, ask, now=await work.now())
        lease = taken.answer if isinstance(taken.answer, Lease) else None
        if taken.budget != budget:
            await work.save(taken.budget, lease)
        await _announce(work, budget, taken.notices)
    return taken.answer


async def return_lease(store: Store, lease_id: UUID, returned: Returned) -> None:
    """Frees what was not used and notes what the CRM reported; a repeated return changes nothing.

    Raises:
        UnknownError: no such lease, or it expired so long ago that it was forgotten.
    """
    async with store.begin() as work:
        lease = await work.take_back(lease_id)
        if lease is None:
            await _check_known(work, lease_id)
            return
        budget = await work.lock(lease.connection_id, lease.side)
        now = await work.now()
        after = give_back(budget, lease, used=returned.used, now=now)
        if returned.reported_used is not None and returned.reported_limit is not None:
            after = hear(after, used=returned.reported_used, limit=returned.reported_limit, now=now)
        await _save_reviewed(work, after)


async def usage(store: Store, connection_id: UUID) -> list[Summary]:
    """Both sides' use of a connection.

    Raises:
        UnknownError: no budget was ever made for this connection.
    """
    async with store.begin() as work:
        budgets = await work.budgets(connection_id)
        now = await work.now()
    if not budgets:
        raise UnknownError(
            f"No budget is known for connection {connection_id}. Check the id; a new connection "
            "gets its budget when both CRMs are connected.",
            code="connection-unknown",
        )
    return [summary(budget, now) for budget in budgets]


async def note_event(work: Work, connection_id: UUID, event: Event, at: str) -> None:
    """What the events of other services mean for the budgets of a connection.

    `at` is the event's stamp (see Standing): events may come in any order, and again.
    """
    match event:
        case ConnectionEstablished():
            await _note_life(work, connection_id, at, removed=False)
            if event.moved:
                # Another org has calls of its own, and none of them was used by us.
                budget = await work.lock(connection_id, Side.SALESFORCE)
                await _save_reviewed(work, replace(budget, report=None, hours={}, mark=0))
        case ConnectionRemoved():
            await _note_life(work, connection_id, at, removed=True)
        case SettingsPublished():
            await _note_settings(work, connection_id, event)
        case _:
            return


async def review_overdue(store: Store) -> int:
    """Announces again or restores what is exhausted and due; answers how many were looked at."""
    async with store.begin() as work:
        due = await work.overdue(REVIEW_BATCH)
    for connection_id, side in due:
        async with store.begin() as work:
            await _save_reviewed(work, await work.lock(connection_id, side))
    return len(due)


async def _note_life(work: Work, connection_id: UUID, at: str, *, removed: bool) -> None:
    for side in Side:
        budget = await work.lock(connection_id, side)
        if at > budget.heard:
            until = None if removed else budget.exhausted_until
            await work.save(replace(budget, removed=removed, exhausted_until=until, heard=at))


async def _note_settings(work: Work, connection_id: UUID, event: SettingsPublished) -> None:
    budget = await work.lock(connection_id, Side.SALESFORCE)
    if event.settings.version < budget.settings_version:
        return
    after = replace(
        budget,
        setting=event.settings.daily_salesforce_calls,
        settings_version=event.settings.version,
    )
    await _save_reviewed(work, after)


async def _save_reviewed(work: Work, budget: Budget) -> None:
    after, notices = review(budget, now=await work.now())
    await work.save(after)
    await _announce(work, budget, notices)


async def _check_known(work: Work, lease_id: UUID) -> None:
    if not await work.knows(lease_id):
        raise UnknownError(
            f"Lease {lease_id} is unknown or was forgotten after it expired; its calls count as "
            "used. There is nothing to do.",
            code="lease-unknown",
        )


async def _announce(work: Work, budget: Budget, notices: Sequence[Notice]) -> None:
    if notices:
        events = [_event(budget.side, notice) for notice in notices]
        await work.emit([Outgoing(budget.connection_id, budget.side.value, e) for e in events])


def _event(side: Side, notice: Notice) -> Event:
    match notice:
        case Exhausted(until):
            return QuotaExhausted(side=side, until=until)
        case Restored():
            return QuotaRestored(side=side)
        case _:
            return QuotaThresholdCrossed(side=side, percent=notice.percent)
