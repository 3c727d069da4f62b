"""The pages of the advanced setup: each saves one part of the draft."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.mapping.api.answers import IfMatch, expected_version, refusals
from services.mapping.api.asked import (
    AskedActivities,
    AskedCompanies,
    AskedContacts,
    AskedDeals,
    BudgetRequest,
    MappingsRequest,
    OwnersRequest,
)
from services.mapping.api.desk import Desk
from services.mapping.api.draft_views import DraftView, draft_view
from services.mapping.domain.choices import Choices, InclusionList
from services.mapping.domain.pages import with_companies, with_deals
from services.mapping.handlers.drafts import Change, change_draft
from services.mapping.handlers.lists import named
from services.mapping.handlers.translate import choices_of
from services.mapping.handlers.versions import Author
from shared.contracts.settings import Settings
from shared.kernel.records import ObjectType
from shared.security.tokens import Principal


@dataclass(frozen=True, slots=True)
class Edit:
    """Which draft somebody changes, from which revision on."""

    desk: Desk
    connection_id: UUID
    if_match: str | None
    author: Author
    response: Response

    async def save(self, change: Change) -> DraftView:
        """The draft after the change."""
        with refusals():
            opened = await change_draft(
                self.desk.store,
                self.connection_id,
                change,
                expected=expected_version(self.if_match),
                author=self.author,
            )
        return draft_view(self.response, opened)

    async def named(
        self, object_type: ObjectType, chosen: InclusionList | None
    ) -> InclusionList | None:
        """A chosen list with its name in HubSpot; a Problem where it cannot be used."""
        with refusals():
            return await named(
                self.desk.store, self.desk.lookups, self.connection_id, object_type, chosen
            )


def draft_pages(desk: Desk) -> APIRouter:
    """A PUT for each part; each needs If-Match with the draft's ETag."""
    router, edit = APIRouter(), _edits(desk)
    router.include_router(_objects(edit))
    router.include_router(_others(edit))
    return router


def _edits(desk: Desk) -> Callable[..., Edit]:
    def edit(
        connection_id: UUID,
        principal: Annotated[Principal, Depends(desk.guard.admin)],
        response: Response,
        if_match: IfMatch = None,
    ) -> Edit:
        return Edit(desk, connection_id, if_match, desk.author(principal), response)

    return edit


def _objects(edit: Callable[..., Edit]) -> APIRouter:
    router = APIRouter()

    @router.put("/contacts")
    async def put_contacts(
        request: AskedContacts, editing: Annotated[Edit, Depends(edit)]
    ) -> DraftView:
        """Whom to create where, the inclusion list, deletions."""
        chosen = _part(contacts=request).contacts
        inclusion = await editing.named(ObjectType.CONTACT, chosen.inclusion_list)
        contacts = replace(chosen, inclusion_list=inclusion)
        return await editing.save(lambda choices, _: replace(choices, contacts=contacts))

    @router.put("/companies")
    async def put_companies(
        request: AskedCompanies, editing: Annotated[Edit, Depends(edit)]
    ) -> DraftView:
        """Companies on or off; turned on without mappings, they get the defaults."""
        chosen = _part(companies=request).companies
        inclusion = await editing.named(ObjectType.COMPANY, chosen.inclusion_list)
        companies = replace(chosen, inclusion_list=inclusion)
        return await editing.save(
            lambda choices, catalogue: with_companies(choices, companies, catalogue)
        )

    @router.put("/deals")
    async def put_deals(request: AskedDeals, editing: Annotated[Edit, Depends(edit)]) -> DraftView:
        """Deals on or off; turned on without mappings or pipelines, they get what fits."""
        deals = _part(deals=request).deals
        return await editing.save(lambda choices, catalogue: with_deals(choices, deals, catalogue))

    return router


def _others(edit: Callable[..., Edit]) -> APIRouter:
    router = APIRouter()

    @router.put("/activities")
    async def put_activities(
        request: AskedActivities, editing: Annotated[Edit, Depends(edit)]
    ) -> DraftView:
        """Tasks both ways, and the timeline table."""
        activities = _part(activities=request).activities
        return await editing.save(lambda choices, _: replace(choices, activities=activities))

    @router.put("/mappings")
    async def put_mappings(
        request: MappingsRequest, editing: Annotated[Edit, Depends(edit)]
    ) -> DraftView:
        """The mappings of all objects; impossible ones are kept and told as problems."""
        return await editing.save(lambda choices, _: replace(choices, wanted=request.wanted()))

    @router.put("/owners")
    async def put_owners(
        request: OwnersRequest, editing: Annotated[Edit, Depends(edit)]
    ) -> DraftView:
        """Owners whose e-mail addresses differ on the two sides."""
        owners = choices_of(Settings(version=0, owners=request.owners)).owners
        return await editing.save(lambda choices, _: replace(choices, owners=owners))

    @router.put("/budget")
    async def put_budget(
        request: BudgetRequest, editing: Annotated[Edit, Depends(edit)]
    ) -> DraftView:
        """The Salesforce calls of a day."""
        calls = request.daily_salesforce_calls
        return await editing.save(lambda choices, _: replace(choices, daily_salesforce_calls=calls))

    return router


def _part(**parts: BaseModel) -> Choices:
    """Parts of the settings in the words of the decisions, the rest as it is by default."""
    told = {name: part.model_dump(mode="json") for name, part in parts.items()}
    return choices_of(Settings.model_validate({"version": 0, **told}))
