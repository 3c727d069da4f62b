"""The words that the decisions speak: fields of both sides, and the mappings between them."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from shared.kernel.records import ObjectType, Side

CONTACT_OBJECTS = ("Contact", "Lead")
"""What a HubSpot contact may be in Salesforce."""

SALESFORCE_OBJECTS: dict[ObjectType, tuple[str, ...]] = {
    ObjectType.CONTACT: CONTACT_OBJECTS,
    ObjectType.COMPANY: ("Account",),
    ObjectType.DEAL: ("Opportunity",),
    ObjectType.TASK: ("Task",),
}
"""What a record of each type may be in Salesforce."""


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
class Option:
    """One choice of a field. `value` is what records hold, `label` what people see.

    A hidden one (HubSpot: `hidden`, Salesforce: not `active`) may be in records, and is not
    offered any more.
    """

    value: str
    label: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class HubSpotField:
    """One HubSpot property. `read_only` is HubSpot's own `readOnlyValue`, or `calculated`.

    `required` is never said by a property's definition; it is there for what HubSpot needs on
    creation. `group` is the internal name of its group. An archived one cannot be mapped, but
    keeps its name. `options` are all that there are: HubSpot refuses any other value. Where there
    are too many to keep, `options` is empty and `options_left_out` says how many there are.
    """

    name: str
    label: str
    type: str
    field_type: str
    read_only: bool = False
    options: tuple[Option, ...] = ()
    required: bool = False
    calculated: bool = False
    unique: bool = False
    group: str = ""
    hubspot_defined: bool = False
    archived: bool = False
    options_left_out: int = 0


@dataclass(frozen=True, slots=True)
class SalesforceField:
    """One field of one Salesforce object, as its describe shows it to the connected user.

    `length` is the limit in characters, None where there is none; `references` are the objects
    that a reference may point to. `restricted`: no other value than the options is taken.
    `required`: a new record cannot do without it (createable, not nillable, no default).
    `precision` are all digits of a number and `scale` those after the point, None for no number.
    Options may be left out, as HubSpot's.
    """

    name: str
    label: str
    type: str
    createable: bool
    updateable: bool
    length: int | None = None
    references: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    restricted: bool = False
    required: bool = False
    calculated: bool = False
    precision: int | None = None
    scale: int | None = None
    unique: bool = False
    custom: bool = False
    options_left_out: int = 0

    @property
    def writable(self) -> bool:
        """Whether the connected user may set it on new and on existing records."""
        return self.createable and self.updateable


HubSpotFields = Map[str, HubSpotField]
SalesforceFields = Map[str, SalesforceField]


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of a deal or an opportunity; `probability` is between 0 and 1."""

    id: str
    label: str
    probability: float | None = None
    closed: bool = False
    won: bool = False


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A HubSpot pipeline of deals, or a Salesforce record type of opportunities.

    Its stages are in the order that the CRM shows them in.
    """

    id: str
    label: str
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """An object that the connected user may not see, and what the CRM said of it."""

    side: Side
    object_name: str
    why: str


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What can be mapped: HubSpot's properties by object type, Salesforce's fields by object.

    Names are spelled as the CRM spells them. What could not be read is in `unread`. `pipelines` are
    those of HubSpot's deals; `record_types` those of opportunities, each with the stages of its
    sales process (an org without record types has one, with the id "").
    """

    hubspot: Map[ObjectType, HubSpotFields] = field(default_factory=dict)
    salesforce: Map[str, SalesforceFields] = field(default_factory=dict)
    pipelines: tuple[Pipeline, ...] = ()
    record_types: tuple[Pipeline, ...] = ()
    unread: tuple[Unread, ...] = ()

    def properties(self, object_type: ObjectType) -> HubSpotFields:
        """HubSpot's properties of a type that can be mapped, by name; none when not read."""
        found = self.hubspot.get(object_type, {})
        return {name: item for name, item in found.items() if not item.archived}

    def fields(self, salesforce_object: str) -> SalesforceFields:
        """The fields of a Salesforce object, by name; none when it was not read."""
        return self.salesforce.get(salesforce_object, {})


@dataclass(frozen=True, slots=True)
class ValuePair:
    """Two values of a choice that mean the same."""

    hubspot: str
    salesforce: str


@dataclass(frozen=True, slots=True)
class Conversion:
    """How values are converted where the two fields spell them differently."""

    values: tuple[ValuePair, ...] = ()
    unmapped_values: Literal["keep", "refuse", "blank"] = "keep"
    time_zone: str = "UTC"
    scale: int | None = None
    hubspot_percent: Literal["whole", "fraction"] = "whole"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A mapping as somebody asks for it; everything else follows from the catalogue."""

    hubspot_property: str
    salesforce_field: str
    rule: Rule = Rule.PREFER_SALESFORCE_UNLESS_BLANK
    salesforce_objects: tuple[str, ...] = CONTACT_OBJECTS
    object_type: ObjectType = ObjectType.CONTACT
    conversion: Conversion = Conversion()


@dataclass(frozen=True, slots=True)
class Mapping:
    """A mapping that the catalogue allows, with what it says about the two fields.

    `hubspot_kind` or `salesforce_kind` is a side's own kind where it is not the one that is
    compared; `scale` are the digits after the point that every field keeps; `loss` says what does
    not survive the way there and back.
    """

    wanted: Wanted
    kind: Kind
    max_length: int | None
    hubspot_writable: bool
    salesforce_writable: bool
    hubspot_kind: Kind | None = None
    salesforce_kind: Kind | None = None
    scale: int | None = None
    loss: str = ""

    @property
    def object_type(self) -> ObjectType:
        """What kind of records it is about."""
        return self.wanted.object_type
