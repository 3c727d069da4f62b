"""The parts of the settings as request bodies: bounded, and strict about unknown fields.

A field that a body leaves out has its default, as in the contract.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator

from services.mapping.domain.model import SALESFORCE_OBJECTS, Conversion, Rule, ValuePair, Wanted
from shared.contracts.settings import (
    ActivitySettings,
    CompanySettings,
    ContactDeletionRules,
    ContactSettings,
    DealSettings,
    DeletionRules,
    InclusionList,
    OwnerPair,
    PipelinePair,
    StagePair,
    SyncRule,
    TimelineRule,
    ValueType,
)
from shared.contracts.settings import ValuePair as ContractPair
from shared.kernel.records import ObjectType

MAX_MAPPINGS = 1000
"""An audited portal had 860 (facts: native 4.1); HubSpot allows 1,000 custom properties."""

MAX_VALUES = 5000
"""Far above what a person keeps in order in one choice; a bound for the body's sake."""

MAX_OWNERS = 20_000
"""As many owners as are read of a portal."""

MAX_PIPELINES = 100
MAX_STAGES = 100
"""HubSpot's most of a pipeline (facts: hubspot-api 6)."""

MAX_EVENTS = 100
"""Native has 13 kinds; a bound for the body's sake."""

MAX_NAME = 255
MAX_SUBJECT = 1000
"""Longer than Salesforce takes, so that the review can say so."""

MAX_CALLS = 1_000_000_000
"""Far over any org's daily limit, and inside a 32-bit column."""

MAX_DAYS = 3650
MAX_SCALE = 18
"""Salesforce's numbers have 18 digits."""

NO_NUL = r"^[^\x00]*$"
"""Postgres cannot hold a NUL."""

STRICT = ConfigDict(extra="forbid", frozen=True)
Name = Annotated[str, Field(min_length=1, max_length=MAX_NAME, pattern=NO_NUL)]
MaybeName = Annotated[str, Field(max_length=MAX_NAME, pattern=NO_NUL)]


class Asked(BaseModel):
    """A request body: what it does not know is an error, so that no typo passes in silence."""

    model_config = STRICT


class AskedList(InclusionList):
    """One HubSpot list; its name is read in HubSpot."""

    model_config = STRICT

    list_id: str = Field(min_length=1, max_length=20, pattern=r"^[0-9]+$")
    name: MaybeName = ""


class AskedDeletions(DeletionRules):
    """What deletions do to the other side."""

    model_config = STRICT


class AskedContactDeletions(ContactDeletionRules):
    """The same for people."""

    model_config = STRICT


class AskedContacts(ContactSettings):
    """The page of contacts."""

    model_config = STRICT

    inclusion_list: AskedList | None = None
    deletions: AskedContactDeletions = AskedContactDeletions()


class AskedCompanies(CompanySettings):
    """The page of companies."""

    model_config = STRICT

    inclusion_list: AskedList | None = None
    deletions: AskedDeletions = AskedDeletions()


class AskedStage(StagePair):
    """Two stages that are the same."""

    model_config = STRICT

    hubspot: Name
    salesforce: Name


class AskedPipeline(PipelinePair):
    """A pipeline and a record type that are the same."""

    model_config = STRICT

    hubspot: Name
    salesforce: MaybeName = ""
    stages: tuple[AskedStage, ...] = Field(default=(), max_length=MAX_STAGES)


class AskedDeals(DealSettings):
    """The page of deals."""

    model_config = STRICT

    pipelines: tuple[AskedPipeline, ...] = Field(default=(), max_length=MAX_PIPELINES)
    close_date_days: int = Field(default=90, ge=0, le=MAX_DAYS)
    deletions: AskedDeletions = AskedDeletions(salesforce="delete")


class AskedEvent(TimelineRule):
    """One row of the timeline table."""

    model_config = STRICT

    event_type: Name
    task_type: MaybeName = ""
    subject: str = Field(default="", max_length=MAX_SUBJECT, pattern=NO_NUL)
    status: MaybeName = "Completed"


class AskedActivities(ActivitySettings):
    """The page of activities. With a `timeline`, `timeline_events` follows from it."""

    model_config = STRICT

    timeline_events: tuple[Name, ...] = Field(default=("form_submission",), max_length=MAX_EVENTS)
    timeline: tuple[AskedEvent, ...] = Field(default=(), max_length=MAX_EVENTS)
    deletions: AskedDeletions = AskedDeletions()


class AskedOwner(OwnerPair):
    """An owner and a user who are the same person."""

    model_config = STRICT

    hubspot_owner_id: Name
    salesforce_user_id: Name


class AskedValues(ContractPair):
    """Two values that mean the same."""

    model_config = STRICT

    hubspot: MaybeName
    salesforce: MaybeName


class MappingRequest(Asked):
    """One mapping, as it was read, or without what follows from the CRMs.

    What is sent for value_type, max_length, the types and who can be written is not looked at.
    """

    object_type: Literal[ObjectType.CONTACT, ObjectType.COMPANY, ObjectType.DEAL] = (
        ObjectType.CONTACT
    )
    hubspot_property: Name
    salesforce_field: Name
    rule: SyncRule = SyncRule.PREFER_SALESFORCE_UNLESS_BLANK
    salesforce_objects: tuple[Name, ...] | None = Field(default=None, max_length=10)
    value_type: ValueType | None = None
    max_length: int | None = None
    hubspot_writable: bool | None = None
    salesforce_writable: bool | None = None
    hubspot_type: ValueType | None = None
    salesforce_type: ValueType | None = None
    values: tuple[AskedValues, ...] = Field(default=(), max_length=MAX_VALUES)
    unmapped_values: Literal["keep", "refuse", "blank"] = "keep"
    time_zone: str = Field(default="UTC", min_length=1, max_length=MAX_NAME, pattern=NO_NUL)
    scale: int | None = Field(default=None, ge=0, le=MAX_SCALE)
    hubspot_percent: Literal["whole", "fraction"] = "whole"

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
            message = "use a name of the IANA list, as in Europe/Riga"
            raise ValueError(message) from unknown
        return name

    def wanted(self) -> Wanted:
        """In the words of the decisions."""
        objects = self.salesforce_objects
        return Wanted(
            self.hubspot_property,
            self.salesforce_field,
            Rule(self.rule.value),
            SALESFORCE_OBJECTS[self.object_type] if objects is None else objects,
            self.object_type,
            Conversion(
                values=tuple(ValuePair(pair.hubspot, pair.salesforce) for pair in self.values),
                unmapped_values=self.unmapped_values,
                time_zone=self.time_zone,
                scale=self.scale,
                hubspot_percent=self.hubspot_percent,
            ),
        )


class MappingsRequest(Asked):
    """All mappings of a connection."""

    mappings: tuple[MappingRequest, ...] = Field(max_length=MAX_MAPPINGS)

    def wanted(self) -> tuple[Wanted, ...]:
        """In the words of the decisions."""
        return tuple(mapping.wanted() for mapping in self.mappings)


class OwnersRequest(Asked):
    """The table of owners whose e-mail addresses differ."""

    owners: tuple[AskedOwner, ...] = Field(max_length=MAX_OWNERS)


class BudgetRequest(Asked):
    """Salesforce calls that Causeway may make in a day; null: no bound of its own."""

    daily_salesforce_calls: int | None = Field(ge=1, le=MAX_CALLS)
