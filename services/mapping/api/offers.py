"""What the pages of the setup offer: lists, kinds of events, task types, pipelines."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel

from services.mapping.api.answers import refusals
from services.mapping.api.asked import MAX_NAME, NO_NUL
from services.mapping.api.desk import Desk
from services.mapping.domain.lists import HubSpotList, unusable
from services.mapping.domain.model import Catalogue, Option, Pipeline
from services.mapping.domain.timeline import DELIVERED, EVENT_TYPES, PLACEHOLDERS, options_of
from services.mapping.handlers.lists import offered_lists
from services.mapping.handlers.views import fields_of
from shared.kernel.records import ObjectType

Listed = Literal[ObjectType.CONTACT, ObjectType.COMPANY]
"""What an inclusion list may hold."""


class ListView(BaseModel):
    """One HubSpot list; `why_not` is empty for one that can be chosen."""

    list_id: str
    name: str
    size: int | None
    usable: bool
    why_not: str


class ListsView(BaseModel):
    """The lists whose names fit; `more`: a narrower search finds others."""

    lists: list[ListView]
    more: bool


class EventTypeView(BaseModel):
    """One kind of HubSpot event; `delivered`: Causeway hears of it."""

    event_type: str
    label: str
    subject: str
    delivered: bool


class ChoiceOptionView(BaseModel):
    """One choice of a picklist."""

    value: str
    label: str


class PipelineView(BaseModel):
    """A pipeline or a record type with its stages."""

    id: str
    label: str
    stages: list[ChoiceOptionView]


class OptionsView(BaseModel):
    """Everything that a page lets choose from, as it was read last."""

    event_types: list[EventTypeView]
    subject_placeholders: list[str]
    task_types: list[ChoiceOptionView]
    task_statuses: list[ChoiceOptionView]
    pipelines: list[PipelineView]
    record_types: list[PipelineView]


def offer_routes(desk: Desk) -> APIRouter:
    """Routes under /setup/{connection_id} that only read."""
    router = APIRouter(prefix="/setup/{connection_id}")

    @router.get("/lists", dependencies=[Depends(desk.guard.operator)])
    async def read_lists(
        connection_id: UUID,
        object_type: Listed = ObjectType.CONTACT,
        query: Annotated[str, Query(max_length=MAX_NAME, pattern=NO_NUL)] = "",
    ) -> ListsView:
        """HubSpot's lists, static ones with the reason why they cannot be chosen; one call."""
        with refusals():
            found = await offered_lists(desk.store, desk.lookups, connection_id, object_type, query)
        return ListsView(lists=[_list(one, object_type) for one in found.lists], more=found.more)

    @router.get("/options", dependencies=[Depends(desk.guard.viewer)])
    async def read_options(connection_id: UUID) -> OptionsView:
        """Kinds of events, task types and statuses, pipelines and record types."""
        with refusals():
            return _options(await fields_of(desk.store, connection_id))

    return router


def _list(found: HubSpotList, object_type: ObjectType) -> ListView:
    why = unusable(found, object_type)
    return ListView(
        list_id=found.id,
        name=found.name,
        size=found.size,
        usable=why is None,
        why_not="" if why is None else f"{why.what} {why.fix}",
    )


def _options(catalogue: Catalogue) -> OptionsView:
    return OptionsView(
        event_types=[
            EventTypeView(
                event_type=kind.key,
                label=kind.label,
                subject=kind.subject,
                delivered=kind.key in DELIVERED,
            )
            for kind in EVENT_TYPES
        ],
        subject_placeholders=list(PLACEHOLDERS),
        task_types=[_option(option) for option in options_of(catalogue, "Type")],
        task_statuses=[_option(option) for option in options_of(catalogue, "Status")],
        pipelines=[_pipeline(one) for one in catalogue.pipelines],
        record_types=[_pipeline(one) for one in catalogue.record_types],
    )


def _option(option: Option) -> ChoiceOptionView:
    return ChoiceOptionView(value=option.value, label=option.label)


def _pipeline(pipeline: Pipeline) -> PipelineView:
    return PipelineView(
        id=pipeline.id,
        label=pipeline.label,
        stages=[ChoiceOptionView(value=stage.id, label=stage.label) for stage in pipeline.stages],
    )
