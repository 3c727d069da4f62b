"""Reads a whole catalogue: five calls to HubSpot, two to Salesforce and one a record type."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TypeVar

from services.mapping.domain.bounds import bounded
from services.mapping.domain.model import (
    CONTACT_OBJECTS,
    SALESFORCE_OBJECTS,
    Catalogue,
    HubSpotFields,
    Pipeline,
    SalesforceFields,
    Stage,
    Unread,
)
from services.mapping.gateways.fields import (
    HUBSPOT_OBJECTS,
    hubspot_field,
    hubspot_pipeline,
    salesforce_field,
    salesforce_stage,
)
from shared.crm.errors import CrmFatalError
from shared.crm.gather import together
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.property_list import PropertyDefinition
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.describe import ObjectDescribe, RecordType
from shared.kernel.records import ObjectType, Side

OPPORTUNITY = "Opportunity"
STAGE = "StageName"
MAX_RECORD_TYPES = 100
"""One call each. HubSpot's largest subscription has a hundred pipelines to give them."""
Read = TypeVar("Read")


async def read_catalogue(hubspot: HubSpotClient, salesforce: SalesforceClient) -> Catalogue:
    """The fields of all objects. What the user may not see is left unread, but for contacts.

    Raises:
        CrmFatalError: the contacts of one side cannot be read, so that nothing can be mapped.
    """
    properties, unread = await _properties(hubspot)
    pipelines: tuple[Pipeline, ...] = ()
    if ObjectType.DEAL in properties:
        found = await _or_refused(lambda: hubspot.pipelines(HUBSPOT_OBJECTS[ObjectType.DEAL]))
        if not isinstance(found, CrmFatalError):
            pipelines = tuple(hubspot_pipeline(one) for one in found)
    fields, record_types, invisible = await _salesforce(salesforce)
    return Catalogue(properties, fields, pipelines, record_types, (*unread, *invisible))


async def _properties(
    hubspot: HubSpotClient,
) -> tuple[dict[ObjectType, HubSpotFields], list[Unread]]:
    """One object after the other: a list may be large, and is made small before the next."""
    properties: dict[ObjectType, HubSpotFields] = {}
    unread: list[Unread] = []
    for object_type, name in HUBSPOT_OBJECTS.items():
        found = await _or_refused(lambda name=name: hubspot.properties(name))  # type: ignore[misc]
        if not isinstance(found, CrmFatalError):
            properties[object_type] = await asyncio.to_thread(_hubspot_fields, found)
        elif object_type is ObjectType.CONTACT:
            raise found
        else:
            unread.append(Unread(Side.HUBSPOT, object_type.value, str(found)))
    return properties, unread


async def _salesforce(
    salesforce: SalesforceClient,
) -> tuple[dict[str, SalesforceFields], tuple[Pipeline, ...], list[Unread]]:
    names = [name for objects in SALESFORCE_OBJECTS.values() for name in objects]
    described = await salesforce.describes(names)
    first = described[CONTACT_OBJECTS[0]]
    if isinstance(first, CrmFatalError):
        raise first
    fields: dict[str, SalesforceFields] = {}
    record_types: tuple[Pipeline, ...] = ()
    unread: list[Unread] = []
    for name in names:
        found = described.pop(name)
        if isinstance(found, CrmFatalError):
            unread.append(Unread(Side.SALESFORCE, name, str(found)))
            continue
        fields[name] = await asyncio.to_thread(_salesforce_fields, found)
        if name == OPPORTUNITY:
            record_types = await _record_types(salesforce, found)
    return fields, record_types, unread


def _hubspot_fields(found: Iterable[PropertyDefinition]) -> HubSpotFields:
    return bounded(hubspot_field(item) for item in found)


def _salesforce_fields(found: ObjectDescribe) -> SalesforceFields:
    return bounded(salesforce_field(item) for item in found.fields.values())


async def _record_types(
    salesforce: SalesforceClient, described: ObjectDescribe
) -> tuple[Pipeline, ...]:
    stages = await _stages(salesforce, described)
    kinds = [kind for kind in described.record_types if not kind.master][:MAX_RECORD_TYPES]
    if not kinds:
        return (Pipeline("", described.label, tuple(stages.values())),)

    async def pipeline(kind: RecordType) -> Pipeline:
        values = await _or_refused(lambda: salesforce.picklist_values(OPPORTUNITY, kind.id, STAGE))
        offered = stages if isinstance(values, CrmFatalError) else set(values)
        chosen = tuple(stage for value, stage in stages.items() if value in offered)
        return Pipeline(kind.id, kind.label, chosen)

    return tuple(await together(pipeline, kinds))


async def _stages(salesforce: SalesforceClient, described: ObjectDescribe) -> Mapping[str, Stage]:
    """The stages with their probabilities; without the right to read those, the picklist's."""
    found = await _or_refused(salesforce.stages)
    if not isinstance(found, CrmFatalError):
        return {one.value: salesforce_stage(one) for one in found}
    field = described.fields.get(STAGE)
    values = field.picklist if field is not None else ()
    return {one.value: Stage(one.value, one.label) for one in values if one.active}


async def _or_refused(read: Callable[[], Awaitable[Read]]) -> Read | CrmFatalError:
    """What was read, or why this user may not read it. A dead grant is raised."""
    try:
        return await read()
    except CrmFatalError as refused:
        if refused.complaint is None:
            raise
        return refused
