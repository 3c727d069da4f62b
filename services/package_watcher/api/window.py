"""The routes of the in-record window: which layouts there are, what is done to them."""

from datetime import datetime
from typing import Annotated, Literal, Self
from urllib.parse import unquote
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field, model_validator

from services.package_watcher.api.answers import Asked, IdempotencyKey, order_id, refusals
from services.package_watcher.domain.window import Action, Window, WindowState
from services.package_watcher.domain.window_layout import object_of
from services.package_watcher.domain.window_words import window_hint, window_todo
from services.package_watcher.handlers.window import (
    layouts_of,
    order_window,
    skip_window,
    window_of,
)
from services.package_watcher.ports import LayoutSeen, Store, WindowSalesforce
from shared.kernel.ids import IdSource
from shared.web.guard import Guard

MAX_LAYOUTS = 50
"""Layouts of one order: their changes are kept and shown, and an org's leads have a handful."""

Name = Annotated[
    str,
    Field(
        min_length=1, max_length=255, pattern=r"^[^\x00-\x1f/\\]+$", examples=["Lead-Lead Layout"]
    ),
]


class WindowRequest(Asked):
    """What to do about the in-record window.

    `preview` and `add` need `layouts`, by the names of the list; `remove` takes the window off
    every layout that it is on, or off those that are named. `skip` goes on without it; it can be
    added later.
    """

    action: Literal["preview", "add", "remove", "skip"]
    layouts: Annotated[tuple[Name, ...], Field(max_length=MAX_LAYOUTS)] = ()

    @model_validator(mode="after")
    def _names_fit_the_action(self) -> Self:
        if self.action in {"preview", "add"} and not self.layouts:
            raise ValueError(f"name the layouts to {self.action}, as the list of layouts has them")
        if self.action == "skip" and self.layouts:
            raise ValueError("skip is about no layout: leave layouts out")
        return self


class LayoutView(BaseModel):
    """One page layout. `name` is how orders name it, `label` how people read it."""

    name: str
    label: str
    object: str
    window: bool
    problem: str


class ChangeView(BaseModel):
    """What becomes of one layout: a unified diff, empty where nothing does."""

    layout: str
    diff: str


class WindowFailure(BaseModel):
    """One component that Salesforce did not take, and what to do."""

    component: str
    problem: str
    hint: str


class WindowView(BaseModel):
    """The last order about the window. Times are UTC; `attempts` counts readings of the layouts."""

    action: Action
    state: WindowState
    layouts: list[str]
    asked_at: datetime
    since: datetime
    deadline: datetime
    attempts: int
    salesforce_said: str
    failures: list[WindowFailure]
    changes: list[ChangeView]
    todo: str


class WindowStanding(BaseModel):
    """What was decided (waiting, skipped, added, removed), and the last order, if there is one."""

    visualforce: str
    order: WindowView | None


def window_routes(
    router: APIRouter,
    store: Store,
    guard: Guard,
    salesforce: WindowSalesforce,
    new_id: IdSource,
) -> None:
    """Adds the routes of the window to the service's."""

    @router.get("/{connection_id}/layouts", dependencies=[Depends(guard.operator)])
    async def layouts(connection_id: UUID) -> list[LayoutView]:
        """The page layouts of leads and contacts; reading them costs some API calls."""
        with refusals():
            found = await layouts_of(store, salesforce, connection_id)
        return [_layout(one) for one in found]

    @router.get("/{connection_id}/visualforce", dependencies=[Depends(guard.viewer)])
    async def read_window(connection_id: UUID) -> WindowStanding:
        """How far the work on the window is, with the changes to each layout."""
        with refusals():
            decision, order = await window_of(store, connection_id)
        return WindowStanding(
            visualforce=decision or "waiting", order=None if order is None else _view(order)
        )

    @router.post(
        "/{connection_id}/visualforce", status_code=202, dependencies=[Depends(guard.admin)]
    )
    async def decide_window(
        connection_id: UUID, request: WindowRequest, idempotency_key: IdempotencyKey = None
    ) -> WindowStanding:
        """Orders work on the window, or goes on without it."""
        with refusals():
            if request.action == "skip":
                await skip_window(store, connection_id)
            else:
                await order_window(
                    store,
                    connection_id,
                    Action(request.action),
                    request.layouts,
                    window_id=order_id(connection_id, idempotency_key) or new_id(),
                )
        return await read_window(connection_id)


def _layout(seen: LayoutSeen) -> LayoutView:
    kind = object_of(seen.name)
    return LayoutView(
        name=seen.name,
        label=unquote(seen.name.partition("-")[2]),
        object=kind,
        window=seen.window,
        problem=seen.problem,
    )


def _view(window: Window) -> WindowView:
    return WindowView(
        action=window.action,
        state=window.state,
        layouts=list(window.layouts),
        asked_at=window.asked_at,
        since=window.since,
        deadline=window.deadline,
        attempts=window.starts,
        salesforce_said=window.said,
        failures=[
            WindowFailure(
                component=one.component, problem=one.problem, hint=window_hint(one.problem)
            )
            for one in window.failures
        ],
        changes=[ChangeView(layout=one.layout, diff=one.diff) for one in window.changes],
        todo=window_todo(window),
    )
