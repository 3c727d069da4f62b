"""Events of activity_sync: tasks and timeline events that crossed over."""

from typing import ClassVar

from shared.contracts.base import Event
from shared.kernel.records import Side


class ActivitySynced(Event):
    """An activity stands on both sides now."""

    owner: ClassVar[str] = "activity_sync"

    hubspot_id: str
    salesforce_id: str
    kind: str


class ActivityParked(Event):
    """An activity waits for a person."""

    owner: ClassVar[str] = "activity_sync"

    side: Side
    record_id: str
    code: str
    message: str
