"""The unique HubSpot property that lets a repeated write find its record (design: section 6)."""

from collections.abc import Iterable

from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.property_list import PropertyDefinition
from shared.crm.writes import Refused
from shared.kernel.errors import FatalError, RetriableError

GROUP = "causeway"
GROUP_LABEL = "Causeway"

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


async def ensure_key(hubspot: HubSpotClient, object_name: str) -> None:
    """Makes the key property of an object where it is missing; a repeat changes nothing (I6).

    Raises:
        FatalError: HubSpot refuses it, or the property exists without being unique.
    """
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


def _named(items: Iterable[PropertyDefinition], name: str) -> PropertyDefinition | None:
    return next((item for item in items if item.name == name), None)
