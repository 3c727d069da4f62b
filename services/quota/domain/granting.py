"""The decisions: grant a lease, take one back, hear a report, announce what changed."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from services.quota.domain.budget import Budget, Held, Lease, Report, add_usage, hour_of
from services.quota.domain.burst import burst_room, hold, let_go
from services.quota.domain.daily import (
    allowance_room,
    daily_rooms,
    org_room,
    percent_used,
    restore_margin,
)
from services.quota.domain.policy import (
    LONGEST_BURST_WAIT,
    LONGEST_WAIT,
    MARK_HYSTERESIS,
    MARKS,
    PACES,
    SHORTEST_WAIT,
    SLACK,
    Kind,
    Purpose,
)
from services.quota.domain.room import Room, Scope


@dataclass(frozen=True, slots=True)
class Ask:
    """A wish for `calls` calls (at least 1) under a new lease's id."""

    lease_id: UUID
    kind: Kind
    purpose: Purpose
    calls: int


@dataclass(frozen=True, slots=True)
class Refused:
    """No call now: which rule refused, and how long to wait before asking again."""

    scope: Scope
    wait: timedelta


@dataclass(frozen=True, slots=True)
class Exhausted:
    """To be announced: no more calls until `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Restored:
    """To be announced: calls are granted again."""


@dataclass(frozen=True, slots=True)
class Crossed:
    """To be announced: use went over `percent` of the allowance."""

    percent: int


Notice = Exhausted | Restored | Crossed


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer to an Ask, the budget after it, and what everybody should hear."""

    budget: Budget
    answer: Lease | Refused
    notices: tuple[Notice, ...] = ()


def take(budget: Budget, ask: Ask, *, now: datetime) -> Taken:
    """Grants as many of the calls as every rule leaves, up to a block, or refuses."""
    rooms = daily_rooms(budget, ask.purpose, now)
    burst = burst_room(budget, ask.kind, ask.purpose, now)
    rooms += [burst] if burst else []
    calls = min([ask.calls, PACES[budget.side, ask.kind].block, *(room.calls for room in rooms)])
    if calls <= 0:
        return _refuse(budget, rooms, now)
    pace = PACES[budget.side, ask.kind]
    lease = Lease(
        id=ask.lease_id,
        connection_id=budget.connection_id,
        side=budget.side,
        kind=ask.kind,
        purpose=ask.purpose,
        calls=calls,
        hour=hour_of(now),
        expires_at=now + pace.ttl,
    )
    after, notices = review(_with_lease(budget, lease, now), now=now)
    return Taken(after, lease, notices)


def give_back(budget: Budget, lease: Lease, *, used: int, now: datetime) -> Budget:
    """The budget after the holder said how many calls it made; the rest is free again.

    More calls than granted are counted as they were made: the truth matters, not the blame.
    """
    counted = add_usage(budget, lease.hour, lease.purpose, used - lease.calls)
    if counted.report is not None:
        since = max(0, counted.report.since + used - lease.calls)
        counted = replace(counted, report=replace(counted.report, since=since))
    return let_go(counted, lease.id, used, now)


def hear(budget: Budget, *, used: int, limit: int, now: datetime) -> Budget:
    """The budget after the CRM reported its own count, ours and others' calls together."""
    return replace(budget, report=Report(used=used, limit=limit, at=now))


def review(budget: Budget, *, now: datetime) -> tuple[Budget, tuple[Notice, ...]]:
    """What has to be announced after any change of the budget, or because time has passed."""
    notices: list[Notice] = []
    until = budget.exhausted_until
    if until is not None:
        rooms = [room for room in (allowance_room(budget, now), org_room(budget, now)) if room]
        short = [room for room in rooms if room.calls < restore_margin(budget)]
        if not short:
            budget = replace(budget, exhausted_until=None)
            notices.append(Restored())
        elif until <= now:
            budget, notice = _exhaust(budget, short)
            notices.append(notice)
    budget, crossed = _mark(budget, now)
    return budget, (*notices, *crossed)


def _with_lease(budget: Budget, lease: Lease, now: datetime) -> Budget:
    counted = add_usage(budget, lease.hour, lease.purpose, lease.calls)
    if counted.report is not None:
        since = counted.report.since + lease.calls
        counted = replace(counted, report=replace(counted.report, since=since))
    held = Held(
        lease_id=lease.id, kind=lease.kind, calls=lease.calls, until=lease.expires_at + SLACK
    )
    return hold(counted, held, now)


def _refuse(budget: Budget, rooms: list[Room], now: datetime) -> Taken:
    short = [room for room in rooms if room.calls <= 0]
    worst = max(short, key=lambda room: room.free_at)
    longest = LONGEST_BURST_WAIT if worst.scope is Scope.BURST else LONGEST_WAIT
    wait = min(max(worst.free_at - now, SHORTEST_WAIT), longest)
    answer = Refused(worst.scope, wait)
    daily = [room for room in short if room.scope in {Scope.ALLOWANCE, Scope.ORG}]
    if daily and budget.exhausted_until is None:
        budget, notice = _exhaust(budget, daily)
        return Taken(budget, answer, (notice,))
    return Taken(budget, answer)


def _exhaust(budget: Budget, short: list[Room]) -> tuple[Budget, Exhausted]:
    until = max(room.free_at for room in short)
    return replace(budget, exhausted_until=until), Exhausted(until)


def _mark(budget: Budget, now: datetime) -> tuple[Budget, tuple[Crossed, ...]]:
    percent = percent_used(budget, now)
    if percent is None:
        return budget, ()
    reached = max((mark for mark in MARKS if percent >= mark), default=0)
    if reached > budget.mark:
        return replace(budget, mark=reached), (Crossed(reached),)
    if percent < budget.mark - MARK_HYSTERESIS:
        return replace(budget, mark=reached), ()
    return budget, ()
