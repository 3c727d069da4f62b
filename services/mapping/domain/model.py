"""The words that the decisions speak: fields of both sides, and the mappings between them."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from enum import StrEnum

CONTACT_OBJECTS = ("Contact", "Lead")
"""What a HubSpot contact may be in Salesforce."""


class Rule(StrEnum):
    """Which side's value wins for one mapping."""

    PREFER_SALESFORCE_UNLESS_BLANK = "prefer_salesforce_unless_blank"
    ALWAYS_SALESFORCE = "always_salesforce"
    TWO_WAY = "two_way"
    DONT_SYNC = "dont_sync"
    PREFER_HUBSPOT_UNLESS_BLANK = "prefer_hubspot_unless_blank"
    ALWAYS_HUBSPOT = "always_hubspot"


class Kind(StrEnum):
    """How the values of a mapping are compared and converted."""

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


@dataclass(frozen=True, slots=True)
class HubSpotField:
    """One HubSpot property. `read_only` is HubSpot's own `readOnlyValue`."""

    name: str
    label: str
    type: str
    field_type: str
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class SalesforceField:
    """One field of one Salesforce object, as its describe shows it to the connected user.

    `length` is the limit in characters, None where there is none; `references` are the objects
    that a reference may point to.
    """

    name: str
    label: str
    type: str
    createable: bool
    updateable: bool
    length: int | None = None
    references: tuple[str, ...] = ()

    @property
    def writable(self) -> bool:
        """Whether the connected user may set it on new and on existing records."""
        return self.createable and self.updateable


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be mapped: HubSpot's contact properties, and the fields of each Salesforce object.

    Both by name, spelled as the CRM spells it.
    """

    hubspot: Map[str, HubSpotField] = field(default_factory=dict)
    salesforce: Map[str, Map[str, SalesforceField]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mapping as somebody asks for it; everything else follows from the catalogue."""

    hubspot_property: str
    salesforce_field: str
    rule: Rule = Rule.PREFER_SALESFORCE_UNLESS_BLANK
    salesforce_objects: tuple[str, ...] = CONTACT_OBJECTS


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that the catalogue allows, with what it says about the two fields."""

    wanted: Wanted
    kind: Kind
    max_length: int | None
    hubspot_writable: bool
    salesforce_writable: bool
