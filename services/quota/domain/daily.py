"""The daily rules: the allowance, the reserve inside it, and the limit of the whole org."""

from datetime import datetime, timedelta

from services.quota.domain.budget import Budget, calls_by_hour, leaves_at, used
from services.quota.domain.policy import (
    ASSUMED_ORG_LIMIT,
    BACKGROUND_SHARE_PERCENT,
    DAY,
    DEFAULT_SHARE_PERCENT,
    ORG_SHARE_PERCENT,
    REPORT_LIFETIME,
    RESTORE_PERCENT,
    Purpose,
)
from services.quota.domain.room import Room, Scope
from shared.kernel.records import Side


def allowance(budget: Budget) -> int | None:
    """Calls that Causeway may make in 24 h, or None where nothing is published (HubSpot).

    The admin's number, else DEFAULT_SHARE_PERCENT of the org's limit as last reported (however
    long ago), else of the smallest limit that an org has.
    """
    if budget.side is not Side.SALESFORCE:
        return None
    if budget.setting is not None:
        return budget.setting
    limit = budget.report.limit if budget.report else ASSUMED_ORG_LIMIT
    return limit * DEFAULT_SHARE_PERCENT // 100


def daily_rooms(budget: Budget, purpose: Purpose, now: datetime) -> list[Room]:
    """What each daily rule that applies to this purpose leaves."""
    rooms = [allowance_room(budget, now), org_room(budget, now)]
    if purpose.background:
        rooms.append(reserve_room(budget, now))
    return [room for room in rooms if room is not None]


def allowance_room(budget: Budget, now: datetime) -> Room | None:
    """What is left of the allowance; more is free when a restore's worth of calls has aged."""
    allowed = allowance(budget)
    if allowed is None:
        return None
    free_at = _falls_to(budget, allowed - restore_margin(budget), now)
    return Room(Scope.ALLOWANCE, allowed - used(budget, now), free_at)


def reserve_room(budget: Budget, now: datetime) -> Room | None:
    """What is left for background work before it would touch the reserve."""
    allowed = allowance(budget)
    if allowed is None:
        return None
    most = allowed * BACKGROUND_SHARE_PERCENT // 100
    return Room(Scope.RESERVE, most - used(budget, now), _falls_to(budget, most - 1, now))


def org_room(budget: Budget, now: datetime) -> Room | None:
    """What the whole org has left, by its own fresh report; None when there is none."""
    report = budget.report
    if report is None or report.at + REPORT_LIFETIME <= now:
        return None
    most = report.limit * ORG_SHARE_PERCENT // 100
    return Room(Scope.ORG, most - report.used - report.since, report.at + REPORT_LIFETIME)


def restore_margin(budget: Budget) -> int:
    """Calls that must be free before an exhausted budget is called restored."""
    return max(1, (allowance(budget) or 0) * RESTORE_PERCENT // 100)


def percent_used(budget: Budget, now: datetime) -> int | None:
    """Used calls in percent of the allowance, or None where there is no allowance."""
    allowed = allowance(budget)
    if allowed is None:
        return None
    return used(budget, now) * 100 // allowed if allowed else 100


def _falls_to(budget: Budget, target: int, now: datetime) -> datetime:
    """When use has fallen to `target` if nothing more is called."""
    over = used(budget, now) - target
    for hour, calls in calls_by_hour(budget, now).items():
        if over <= 0:
            return now
        over -= calls
        if over <= 0:
            return leaves_at(hour)
    return now + (DAY if over > 0 else timedelta(0))
