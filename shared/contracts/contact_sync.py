"""Events of contact_sync: what became of people, companies and deals."""

from typing import ClassVar

from shared.contracts.base import Event
from shared.kernel.records import ObjectType, Side


class RecordLinked(Event):
    """Two records are known to be the same thing.

    `org_id` is the Salesforce org of the link, empty in events of older versions: a connection
    that moved has links in several.
    """

    owner: ClassVar[str] = "contact_sync"

    object_type: ObjectType
    hubspot_id: str
    salesforce_id: str
    salesforce_object: str
    org_id: str = ""


class RecordUnlinked(Event):
    """The link is gone (a side was deleted, merged away or taken apart)."""

    owner: ClassVar[str] = "contact_sync"

    object_type: ObjectType
    hubspot_id: str
    salesforce_id: str
    org_id: str = ""


class RecordSynced(Event):
    """One sync of one linked pair has settled; counts are fields written to each side."""

    owner: ClassVar[str] = "contact_sync"

    object_type: ObjectType
    hubspot_id: str
    salesforce_id: str
    hubspot_fields: int = 0
    salesforce_fields: int = 0


class RecordParked(Event):
    """One record waits for a person: the code is stable, the message says what to do."""

    owner: ClassVar[str] = "contact_sync"

    object_type: ObjectType
    side: Side
    record_id: str
    code: str
    message: str
