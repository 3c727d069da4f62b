"""The mappings of the newest version, and the fields that can be mapped."""

from dataclasses import replace
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Response

from services.mapping.api.answers import IfMatch, expected_version, refusals, tag
from services.mapping.api.asked import MappingsRequest
from services.mapping.api.models import FieldsView, FieldView, MappingsView
from services.mapping.domain.model import SALESFORCE_OBJECTS, Catalogue
from services.mapping.handlers.choice import read_fields
from services.mapping.handlers.edit import change_settings
from services.mapping.handlers.versions import Author
from services.mapping.handlers.views import fields_of, newest_version
from services.mapping.ports import Crms, Store, Version
from shared.kernel.clock import Clock
from shared.kernel.records import ObjectType
from shared.security.tokens import Principal
from shared.web.guard import Guard


def mapping_routes(store: Store, crms: Crms, guard: Guard, clock: Clock) -> APIRouter:
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

    router.include_router(_fields(store, crms, guard))
    return router


def _fields(store: Store, crms: Crms, guard: Guard) -> APIRouter:
    router = APIRouter()

    @router.get("/{connection_id}/fields", dependencies=[Depends(guard.viewer)])
    async def read_kept_fields(
        connection_id: UUID, object_type: ObjectType = ObjectType.CONTACT
    ) -> FieldsView:
        """The fields of both sides as they were read last."""
        with refusals():
            return _fields_view(await fields_of(store, connection_id), object_type)

    @router.post("/{connection_id}/fields", dependencies=[Depends(guard.operator)])
    async def read_fields_again(
        connection_id: UUID, object_type: ObjectType = ObjectType.CONTACT
    ) -> FieldsView:
        """Reads the fields of both sides again; needed after a field was made in a CRM."""
        with refusals():
            return _fields_view(await read_fields(store, crms, connection_id), object_type)

    return router


def _answer(response: Response, version: Version) -> MappingsView:
    tag(response, version.settings.version)
    return MappingsView(version=version.settings.version, mappings=version.settings.mappings)


def _fields_view(catalogue: Catalogue, object_type: ObjectType) -> FieldsView:
    return FieldsView(
        hubspot=[
            FieldView(name=f.name, label=f.label, type=f.type, writable=not f.read_only)
            for f in catalogue.properties(object_type).values()
        ],
        salesforce={
            name: [
                FieldView(name=f.name, label=f.label, type=f.type, writable=f.writable)
                for f in catalogue.fields(name).values()
            ]
            for name in SALESFORCE_OBJECTS[object_type]
        },
    )
