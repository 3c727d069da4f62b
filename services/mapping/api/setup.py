"""The setup: where it stands, the choice, the review, the finish."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.mapping.api.answers import refusals, tag
from services.mapping.api.desk import Desk
from services.mapping.api.models import (
    ChoiceRequest,
    ChoiceView,
    SetupView,
    left_out_view,
    setup_view,
)
from services.mapping.api.review_views import (
    MESSAGE,
    FinishRequest,
    FinishView,
    ReviewView,
    next_steps,
    review_view,
)
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.drafts import begin_draft
from services.mapping.handlers.drift import warnings_of
from services.mapping.handlers.finish import finish_setup
from services.mapping.handlers.review import review_setup
from services.mapping.handlers.versions import Author
from services.mapping.handlers.views import setup_of, setups_page
from shared.security.tokens import Principal
from shared.web.paging import Page, decode_place, encode_cursor

PAGE_LIMIT = 200
"""A deployment has few connections; one page shows them all."""


def setup_routes(desk: Desk) -> APIRouter:
    """Routes under /setup."""
    router = APIRouter()
    router.include_router(_standing(desk), dependencies=[Depends(desk.guard.viewer)])
    router.include_router(_moving(desk))
    return router


def _standing(desk: Desk) -> APIRouter:
    router = APIRouter(prefix="/setup")

    @router.get("")
    async def list_setups(
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
        cursor: Annotated[str | None, Query()] = None,
    ) -> Page[SetupView]:
        """The setups of all connections."""
        found = await setups_page(desk.store, after=_after(cursor), limit=limit)
        full = len(found) == limit
        return Page(
            items=[setup_view(setup) for setup in found],
            next_cursor=encode_cursor([found[-1].connection_id]) if full else None,
        )

    @router.get("/{connection_id}")
    async def read_setup(connection_id: UUID) -> SetupView:
        """Each step's state, and what to do next."""
        with refusals():
            setup = await setup_of(desk.store, connection_id)
        return setup_view(setup, await warnings_of(desk.store, connection_id, setup.version))

    @router.get("/{connection_id}/review", dependencies=[Depends(desk.guard.operator)])
    async def read_review(connection_id: UUID) -> ReviewView:
        """Everything that the finish would start, in words, and every problem with its fix."""
        with refusals():
            return review_view(await review_setup(desk.store, desk.lookups, connection_id))

    return router


def _moving(desk: Desk) -> APIRouter:
    router, admin = APIRouter(prefix="/setup"), desk.guard.admin

    @router.post("/{connection_id}/choice", status_code=201)
    async def choose(
        connection_id: UUID,
        request: ChoiceRequest,
        principal: Annotated[Principal, Depends(admin)],
        response: Response,
    ) -> ChoiceView:
        """Reads both CRMs. Recommended: a version that fits them. Advanced: a draft to go through.

        The ETag is that of the version, or of the draft.
        """
        with refusals():
            author = desk.author(principal)
            if request.kind == "advanced":
                return await _begun(desk, connection_id, author, response)
            drafted = await choose_recommended(desk.store, desk.crms, connection_id, author)
        tag(response, drafted.version.settings.version)
        return ChoiceView(
            settings=drafted.version.settings,
            left_out=[left_out_view(item) for item in drafted.left_out],
        )

    @router.post("/{connection_id}/finish")
    async def finish(
        connection_id: UUID,
        principal: Annotated[Principal, Depends(admin)],
        request: FinishRequest | None = None,
    ) -> FinishView:
        """Reviews, makes the draft the next version, publishes it and starts the sync.

        Errors of the review block it; its warnings have to be acknowledged by their codes.
        """
        with refusals():
            setup = await finish_setup(
                desk.store,
                desk.crms,
                desk.lookups,
                connection_id,
                acknowledged=(request or FinishRequest()).acknowledge,
                author=desk.author(principal),
            )
        shown = setup_view(setup).model_dump()
        return FinishView(**shown, message=MESSAGE, next_steps=next_steps(connection_id))

    return router


async def _begun(desk: Desk, connection_id: UUID, author: Author, response: Response) -> ChoiceView:
    opened = await begin_draft(desk.store, desk.crms, connection_id, author)
    tag(response, opened.revision)
    return ChoiceView(settings=opened.draft.settings, left_out=[], draft_revision=opened.revision)


def _after(cursor: str | None) -> UUID | None:
    return None if cursor is None else decode_place(cursor, UUID)[0]
