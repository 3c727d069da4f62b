"""Versions compared and restored; settings as a file, out and in."""

from asyncio import to_thread
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Body, Depends, Path, Query, Response

from services.mapping.api.answers import (
    IfMatch,
    expected_version,
    no_such_version,
    refusals,
    tag,
)
from services.mapping.api.desk import Desk
from services.mapping.api.document import read_document
from services.mapping.api.history_views import (
    ComparisonView,
    ImportView,
    comparison_view,
    import_view,
)
from services.mapping.api.models import SettingsView
from services.mapping.api.settings import LATEST_VERSION
from services.mapping.domain.document import as_data
from services.mapping.handlers.documents import export_settings, import_settings
from services.mapping.handlers.history import (
    UnknownVersionError,
    compare_versions,
    restore_version,
)
from services.mapping.handlers.views import settings_of
from shared.kernel.plain_yaml import write_yaml
from shared.security.tokens import Principal

YAML = "application/yaml"
"""RFC 9512."""

VersionNumber = Annotated[int, Path(ge=0, le=LATEST_VERSION)]


def history_routes(desk: Desk) -> APIRouter:
    """Routes under /settings about versions and files."""
    router = APIRouter(prefix="/settings/{connection_id}")
    _versions(router, desk)
    _files(router, desk)
    return router


def _versions(router: APIRouter, desk: Desk) -> None:
    @router.get("/versions/{version}/diff/{other}", dependencies=[Depends(desk.guard.viewer)])
    async def compare(
        connection_id: UUID, version: VersionNumber, other: VersionNumber
    ) -> ComparisonView:
        """What differs from one version to another, in words, part by part."""
        try:
            with refusals():
                return comparison_view(
                    await compare_versions(desk.store, connection_id, version, other)
                )
        except UnknownVersionError as unknown:
            raise no_such_version(unknown.version) from None

    @router.post("/versions/{version}/restore", status_code=201)
    async def restore(
        connection_id: UUID,
        version: VersionNumber,
        principal: Annotated[Principal, Depends(desk.guard.admin)],
        response: Response,
        if_match: IfMatch = None,
    ) -> SettingsView:
        """A new version that equals an old one, as far as the CRMs allow it today."""
        try:
            with refusals():
                restored = await restore_version(
                    desk.store,
                    desk.crms,
                    desk.lookups,
                    connection_id,
                    version,
                    expected=expected_version(if_match),
                    author=desk.author(principal),
                )
        except UnknownVersionError as unknown:
            raise no_such_version(unknown.version) from None
        _, sync = await settings_of(desk.store, connection_id)
        tag(response, restored.settings.version)
        return SettingsView(settings=restored.settings, sync=sync.value)


def _files(router: APIRouter, desk: Desk) -> None:
    @router.get(
        "/export",
        dependencies=[Depends(desk.guard.operator)],
        response_class=Response,
        responses={200: {"content": {YAML: {"schema": {"type": "string"}}}}},
    )
    async def export(connection_id: UUID) -> Response:
        """The settings as a file for people and for other connections; the ETag is import's."""
        with refusals():
            exported = await export_settings(desk.store, desk.lookups, connection_id)
        text = await to_thread(write_yaml, as_data(exported.document))
        return Response(text, media_type=YAML, headers={"ETag": f'"{exported.etag}"'})

    @router.post("/import")
    async def import_file(
        connection_id: UUID,
        text: Annotated[str, Body(media_type=YAML)],
        principal: Annotated[Principal, Depends(desk.guard.admin)],
        response: Response,
        *,
        dry_run: Annotated[bool, Query()] = False,
        if_match: IfMatch = None,
    ) -> ImportView:
        """Reads a file of settings; a dry run only says what it would change here.

        Before the start it becomes the draft, after it a version. If-Match is the ETag that the
        export or a dry run gave; only the dry run does without.
        """
        expected = None if dry_run else expected_version(if_match)
        document = await to_thread(read_document, text)
        with refusals():
            found = await import_settings(
                desk.store,
                desk.crms,
                desk.lookups,
                connection_id,
                document,
                expected=expected,
                author=desk.author(principal),
            )
        tag(response, found.etag)
        return import_view(found, dry_run=dry_run)
