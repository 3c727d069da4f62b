"""Request and response models of the mapping service."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from services.mapping.domain.model import CONTACT_OBJECTS, Rule, Wanted
from services.mapping.domain.recommend import LeftOut
from services.mapping.domain.setup import Setup, StepState, steps
from services.mapping.ports import Version
from shared.contracts.settings import (
    ActivitySettings,
    ContactSettings,
    FieldMapping,
    Settings,
    SyncRule,
    ValuePair,
    ValueType,
)
from shared.kernel.records import ObjectType

MAX_MAPPINGS = 1000
"""An audited portal had 860 (facts: native 4.1); HubSpot allows 1,000 custom properties."""

MAX_VALUES = 5000
"""Far above what a person keeps in order in one choice; a bound for the body's sake."""

MAX_NAME = 255
MAX_REASON = 500
NO_NUL = r"^[^\x00]*$"
"""Postgres cannot hold a NUL."""


class Asked(BaseModel):
    """A request body: what it does not know is an error, so that no typo passes in silence."""

    model_config = ConfigDict(extra="forbid")


class ChoiceRequest(Asked):
    """Which kind of settings to start with."""

    kind: Literal["recommended"]


class PauseRequest(Asked):
    """Why the sync is paused; shown on every page until it is resumed."""

    reason: str = Field(
        default="paused by an operator", min_length=1, max_length=MAX_REASON, pattern=NO_NUL
    )


class MappingRequest(Asked):
    """One mapping, as it was read or with the first five fields only.

    The last four follow from the CRMs: what is sent there is not looked at.
    """

    object_type: Literal[ObjectType.CONTACT] = ObjectType.CONTACT
    hubspot_property: str = Field(min_length=1, max_length=MAX_NAME)
    salesforce_field: str = Field(min_length=1, max_length=MAX_NAME)
    rule: SyncRule = SyncRule.PREFER_SALESFORCE_UNLESS_BLANK
    salesforce_objects: tuple[str, ...] = Field(default=CONTACT_OBJECTS, max_length=10)
    value_type: ValueType | None = None
    max_length: int | None = None
    hubspot_writable: bool | None = None
    salesforce_writable: bool | None = None
    hubspot_type: ValueType | None = None
    salesforce_type: ValueType | None = None
    values: tuple[ValuePair, ...] = Field(default=(), max_length=MAX_VALUES)
    unmapped_values: Literal["keep", "refuse", "blank"] = "keep"
    time_zone: str = Field(default="UTC", min_length=1, max_length=MAX_NAME)
    scale: int | None = None
    hubspot_percent: Literal["whole", "fraction"] = "fraction"

    def wanted(self) -> Wanted:
        """In the words of the decisions."""
        return Wanted(
            self.hubspot_property,
            self.salesforce_field,
            Rule(self.rule.value),
            self.salesforce_objects,
        )


class MappingsRequest(Asked):
    """All mappings of a connection."""

    mappings: tuple[MappingRequest, ...] = Field(max_length=MAX_MAPPINGS)


class SettingsRequest(MappingsRequest):
    """Everything of a connection's settings. `version` is given by If-Match, not here."""

    version: int | None = None
    contacts: ContactSettings = ContactSettings()
    activities: ActivitySettings = ActivitySettings()
    daily_salesforce_calls: int | None = Field(default=None, ge=1)

    def settings(self) -> Settings:
        """The settings without their mappings, which are judged first."""
        return Settings(
            version=0,
            contacts=self.contacts,
            activities=self.activities,
            daily_salesforce_calls=self.daily_salesforce_calls,
        )


class StepView(BaseModel):
    """One step of the setup."""

    name: str
    state: StepState
    todo: str


class SetupView(BaseModel):
    """How far a setup is; `next` is the step that somebody has to do now."""

    connection_id: UUID
    sync: str
    version: int
    published: int
    steps: list[StepView]
    next: StepView | None


class LeftOutView(BaseModel):
    """A default mapping that these two accounts cannot have."""

    hubspot_property: str
    salesforce_field: str
    why: str


class DraftView(BaseModel):
    """The settings that were drafted."""

    settings: Settings
    left_out: list[LeftOutView]


class SettingsView(BaseModel):
    """The newest settings, null before the first choice, and the switch of the sync."""

    settings: Settings | None
    sync: str


class MappingsView(BaseModel):
    """The mappings of one version."""

    version: int
    mappings: tuple[FieldMapping, ...]


class VersionView(BaseModel):
    """One version in the history."""

    version: int
    author: str
    note: str
    made_at: datetime
    mappings: int


class FieldView(BaseModel):
    """One field of either side."""

    name: str
    label: str
    type: str
    writable: bool


class FieldsView(BaseModel):
    """The fields that can be mapped, Salesforce's by object."""

    hubspot: list[FieldView]
    salesforce: dict[str, list[FieldView]]


def setup_view(setup: Setup) -> SetupView:
    """A setup as the API shows it."""
    shown = [StepView(name=s.name, state=s.state, todo=s.todo) for s in steps(setup)]
    return SetupView(
        connection_id=setup.connection_id,
        sync=setup.sync.value,
        version=setup.version,
        published=setup.published,
        steps=shown,
        next=next((step for step in shown if step.state is StepState.OPEN), None),
    )


def version_view(version: Version) -> VersionView:
    """A version as the history shows it."""
    return VersionView(
        version=version.settings.version,
        author=version.author,
        note=version.note,
        made_at=version.made_at,
        mappings=len(version.settings.mappings),
    )


def left_out_view(item: LeftOut) -> LeftOutView:
    """Why a default was left out."""
    return LeftOutView(
        hubspot_property=item.wanted.hubspot_property,
        salesforce_field=item.wanted.salesforce_field,
        why=item.why,
    )
