"""The settings: the newest version, changes, history, and the switch of the sync."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query, Response

from services.mapping.api.answers import (
    IfMatch,
    expected_version,
    no_such_version,
    refusals,
    tag,
)
from services.mapping.api.desk import Desk
from services.mapping.api.models import (
    PauseRequest,
    SettingsRequest,
    SettingsView,
    SetupView,
    VersionView,
    setup_view,
    version_view,
)
from services.mapping.handlers.drift import warnings_of
from services.mapping.handlers.edit import replace_settings
from services.mapping.handlers.lists import with_lists
from services.mapping.handlers.missing import ensure_keys
from services.mapping.handlers.switch import pause_sync, resume_sync
from services.mapping.handlers.views import history, settings_of
from services.mapping.ports import FieldStore, Store
from shared.contracts.settings import Settings
from shared.security.tokens import Principal
from shared.web.paging import Page, decode_place, encode_cursor

PAGE_LIMIT = 200
"""Longer pages are slow to read for a person and for the database alike."""

LATEST_VERSION = 999_999_999
"""Nine digits, as an ETag has at most; far inside a 32-bit column."""


def settings_routes(desk: Desk) -> APIRouter:
    """Routes under /settings."""
    router = APIRouter(prefix="/settings")
    router.include_router(_reading(desk.store), dependencies=[Depends(desk.guard.viewer)])
    router.include_router(_switching(desk.store), dependencies=[Depends(desk.guard.operator)])

    @router.put("/{connection_id}")
    async def put_settings(
        connection_id: UUID,
        request: SettingsRequest,
        principal: Annotated[Principal, Depends(desk.guard.admin)],
        response: Response,
        if_match: IfMatch = None,
    ) -> SettingsView:
        """Everything anew, as a new version; while the sync runs it goes out at once."""
        with refusals():
            expected = expected_version(if_match)
            choices = await with_lists(desk.store, desk.lookups, connection_id, request.choices())
            await ensure_keys(desk.crms, connection_id, choices)
            version = await replace_settings(
                desk.store,
                connection_id,
                choices,
                expected=expected,
                author=desk.author(principal),
            )
            _, sync = await settings_of(desk.store, connection_id)
        tag(response, version.settings.version)
        return SettingsView(settings=version.settings, sync=sync.value)

    return router


def _reading(store: FieldStore) -> APIRouter:
    router = APIRouter()

    @router.get("/{connection_id}")
    async def read_settings(connection_id: UUID, response: Response) -> SettingsView:
        """The newest version; null before the first choice and for an unknown connection."""
        settings, sync = await settings_of(store, connection_id)
        version = settings.version if settings else 0
        tag(response, version)
        warnings = await warnings_of(store, connection_id, version)
        return SettingsView(settings=settings, sync=sync.value, warnings=list(warnings))

    @router.get("/{connection_id}/versions")
    async def list_versions(
        connection_id: UUID,
        limit: Annotated[int, Query(ge=1, le=PAGE_LIMIT)] = 50,
        cursor: Annotated[str | None, Query()] = None,
    ) -> Page[VersionView]:
        """Every version that was ever made, the newest first."""
        with refusals():
            found = await history(store, connection_id, before=_before(cursor), limit=limit)
        full = len(found) == limit
        return Page(
            items=[version_view(version) for version in found],
            next_cursor=encode_cursor([found[-1].settings.version]) if full else None,
        )

    @router.get("/{connection_id}/versions/{version}")
    async def read_version(
        connection_id: UUID, version: Annotated[int, Path(ge=0, le=LATEST_VERSION)]
    ) -> Settings:
        """One version as a whole; the body of a PUT that goes back to it."""
        with refusals():
            found = await history(store, connection_id, before=version + 1, limit=1)
        if not found or found[0].settings.version != version:
            raise no_such_version(version)
        return found[0].settings

    return router


def _switching(store: Store) -> APIRouter:
    router = APIRouter()

    @router.post("/{connection_id}/pause")
    async def pause(connection_id: UUID, request: PauseRequest | None = None) -> SetupView:
        """Nothing is written to either CRM until it is resumed; changes go on being noted."""
        with refusals():
            reason = (request or PauseRequest()).reason
            return setup_view(await pause_sync(store, connection_id, reason))

    @router.post("/{connection_id}/resume")
    async def resume(connection_id: UUID) -> SetupView:
        """Goes on with what was noted during the pause, and with the newest settings."""
        with refusals():
            return setup_view(await resume_sync(store, connection_id))

    return router


def _before(cursor: str | None) -> int | None:
    return None if cursor is None else decode_place(cursor, _number)[0]


def _number(text: str) -> int:
    """A version that there can be; ValueError for any other text."""
    number = int(text)
    if not 0 <= number <= LATEST_VERSION:
        raise ValueError("no version")
    return number
