"""The routes of the pre-flight."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, Field

from services.connection.api.errors import as_problems
from services.connection.api.parts import PREFIX, Parts
from services.connection.domain.checklist import Item, Mark
from services.connection.domain.features import Feature
from services.connection.domain.preflight import Preflight
from services.connection.handlers.preflight import (
    DEFAULT_FEATURES,
    latest_preflight,
    run_preflight,
)
from shared.kernel.records import Side

Features = Annotated[
    list[Feature],
    Query(
        default_factory=lambda: list(DEFAULT_FEATURES),
        min_length=1,
        max_length=len(Feature),
        description="what is to be set up; only the rights that these need are looked at",
    ),
]


class ItemView(BaseModel):
    """One line of the checklist; `todo` is empty when it has passed."""

    key: str
    side: Side
    right: str
    mark: Mark
    features: list[Feature] = Field(description="the chosen features that need it")
    found: str
    todo: str


class PreflightView(BaseModel):
    """The checklist as it was at `checked_at`; `mark` is that of its worst item."""

    connection_id: UUID
    checked_at: datetime
    features: list[Feature]
    mark: Mark
    items: list[ItemView]
    lost: list[str] = Field(description="keys of items that the user before had passed")


def preflight_routes(parts: Parts) -> APIRouter:
    """Operators run it, viewers look at the latest."""
    router = APIRouter(prefix=PREFIX)

    @router.post("/{connection_id}/preflight", dependencies=[Depends(parts.guard.operator)])
    async def run(connection_id: UUID, features: Features) -> PreflightView:
        """Looks into both CRMs now: what the chosen features need, and what is missing."""
        with as_problems():
            return _view(await run_preflight(parts.store, parts.scout, connection_id, features))

    @router.get("/{connection_id}/preflight", dependencies=[Depends(parts.guard.viewer)])
    async def latest(connection_id: UUID) -> PreflightView:
        """The latest checklist; 404 preflight-never-run when there is none."""
        with as_problems():
            return _view(await latest_preflight(parts.store, connection_id))

    return router


def _view(run: Preflight) -> PreflightView:
    return PreflightView(
        connection_id=run.connection_id,
        checked_at=run.checked_at,
        features=list(run.features),
        mark=run.mark,
        items=[_item(item) for item in run.items],
        lost=list(run.lost),
    )


def _item(item: Item) -> ItemView:
    return ItemView(
        key=item.key,
        side=item.side,
        right=item.right,
        mark=item.mark,
        features=list(item.features),
        found=item.found,
        todo=item.todo,
    )
