"""The two sides and the kinds of records that Causeway joins (docs/glossary.md)."""

from dataclasses import dataclass
from enum import StrEnum


class Side(StrEnum):
    """One of the two CRMs."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"

    @property
    def other(self) -> "Side":
        """The opposite side."""
        return Side.SALESFORCE if self is Side.HUBSPOT else Side.HUBSPOT


class ObjectType(StrEnum):
    """What a record is, in HubSpot's words; Salesforce may know it by two (Lead and Contact)."""

    CONTACT = "contact"
    COMPANY = "company"
    DEAL = "deal"
    TASK = "task"


@dataclass(frozen=True, slots=True, order=True)
class RecordRef:
    """One record on one side of one connection's pair of CRMs."""

    object_type: ObjectType
    side: Side
    record_id: str
