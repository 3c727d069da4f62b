"""The mappings of the newest version."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.mapping.api.answers import IfMatch, expected_version, refusals, tag
from services.mapping.api.asked import MappingsRequest
from services.mapping.api.models import MappingsView
from services.mapping.handlers.edit import change_settings
from services.mapping.handlers.versions import Author
from services.mapping.handlers.views import newest_version
from services.mapping.ports import Store, Version
from shared.kernel.clock import Clock
from shared.security.tokens import Principal
from shared.web.guard import Guard


def mapping_routes(store: Store, guard: Guard, clock: Clock) -> APIRouter:
    """Routes under /mappings."""
    router = APIRouter(prefix="/mappings")

    @router.get("/{connection_id}", dependencies=[Depends(guard.viewer)])
    async def read_mappings(connection_id: UUID, response: Response) -> MappingsView:
        """The mappings of the newest version."""
        with refusals():
            return _answer(response, await newest_version(store, connection_id))

    @router.put("/{connection_id}")
    async def put_mappings(
        connection_id: UUID,
        request: MappingsRequest,
        principal: Annotated[Principal, Depends(guard.admin)],
        response: Response,
        if_match: IfMatch = None,
    ) -> MappingsView:
        """All mappings anew, as a new version; while the sync runs it goes out at once."""
        with refusals():
            version = await change_settings(
                store,
                connection_id,
                lambda choices: replace(choices, wanted=request.wanted()),
                expected=expected_version(if_match),
                author=Author(principal.subject, clock.now()),
                note="mappings changed",
            )
        return _answer(response, version)

    return router


def _answer(response: Response, version: Version) -> MappingsView:
    tag(response, version.settings.version)
    return MappingsView(version=version.settings.version, mappings=version.settings.mappings)
