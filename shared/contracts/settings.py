"""The settings of one connection, as the mapping service publishes them: whole and immutable."""

from enum import StrEnum
from typing import Literal

from shared.contracts.base import Contract
from shared.kernel.records import ObjectType


class SyncRule(StrEnum):
    """Which side's value wins for one mapping (design: section 6)."""

    PREFER_SALESFORCE_UNLESS_BLANK = "prefer_salesforce_unless_blank"
    ALWAYS_SALESFORCE = "always_salesforce"
    TWO_WAY = "two_way"
    DONT_SYNC = "dont_sync"
    PREFER_HUBSPOT_UNLESS_BLANK = "prefer_hubspot_unless_blank"
    ALWAYS_HUBSPOT = "always_hubspot"


class ValueType(StrEnum):
    """How a mapped pair of values is compared and converted."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    PICKLIST = "picklist"
    MULTI_PICKLIST = "multi_picklist"
    OWNER = "owner"


class FieldMapping(Contract):
    """One HubSpot property joined to one Salesforce field with a sync rule.

    `salesforce_objects` names the objects that have the field (one mapping serves Lead and
    Contact). `max_length` is Salesforce's limit in characters, None where there is none.
    """

    object_type: ObjectType
    hubspot_property: str
    salesforce_field: str
    rule: SyncRule = SyncRule.PREFER_SALESFORCE_UNLESS_BLANK
    value_type: ValueType = ValueType.TEXT
    salesforce_objects: tuple[str, ...]
    max_length: int | None = None
    hubspot_writable: bool = True
    salesforce_writable: bool = True


class ContactSettings(Contract):
    """How people are created and what happens when a decision cannot be made."""

    create_in_hubspot: bool = True
    create_in_salesforce: Literal["contact", "lead", "nothing"] = "contact"
    undecidable: Literal["salesforce_wins", "review"] = "salesforce_wins"


class ActivitySettings(Contract):
    """Which activities cross over, and in which direction."""

    salesforce_tasks_to_hubspot: bool = True
    hubspot_tasks_to_salesforce: bool = True
    timeline_events: tuple[str, ...] = ("form_submission",)


class Settings(Contract):
    """One immutable version of everything an admin chose for one connection."""

    version: int
    contacts: ContactSettings = ContactSettings()
    activities: ActivitySettings = ActivitySettings()
    mappings: tuple[FieldMapping, ...] = ()
    daily_salesforce_calls: int | None = None


def newest(known: Settings | None, told: Settings) -> Settings:
    """The version that counts: events may come in any order, and again."""
    return told if known is None or told.version >= known.version else known
