"""Both CRMs behind the `Crms` port of the mapping service."""

from collections.abc import Iterable
from uuid import UUID

from services.mapping.domain.model import (
    CONTACT_OBJECTS,
    Catalogue,
    HubSpotField,
    Option,
    SalesforceField,
)
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.property_list import PropertyDefinition
from shared.crm.salesforce.describe import FieldDescribe
from shared.crm.writes import Refused
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.records import ObjectType
from shared.web.peers.clients import CrmClients

CONTACTS = "contacts"
KEYED_OBJECTS = (CONTACTS, "tasks")
"""HubSpot objects that Causeway creates records of."""

GROUP = "causeway"
GROUP_LABEL = "Causeway"
PURPOSE = "setup"

KEY = PropertyDefinition(
    name="causeway_key",
    label="Causeway Key",
    type="string",
    field_type="text",
    group_name=GROUP,
    description=(
        "Set by Causeway when it creates the record: Salesforce org and record id. Do not edit."
    ),
    has_unique_value=True,
)
"""The unique property that lets a repeated write find its record (design: section 6)."""


class CrmCatalogues:
    """Reads fields, and makes the key property, on calls leased for the setup."""

    def __init__(self, clients: CrmClients) -> None:
        self._clients = clients

    async def read_catalogue(self, connection_id: UUID) -> Catalogue:
        """The fields of both sides; one call to HubSpot, one to Salesforce for each object."""
        async with self._clients.open(connection_id, purpose=PURPOSE) as (hubspot, salesforce):
            properties = await hubspot.properties(CONTACTS)
            describes = {name: await salesforce.describe(name) for name in CONTACT_OBJECTS}
        return Catalogue(
            hubspot={ObjectType.CONTACT: {item.name: hubspot_field(item) for item in properties}},
            salesforce={
                name: {item.name: salesforce_field(item) for item in describe.fields.values()}
                for name, describe in describes.items()
            },
        )

    async def ensure_key_properties(self, connection_id: UUID) -> None:
        """Makes `causeway_key` on contacts and tasks where it is missing.

        Raises:
            FatalError: HubSpot refuses it, or the property exists without being unique.
        """
        async with self._clients.open(connection_id, purpose=PURPOSE) as (hubspot, _):
            for name in KEYED_OBJECTS:
                await _ensure_key(hubspot, name)


async def _ensure_key(hubspot: HubSpotClient, object_name: str) -> None:
    found = _named(await hubspot.properties(object_name), KEY.name)
    if found is None:
        await hubspot.ensure_group(object_name, GROUP, GROUP_LABEL)
        result = (await hubspot.create_properties(object_name, [KEY]))[KEY.name]
        if isinstance(result, Refused):
            raise _refused(object_name, result)
        return
    if not found.has_unique_value:
        raise FatalError(
            f"HubSpot's {object_name} have a property {KEY.name} that is not unique, so Causeway "
            "cannot use it. Rename or delete it in HubSpot (Settings > Properties), then choose "
            "again.",
            code="key_property_not_unique",
        )


def _refused(object_name: str, result: Refused) -> FatalError | RetriableError:
    text = (
        f"HubSpot did not make the property {KEY.name} on {object_name}: {result.message} "
        "HubSpot allows ten unique properties an object; remove one that nobody uses if that is it."
    )
    family = RetriableError if result.retriable else FatalError
    return family(text, code="key_property_refused")


def hubspot_field(item: PropertyDefinition) -> HubSpotField:
    """What the decisions need of a property. A calculated one cannot be written either."""
    return HubSpotField(
        name=item.name,
        label=item.label,
        type=item.type,
        field_type=item.field_type,
        read_only=item.read_only or item.calculated,
        options=tuple(Option(one.value, one.label, one.hidden) for one in item.options),
        calculated=item.calculated,
        unique=item.has_unique_value,
        group=item.group_name,
        hubspot_defined=item.hubspot_defined,
    )


def salesforce_field(item: FieldDescribe) -> SalesforceField:
    """What the decisions need of a field; Salesforce says 0 where there is no length."""
    return SalesforceField(
        name=item.name,
        label=item.label,
        type=item.type,
        createable=item.createable,
        updateable=item.updateable,
        length=item.length or None,
        references=item.reference_to,
        options=tuple(Option(one.value, one.label, not one.active) for one in item.picklist),
        restricted=item.restricted_picklist,
        required=item.required_on_create,
        calculated=item.calculated,
        precision=item.precision or None,
        scale=item.scale if item.precision else None,
        unique=item.unique,
        custom=item.custom,
    )


def _named(items: Iterable[PropertyDefinition], name: str) -> PropertyDefinition | None:
    return next((item for item in items if item.name == name), None)
