"""Polling without a gap: an overlap that finds late commits, and rows that were seen once.

SystemModstamp is set when a transaction writes, but others see the row when it commits; a poll
that starts where the last one ended would miss it (facts: salesforce-api 2.3). HubSpot's search
index lags for "a few moments" (facts: hubspot-api 5).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.ingress.domain.news import News
from shared.kernel.records import ObjectType, RecordRef, Side

OVERLAP = timedelta(seconds=60)
"""Longer than an ordinary Salesforce transaction and than HubSpot's index lag; costs no call."""

FIRST_LOOK_BACK = timedelta(minutes=5)
"""A new connection starts this far back: what changed during the setup is not history."""

OBJECT_TYPES = {
    "Contact": ObjectType.CONTACT,
    "Lead": ObjectType.CONTACT,
    "Account": ObjectType.COMPANY,
    "Task": ObjectType.TASK,
    "tasks": ObjectType.TASK,
}


@dataclass(frozen=True, slots=True)
class PolledRow:
    """One row of a poll's answer. `values` are the mapped fields in the CRM's spelling."""

    side: Side
    object_name: str
    record_id: str
    modified_at: datetime
    created_at: datetime
    deleted: bool
    ours: bool | None
    values: dict[str, object]


def first_position(now: datetime) -> datetime:
    """Where polling starts that never ended a round; it is stored before the first round.

    Otherwise a first round that fails would start later each time, and lose what lies between.
    """
    return now - FIRST_LOOK_BACK


def start_of_round(position: datetime) -> datetime:
    """From which modification time on a round of polling looks."""
    return position - OVERLAP


def end_of_round(position: datetime, rows: Iterable[PolledRow]) -> datetime:
    """The position after a round: the latest time that was seen, by the CRM's own clock."""
    return max((position, *(row.modified_at for row in rows)))


def news_of(row: PolledRow) -> News:
    """What a polled row says; a row modified in the second of its creation is new."""
    if row.deleted:
        kind = "deleted"
    elif row.modified_at - row.created_at < timedelta(seconds=1):
        kind = "created"
    else:
        kind = "updated"
    return News(
        ref=RecordRef(OBJECT_TYPES[row.object_name], row.side, row.record_id),
        kind=kind,
        occurred_at=row.modified_at,
        ours=row.ours,
        salesforce_object=row.object_name if row.side is Side.SALESFORCE else "",
        values={} if row.deleted else row.values,
        complete=not row.deleted,
    )
