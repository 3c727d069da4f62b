"""Request and response models of the mapping service."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from services.mapping.api.asked import (
    MAX_CALLS,
    MAX_OWNERS,
    NO_NUL,
    Asked,
    AskedActivities,
    AskedCompanies,
    AskedContacts,
    AskedDeals,
    AskedOwner,
    MappingsRequest,
)
from services.mapping.domain.choices import Choices
from services.mapping.domain.recommend import LeftOut
from services.mapping.domain.setup import Setup, StepState, steps
from services.mapping.handlers.translate import choices_of
from services.mapping.ports import Version
from shared.contracts.settings import FieldMapping, Settings

MAX_REASON = 500


class ChoiceRequest(Asked):
    """Which kind of settings to start with."""

    kind: Literal["recommended", "advanced"] = Field(
        description="recommended: a version with what fits both accounts; advanced: a draft of it"
    )


class PauseRequest(Asked):
    """Why the sync is paused; shown on every page until it is resumed."""

    reason: str = Field(
        default="paused by an operator", min_length=1, max_length=MAX_REASON, pattern=NO_NUL
    )


class SettingsRequest(MappingsRequest):
    """Everything of a connection's settings. `version` is given by If-Match, not here."""

    version: int | None = None
    contacts: AskedContacts = AskedContacts()
    companies: AskedCompanies = AskedCompanies()
    deals: AskedDeals = AskedDeals()
    activities: AskedActivities = AskedActivities()
    owners: tuple[AskedOwner, ...] = Field(default=(), max_length=MAX_OWNERS)
    daily_salesforce_calls: int | None = Field(default=None, ge=1, le=MAX_CALLS)

    def choices(self) -> Choices:
        """In the words of the decisions."""
        parts = self.model_dump(mode="json", exclude={"mappings", "version"})
        settings = Settings.model_validate({**parts, "version": 0})
        return replace(choices_of(settings), wanted=self.wanted())


class StepView(BaseModel):
    """One step of the setup."""

    name: str
    state: StepState
    todo: str


class SetupView(BaseModel):
    """How far a setup is; `next` is the step that somebody has to do now.

    `warnings` say what changed in the CRMs so that mappings are hit (GET /mappings/{id}/drift has
    more); the list of setups and the answers to orders leave them out.
    """

    connection_id: UUID
    sync: str
    version: int
    published: int
    steps: list[StepView]
    next: StepView | None
    drafting: bool
    draft_revision: int
    warnings: list[str] = []


class LeftOutView(BaseModel):
    """A default mapping that these two accounts cannot have."""

    hubspot_property: str
    salesforce_field: str
    why: str


class ChoiceView(BaseModel):
    """The settings to start with; `draft_revision` is null where they are a version already."""

    settings: Settings
    left_out: list[LeftOutView]
    draft_revision: int | None = None


class SettingsView(BaseModel):
    """The newest settings, null before the first choice, and the switch of the sync.

    `warnings` say what changed in the CRMs since, so that mappings are hit.
    """

    settings: Settings | None
    sync: str
    warnings: list[str] = []


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


def setup_view(setup: Setup, warnings: Sequence[str] = ()) -> SetupView:
    """A setup as the API shows it."""
    shown = [StepView(name=s.name, state=s.state, todo=s.todo) for s in steps(setup)]
    return SetupView(
        connection_id=setup.connection_id,
        sync=setup.sync.value,
        version=setup.version,
        published=setup.published,
        steps=shown,
        drafting=setup.drafting,
        draft_revision=setup.draft_revision,
        next=next((step for step in shown if step.state is StepState.OPEN), None),
        warnings=list(warnings),
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
