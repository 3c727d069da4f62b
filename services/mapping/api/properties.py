"""HubSpot properties for Salesforce's fields: suggested, planned, made, listed."""

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.mapping.api.answers import refusals
from services.mapping.api.asked import MAX_MAPPINGS, MAX_NAME, NO_NUL, Asked
from services.mapping.api.desk import Desk
from services.mapping.domain.kept import MadeProperty
from services.mapping.domain.model import Rule
from services.mapping.domain.suggestions import Suggestion
from services.mapping.handlers.auto_map import suggestions_for
from services.mapping.handlers.outcomes import Became, Outcome, only_planned
from services.mapping.handlers.properties import made_properties, make_properties
from shared.kernel.records import ObjectType
from shared.security.tokens import Principal
from shared.web.paging import Page, decode_place, encode_cursor

PAGE_LIMIT = 200


class FieldNamed(Asked):
    """One field of one Salesforce object."""

    salesforce_object: str = Field(min_length=1, max_length=MAX_NAME, pattern=NO_NUL)
    field: str = Field(min_length=1, max_length=MAX_NAME, pattern=NO_NUL)


class PropertiesRequest(Asked):
    """The fields that properties are wanted for; with `dry_run` nothing is made."""

    object_type: ObjectType
    fields: tuple[FieldNamed, ...] = Field(min_length=1, max_length=MAX_MAPPINGS)
    dry_run: bool = False


class SuggestionsRequest(Asked):
    """The object type whose fields are looked at."""

    object_type: ObjectType


class OutcomeView(BaseModel):
    """What becomes or became of one field.

    `property` is its name, "" when there is none; `type` and the following are empty when none is
    made. `reason` says why it is not the ordinary one, or why there is none; `notes` what it cannot
    hold.
    """

    field: str
    salesforce_objects: list[str]
    outcome: Became
    property: str
    label: str
    type: str
    field_type: str
    options: int
    reason: str
    notes: list[str]

    @classmethod
    def of(cls, outcome: Outcome) -> Self:
        """One outcome."""
        planned, new = outcome.planned, outcome.planned.new
        return cls(
            field=planned.field,
            salesforce_objects=list(planned.salesforce_objects),
            outcome=outcome.became,
            property=planned.name,
            label=new.label if new else "",
            type=new.type if new else "",
            field_type=new.field_type if new else "",
            options=len(new.options) if new else 0,
            reason=outcome.problem or planned.reason,
            notes=list(planned.notes),
        )


class OutcomesView(BaseModel):
    """The outcome of each field that was named; fields that share a property are one."""

    dry_run: bool
    outcomes: list[OutcomeView]


class SuggestionView(BaseModel):
    """A property for a field without a mapping: `existing`, or what would be made."""

    field: str
    label: str
    salesforce_objects: list[str]
    rule: Rule
    existing: str
    alike: float
    planned: OutcomeView | None

    @classmethod
    def of(cls, suggestion: Suggestion) -> Self:
        """One suggestion."""
        planned = suggestion.planned
        return cls(
            field=suggestion.field,
            label=suggestion.label,
            salesforce_objects=list(suggestion.salesforce_objects),
            rule=suggestion.rule,
            existing=suggestion.existing,
            alike=round(suggestion.alike, 2),
            planned=OutcomeView.of(only_planned(planned)) if planned is not None else None,
        )


class SuggestionsView(BaseModel):
    """A suggestion for each field of the object type that has no mapping."""

    object_type: ObjectType
    suggestions: list[SuggestionView]


class MadePropertyView(BaseModel):
    """A property that Causeway made in HubSpot."""

    object_type: ObjectType
    name: str
    label: str
    type: str
    field_type: str
    salesforce_field: str
    salesforce_objects: list[str]
    restored: bool
    author: str
    made_at: datetime

    @classmethod
    def of(cls, made: MadeProperty) -> Self:
        """One that was made."""
        return cls(
            object_type=made.object_type,
            name=made.name,
            label=made.label,
            type=made.type,
            field_type=made.field_type,
            salesforce_field=made.salesforce_field,
            salesforce_objects=list(made.salesforce_objects),
            restored=made.restored,
            author=made.author,
            made_at=made.made_at,
        )


def property_routes(desk: Desk) -> APIRouter:
    """Routes under /mappings/{id}/properties and /mappings/{id}/suggestions."""
    router = APIRouter(prefix="/mappings")
    router.include_router(_reading(desk), dependencies=[Depends(desk.guard.viewer)])

    @router.post("/{connection_id}/properties")
    async def post_properties(
        connection_id: UUID,
        request: PropertiesRequest,
        principal: Annotated[Principal, Depends(desk.guard.admin)],
    ) -> OutcomesView:
        """Makes a HubSpot property for each field, or says which; a repeat makes nothing."""
        with refusals():
            outcomes = await make_properties(
                desk.store,
                desk.crms,
                connection_id,
                request.object_type,
                [(one.salesforce_object, one.field) for one in request.fields],
                author=desk.author(principal),
                dry_run=request.dry_run,
            )
        shown = [OutcomeView.of(one) for one in outcomes]
        return OutcomesView(dry_run=request.dry_run, outcomes=shown)

    return router


def _reading(desk: Desk) -> APIRouter:
    router = APIRouter()

    @router.get("/{connection_id}/properties")
    async def list_properties(
        connection_id: UUID,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
        cursor: Annotated[str | None, Query()] = None,
    ) -> Page[MadePropertyView]:
        """Every property that was made for a field, by object type and name."""
        after = None if cursor is None else decode_place(cursor, _text, _text)
        with refusals():
            found = await made_properties(desk.store, connection_id, after=after, limit=limit)
        place = [found[-1].object_type.value, found[-1].name] if len(found) == limit else None
        return Page(
            items=[MadePropertyView.of(one) for one in found],
            next_cursor=encode_cursor(place) if place is not None else None,
        )

    @router.post("/{connection_id}/suggestions")
    async def suggestions(connection_id: UUID, request: SuggestionsRequest) -> SuggestionsView:
        """For each field without a mapping: a property that fits, or the one to make for it."""
        with refusals():
            found = await suggestions_for(desk.store, connection_id, request.object_type)
        return SuggestionsView(
            object_type=request.object_type,
            suggestions=[SuggestionView.of(one) for one in found],
        )

    return router


def _text(text: str) -> str:
    """Any text that Postgres can hold."""
    if "\x00" in text or not text.isprintable():
        raise ValueError("no name")
    return text
