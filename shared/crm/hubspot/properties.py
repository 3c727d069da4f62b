"""Property definitions (facts: hubspot-api 6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.errors import CrmFatalError, CrmIgnorableError, complaint_of
from shared.crm.gather import together
from shared.crm.hubspot.paths import Paths
from shared.crm.transport import Transport
from shared.crm.writes import WriteResult, Written

_NOT_FOUND = 404
_CONFLICT = 409


@dataclass(frozen=True, slots=True)
class PropertyOption:
    """One choice of an enumeration; `value` is what records hold."""

    label: str
    value: str
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class PropertyDefinition:
    """One property. `read_only`: no API call can write its value."""

    name: str
    label: str
    type: str
    field_type: str
    group_name: str
    description: str = ""
    options: tuple[PropertyOption, ...] = ()
    has_unique_value: bool = False
    read_only: bool = False
    calculated: bool = False
    hidden: bool = False
    hubspot_defined: bool = False


async def list_properties(
    transport: Transport, paths: Paths, object_name: str
) -> list[PropertyDefinition]:
    """See HubSpotClient.properties."""
    body = object_of(await transport.request("GET", paths.properties(object_name)))
    return [
        definition_of(found)
        for found in members(body, "results")
        if found.get("archived") is not True
    ]


async def create_properties(
    transport: Transport,
    paths: Paths,
    object_name: str,
    definitions: Sequence[PropertyDefinition],
) -> dict[str, WriteResult]:
    """See HubSpotClient.create_properties."""

    async def create(definition: PropertyDefinition) -> WriteResult:
        name = definition.name
        try:
            await transport.request("POST", paths.properties(object_name), json=_sent(definition))
        except CrmIgnorableError:
            return Written(name, name, created=False)
        except CrmFatalError as refused:
            if refused.complaint is None:
                raise
            return complaint_of(refused).refused(name)
        return Written(name, name, created=True)

    results = await together(create, list(definitions))
    return {result.key: result for result in results}


async def ensure_group(
    transport: Transport, paths: Paths, object_name: str, name: str, label: str
) -> None:
    """See HubSpotClient.ensure_group."""
    try:
        await transport.request("GET", paths.properties(object_name, "groups", name))
    except CrmFatalError as absent:
        if absent.status != _NOT_FOUND:
            raise
    else:
        return
    try:
        body = {"name": name, "label": label}
        await transport.request("POST", paths.properties(object_name, "groups"), json=body)
    except CrmIgnorableError:
        return
    except CrmFatalError as refused:
        if refused.status != _CONFLICT:
            raise


def definition_of(found: Json) -> PropertyDefinition:
    """The definition in one item of `results`."""
    return PropertyDefinition(
        name=text(found, "name"),
        label=text(found, "label"),
        type=text(found, "type"),
        field_type=text(found, "fieldType"),
        group_name=text(found, "groupName"),
        description=text(found, "description"),
        options=tuple(
            PropertyOption(text(one, "label"), text(one, "value"), one.get("hidden") is True)
            for one in members(found, "options")
        ),
        has_unique_value=found.get("hasUniqueValue") is True,
        read_only=member(found, "modificationMetadata").get("readOnlyValue") is True,
        calculated=found.get("calculated") is True,
        hidden=found.get("hidden") is True,
        hubspot_defined=found.get("hubspotDefined") is True,
    )


def _sent(definition: PropertyDefinition) -> Json:
    return {
        "name": definition.name,
        "label": definition.label,
        "type": definition.type,
        "fieldType": definition.field_type,
        "groupName": definition.group_name,
        "description": definition.description,
        "hasUniqueValue": definition.has_unique_value,
        "hidden": definition.hidden,
        "options": [
            {"label": one.label, "value": one.value, "displayOrder": n, "hidden": one.hidden}
            for n, one in enumerate(definition.options)
        ],
    }
