"""The calls that the use cases of mapping make to both CRMs."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from services.mapping.domain.model import Catalogue, HubSpotFields, SalesforceFields
from services.mapping.domain.properties import GROUP, GROUP_LABEL, Creation
from services.mapping.domain.shapes import NewProperty
from services.mapping.gateways.fields import (
    HUBSPOT_OBJECTS,
    definition_of,
    hubspot_field,
    salesforce_field,
)
from services.mapping.gateways.keys import ensure_key
from services.mapping.gateways.reading import read_catalogue
from services.mapping.ports import KEYED
from shared.crm.writes import WriteResult, Written
from shared.kernel.records import ObjectType
from shared.web.peers.clients import CrmClients

SETUP = "setup"
POLL = "poll"
"""Purposes of leases: somebody waits, or nobody does (quota keeps reserves by it)."""


class CrmCatalogues:
    """Reads fields, and makes properties, on leased calls."""

    def __init__(self, clients: CrmClients) -> None:
        self._clients = clients

    async def read_catalogue(self, connection_id: UUID, *, background: bool = False) -> Catalogue:
        """The fields of both sides; what the user may not see is left unread."""
        purpose = POLL if background else SETUP
        async with self._clients.open(connection_id, purpose=purpose) as (hubspot, salesforce):
            return await read_catalogue(hubspot, salesforce)

    async def ensure_key_properties(
        self, connection_id: UUID, object_types: Collection[ObjectType] = KEYED
    ) -> None:
        """Makes `causeway_key` where it is missing.

        Raises:
            FatalError: HubSpot refuses it, or the property exists without being unique.
        """
        async with self._clients.open(connection_id, purpose=SETUP) as (hubspot, _):
            for object_type in object_types:
                await ensure_key(hubspot, HUBSPOT_OBJECTS[object_type])

    async def read_properties(self, connection_id: UUID, object_type: ObjectType) -> HubSpotFields:
        """Live properties, and archived ones whose name no live one has; two calls."""
        name = HUBSPOT_OBJECTS[object_type]
        async with self._clients.open(connection_id, purpose=SETUP) as (hubspot, _):
            archived = await hubspot.properties(name, archived=True)
            live = await hubspot.properties(name)
        return {item.name: hubspot_field(item) for item in (*archived, *live)}

    async def read_fields(self, connection_id: UUID, salesforce_object: str) -> SalesforceFields:
        """The fields of one object with every option that they have; one call."""
        async with self._clients.open(connection_id, purpose=SETUP) as (_, salesforce):
            found = await salesforce.describe(salesforce_object)
        return {item.name: salesforce_field(item) for item in found.fields.values()}

    async def create_properties(
        self, connection_id: UUID, object_type: ObjectType, properties: Sequence[NewProperty]
    ) -> Mapping[str, Creation]:
        """Makes them in the group for Salesforce's fields; what became of each, by name."""
        if not properties:
            return {}
        name = HUBSPOT_OBJECTS[object_type]
        definitions = [definition_of(item, GROUP) for item in properties]
        async with self._clients.open(connection_id, purpose=SETUP) as (hubspot, _):
            await hubspot.ensure_group(name, GROUP, GROUP_LABEL)
            results = await hubspot.create_properties(name, definitions)
        return {key: _creation(result) for key, result in results.items()}


def _creation(result: WriteResult) -> Creation:
    if isinstance(result, Written):
        return Creation(created=result.created)
    return Creation(created=False, problem=result.message, retriable=result.retriable)
