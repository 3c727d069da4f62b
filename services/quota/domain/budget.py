"""One budget: what one connection may call on one side, and what it has called."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.quota.domain.policy import DAY, HOUR, LEASE_TAIL, Kind, Purpose
from shared.kernel.records import Side

Hours = Mapping[datetime, Mapping[Purpose, int]]


@dataclass(frozen=True, slots=True)
class Held:
    """A lease as the burst window sees it: a call of it may arrive up to `until`."""

    lease_id: UUID
    kind: Kind
    calls: int
    until: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """What the CRM said about all calls of the org or account, ours and others'.

    `since` counts the calls that were granted after the report.
    """

    used: int
    limit: int
    at: datetime
    since: int = 0


@dataclass(frozen=True, slots=True)
class Lease:
    """Calls granted to one holder until `expires_at`; `hour` is where they were counted."""

    id: UUID
    connection_id: UUID
    side: Side
    kind: Kind
    purpose: Purpose
    calls: int
    hour: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Budget:
    """The whole state of one budget. `setting` is the admin's daily number, None for none.

    `hours` holds the calls per purpose by the hour in which they were granted; `mark` is the
    highest mark of use that was announced; `exhausted_until` is set from the announcement of
    an exhausted allowance to that of its return. `heard` is the stamp (see Standing) of the latest
    event that said whether the connection is there.
    """

    connection_id: UUID
    side: Side
    setting: int | None = None
    settings_version: int = 0
    report: Report | None = None
    exhausted_until: datetime | None = None
    mark: int = 0
    hours: Hours = field(default_factory=dict)
    held: tuple[Held, ...] = ()
    removed: bool = False
    heard: str = ""


def hour_of(moment: datetime) -> datetime:
    """The start of the hour that `moment` lies in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def counted_since(now: datetime) -> datetime:
    """The oldest hour that still counts as used.

    A call may be made up to LEASE_TAIL after its grant, and an hour counts as a whole. So the
    calls of any 24 h that end now were granted after now - 24 h - LEASE_TAIL, and every such
    grant lies in an hour that starts no earlier than this.
    """
    return hour_of(now - LEASE_TAIL) - DAY


def leaves_at(hour: datetime) -> datetime:
    """When the calls of `hour` stop counting: the inverse of `counted_since`."""
    return hour + HOUR + DAY + LEASE_TAIL


def calls_by_hour(budget: Budget, now: datetime) -> dict[datetime, int]:
    """Calls of each hour that counts, oldest first."""
    since = counted_since(now)
    return {
        hour: sum(purposes.values())
        for hour, purposes in sorted(budget.hours.items())
        if hour >= since
    }


def used(budget: Budget, now: datetime) -> int:
    """Calls that count as used now: made, or granted and not returned."""
    return sum(calls_by_hour(budget, now).values())


def add_usage(budget: Budget, hour: datetime, purpose: Purpose, calls: int) -> Budget:
    """The budget with `calls` (negative: returned) more in `hour`; forgets what is too old."""
    before = budget.hours.get(hour, {})
    after = {**before, purpose: max(0, before.get(purpose, 0) + calls)}
    kept = {
        known: purposes
        for known, purposes in budget.hours.items()
        if known >= counted_since(hour) - HOUR
    }
    return replace(budget, hours={**kept, hour: after})
