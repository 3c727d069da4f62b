"""Property definitions, and the groups that they stand in (facts: hubspot-api 6)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.bulk import Answered, write_all
from shared.crm.errors import CrmFatalError, CrmIgnorableError
from shared.crm.hubspot.complaints import complaint_from
from shared.crm.hubspot.mapper import NAME
from shared.crm.hubspot.paths import Paths
from shared.crm.hubspot.property_list import PropertyDefinition, properties_in
from shared.crm.transport import Transport
from shared.crm.writes import Refused, WriteResult, Written

MAX_LIST_BYTES = 256 * 1024 * 1024
"""A list has no pages. 1,000 custom properties with 1,000 options each are 100 MB."""
BATCH_SIZE = 100
_NOT_FOUND = 404
_CONFLICT = 409
_ITEM_STATUS = 400
_EXISTS = frozenset({"OBJECT_ALREADY_EXISTS", "CONFLICT"})


@dataclass(frozen=True, slots=True)
class _Creation:
    """One input of a batch."""

    definition: PropertyDefinition
    fields: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Its name, which identifies it in the answer."""
        return self.definition.name


async def list_properties(
    transport: Transport, paths: Paths, object_name: str, *, archived: bool = False
) -> list[PropertyDefinition]:
    """See HubSpotClient.properties."""
    response = await transport.request(
        "GET",
        paths.properties(object_name),
        params=[("archived", "true")] if archived else (),
        max_bytes=MAX_LIST_BYTES,
    )
    # A large list takes seconds to read: not on the loop.
    known = await asyncio.to_thread(properties_in, response)
    # Some built-in ones do not say whether they are archived: those are not.
    return [found for found in known if found.archived is archived]


async def create_properties(
    transport: Transport,
    paths: Paths,
    object_name: str,
    definitions: Sequence[PropertyDefinition],
) -> dict[str, WriteResult]:
    """See HubSpotClient.create_properties."""
    path = paths.properties(object_name, "batch", "create")

    async def send(rows: Sequence[_Creation]) -> Answered[_Creation]:
        body = {"inputs": [_sent(row.definition) for row in rows]}
        try:
            answer = object_of(await transport.request("POST", path, json=body))
        except CrmIgnorableError:
            alone = {row.key: Written(row.key, row.key, created=False) for row in rows}
            return Answered(alone) if len(rows) == 1 else Answered({}, rows)
        return _settled(answer, rows)

    inputs = [_Creation(definition) for definition in definitions]
    results = await write_all(inputs, send, size=BATCH_SIZE, crm=NAME)
    return {name: _made(result) for name, result in results.items()}


def _settled(answer: Json, rows: Sequence[_Creation]) -> Answered[_Creation]:
    """Results and errors name the property; an error that names none accuses all the others."""
    results: dict[str, WriteResult] = {
        name: Written(name, name, created=True)
        for name in (text(found, "name") for found in members(answer, "results"))
    }
    stray = False
    for error in members(answer, "errors"):
        names = member(error, "context").get("name")
        named = [str(one) for one in names] if isinstance(names, list) else []
        complaint = complaint_from(error, status=_ITEM_STATUS)
        results.update((name, complaint.refused(name)) for name in named)
        stray = stray or not named
    unsettled = [row for row in rows if row.key not in results] if stray else []
    if len(unsettled) == len(rows) == 1:
        complaint = complaint_from(members(answer, "errors")[0], status=_ITEM_STATUS)
        return Answered({rows[0].key: complaint.refused(rows[0].key)})
    return Answered(results, unsettled)


def _made(result: WriteResult) -> WriteResult:
    """One whose name is in use is as good as made, for whoever only wants it to exist."""
    if isinstance(result, Refused) and result.code in _EXISTS:
        return Written(result.key, result.key, created=False)
    return result


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
