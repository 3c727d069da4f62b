"""The setup: where it stands, the choice, the finish."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response

from services.mapping.api.answers import refusals, tag
from services.mapping.api.models import (
    ChoiceRequest,
    DraftView,
    SetupView,
    left_out_view,
    setup_view,
)
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.switch import finish_setup
from services.mapping.handlers.versions import Author
from services.mapping.handlers.views import setup_of, setups_page
from services.mapping.ports import Crms, Store
from shared.kernel.clock import Clock
from shared.security.tokens import Principal
from shared.web.guard import Guard
from shared.web.paging import Page, decode_place, encode_cursor

PAGE_LIMIT = 200
"""A deployment has few connections; one page shows them all."""


def setup_routes(store: Store, crms: Crms, guard: Guard, clock: Clock) -> APIRouter:
    """Routes under /setup."""
    router = APIRouter(prefix="/setup")

    @router.get("", dependencies=[Depends(guard.viewer)])
    async def list_setups(
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
        cursor: Annotated[str | None, Query()] = None,
    ) -> Page[SetupView]:
        """The setups of all connections."""
        found = await setups_page(store, after=_after(cursor), limit=limit)
        full = len(found) == limit
        return Page(
            items=[setup_view(setup) for setup in found],
            next_cursor=encode_cursor([found[-1].connection_id]) if full else None,
        )

    @router.get("/{connection_id}", dependencies=[Depends(guard.viewer)])
    async def read_setup(connection_id: UUID) -> SetupView:
        """Each step's state, and what to do next."""
        with refusals():
            return setup_view(await setup_of(store, connection_id))

    @router.post("/{connection_id}/choice", status_code=201)
    async def choose(
        connection_id: UUID,
        _request: ChoiceRequest,
        principal: Annotated[Principal, Depends(guard.admin)],
        response: Response,
    ) -> DraftView:
        """Reads the fields of both CRMs and drafts the settings that fit them."""
        with refusals():
            author = Author(principal.subject, clock.now())
            drafted = await choose_recommended(store, crms, connection_id, author)
        tag(response, drafted.version.settings.version)
        return DraftView(
            settings=drafted.version.settings,
            left_out=[left_out_view(item) for item in drafted.left_out],
        )

    @router.post("/{connection_id}/finish", dependencies=[Depends(guard.admin)])
    async def finish(connection_id: UUID) -> SetupView:
        """Checks every step, publishes the settings and starts the sync."""
        with refusals():
            return setup_view(await finish_setup(store, connection_id))

    return router


def _after(cursor: str | None) -> UUID | None:
    return None if cursor is None else decode_place(cursor, UUID)[0]
