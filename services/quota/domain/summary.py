"""What a person sees of a budget."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from services.quota.domain.budget import Budget, calls_by_hour, hour_of, used
from services.quota.domain.daily import allowance
from services.quota.domain.policy import DAY, HOUR, Purpose
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class Summary:
    """One side's use: `hours` are the last 24, oldest first, quiet ones included."""

    side: Side
    allowance: int | None
    set_by_admin: bool
    used: int
    left: int | None
    hours: tuple[tuple[datetime, int], ...]
    purposes: dict[Purpose, int]
    exhausted_until: datetime | None
    org_used: int | None
    org_limit: int | None
    reported_at: datetime | None


def summary(budget: Budget, now: datetime) -> Summary:
    """The budget as numbers for a page; calls out on a lease count as used."""
    allowed = allowance(budget)
    spent = used(budget, now)
    report = budget.report
    return Summary(
        side=budget.side,
        allowance=allowed,
        set_by_admin=budget.setting is not None,
        used=spent,
        left=None if allowed is None else max(0, allowed - spent),
        hours=_last_day(budget, now),
        purposes=_by_purpose(budget, now),
        exhausted_until=budget.exhausted_until,
        org_used=report.used if report else None,
        org_limit=report.limit if report else None,
        reported_at=report.at if report else None,
    )


def _last_day(budget: Budget, now: datetime) -> tuple[tuple[datetime, int], ...]:
    counted = calls_by_hour(budget, now)
    first = hour_of(now) - DAY + HOUR
    hours = [first + n * HOUR for n in range(24)]
    return tuple((hour, counted.get(hour, 0)) for hour in hours)


def _by_purpose(budget: Budget, now: datetime) -> dict[Purpose, int]:
    total: Counter[Purpose] = Counter()
    for hour in calls_by_hour(budget, now):
        total.update(budget.hours[hour])
    return {purpose: total[purpose] for purpose in Purpose}
