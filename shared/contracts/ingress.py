"""Events of ingress: news that a record may differ from its base. Never the new value itself."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from shared.contracts.base import Event
from shared.kernel.records import Side


class ChangeKind(StrEnum):
    """What the CRM said had happened."""

    CREATED = "created"
    UPDATED = "updated"
    DELETED = "deleted"
    MERGED = "merged"
    RESTORED = "restored"


class Origin(StrEnum):
    """Who made the change, as far as the CRM tells."""

    OURS = "ours"
    OTHER = "other"
    UNKNOWN = "unknown"


class RecordChange(Event):
    """The common shape of all change events.

    `field_hashes` maps each changed field to a keyed hash of its value in the CRM's own
    spelling (shared.security.hashing), so that an echo can be told without reading the value.
    `complete` says that every mapped field is in there, as it stood at one moment.
    `salesforce_object` is Lead, Contact, Account, ... for Salesforce records, empty for HubSpot.
    `merged_ids` are the records that a merge ended; `record_id` is then the survivor.
    """

    owner: ClassVar[str] = "ingress"

    side: Side
    record_id: str
    kind: ChangeKind
    origin: Origin = Origin.UNKNOWN
    salesforce_object: str = ""
    occurred_at: datetime
    field_hashes: dict[str, str] = Field(default_factory=dict)
    complete: bool = False
    merged_ids: tuple[str, ...] = ()


class ContactChanged(RecordChange):
    """A HubSpot contact, or a Salesforce contact or lead, changed."""


class CompanyChanged(RecordChange):
    """A HubSpot company or a Salesforce account changed."""


class DealChanged(RecordChange):
    """A HubSpot deal or a Salesforce opportunity changed."""


class TaskCreated(RecordChange):
    """A task was made on either side."""


class TaskChanged(RecordChange):
    """A task was edited, completed or deleted on either side."""


class TimelineEventRecorded(Event):
    """Something that a person did was recorded on a HubSpot contact's timeline.

    `event_key` is the same for every report of the same happening (deduplication key);
    it holds no personal value.
    """

    owner: ClassVar[str] = "ingress"

    kind: Literal["form_submission"]
    contact_id: str
    occurred_at: datetime
    event_key: str
