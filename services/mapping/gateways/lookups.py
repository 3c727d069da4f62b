"""What a review looks up, behind the `Lookups` port."""

from collections.abc import Sequence
from uuid import UUID

from services.mapping.domain.lists import HubSpotList
from services.mapping.domain.model import SALESFORCE_OBJECTS
from services.mapping.domain.review.found import Sizes
from services.mapping.gateways.fields import HUBSPOT_OBJECTS
from services.mapping.ports import Lists, People
from shared.crm.hubspot.lists import RecordList
from shared.kernel.records import ObjectType
from shared.web.peers.clients import CrmClients

PURPOSE = "setup"
LIST_TYPES = {ObjectType.CONTACT: "0-1", ObjectType.COMPANY: "0-2"}
"""HubSpot's ids of object types (facts: hubspot-api 8)."""

TYPES = {type_id: object_type for object_type, type_id in LIST_TYPES.items()}
USERS = "SELECT Id, Email FROM User WHERE IsActive = true AND Email != null"
DAILY_CALLS = "DailyApiRequests"


class CrmLookups:
    """Reads on calls leased for the setup."""

    def __init__(self, clients: CrmClients) -> None:
        self._clients = clients

    async def lists(self, connection_id: UUID, object_type: ObjectType, query: str) -> Lists:
        """One call."""
        async with self._clients.open(connection_id, purpose=PURPOSE) as (hubspot, _):
            found = await hubspot.lists(LIST_TYPES[object_type], query)
        return Lists(tuple(_list(one) for one in found.lists), found.more)

    async def list_by_id(self, connection_id: UUID, list_id: str) -> HubSpotList | None:
        """One call."""
        async with self._clients.open(connection_id, purpose=PURPOSE) as (hubspot, _):
            found = await hubspot.list_by_id(list_id)
        return None if found is None else _list(found)

    async def people(self, connection_id: UUID) -> People:
        """One call for a hundred owners, one for 2,000 users."""
        async with self._clients.open(connection_id, purpose=PURPOSE) as (hubspot, salesforce):
            owners = await hubspot.owners()
            users = await salesforce.query(USERS)
        return People(
            hubspot={owner.id: owner.email.lower() for owner in owners if owner.email},
            salesforce={user["Id"]: str(user["Email"]).lower() for user in users},
        )

    async def sizes(self, connection_id: UUID, object_types: Sequence[ObjectType]) -> Sizes:
        """One call to HubSpot for each type, one to Salesforce for each object, one for limits."""
        names = [name for one in object_types for name in SALESFORCE_OBJECTS[one]]
        async with self._clients.open(connection_id, purpose=PURPOSE) as (hubspot, salesforce):
            here = {}
            for object_type in object_types:
                page = await hubspot.search(
                    HUBSPOT_OBJECTS[object_type], filters=[], properties=[], limit=1
                )
                here[object_type.value] = page.total
            there = await salesforce.counts(names)
            limits = await salesforce.limits()
        calls = limits.get(DAILY_CALLS)
        return Sizes(here, there, None if calls is None else calls.remaining)


def _list(found: RecordList) -> HubSpotList:
    return HubSpotList(
        id=found.id,
        name=found.name,
        object_type=TYPES.get(found.object_type_id),
        processing=found.processing,
        size=found.size,
    )
