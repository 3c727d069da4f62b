"""Bulk reads by id or by a unique property."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from shared.crm.answers import Json, members, object_of
from shared.crm.errors import CrmFatalError
from shared.crm.gather import chunks, together
from shared.crm.hubspot.paths import Paths
from shared.crm.hubspot.records import HubSpotRecord, record_of
from shared.crm.transport import Transport

READ_SIZE = 100
READ_SIZE_WITH_HISTORY = 50
EMAIL = "email"
OTHER_EMAILS = "hs_additional_emails"


@dataclass(frozen=True, slots=True)
class HubSpotRead:
    """Records by the id (or unique value) that was asked for, and what was not found.

    A record that was merged away counts as missing: batch reads leave it out, only `read` follows
    it to the record that it became (facts: hubspot-api 3).
    """

    found: dict[str, HubSpotRecord]
    missing: frozenset[str]


async def batch_read(
    transport: Transport,
    paths: Paths,
    object_name: str,
    ids: Collection[str],
    properties: Collection[str],
    *,
    id_property: str | None = None,
    history: Collection[str] = (),
) -> HubSpotRead:
    """See HubSpotClient.batch_read."""
    path = paths.objects(object_name, "batch", "read")
    asked = list(dict.fromkeys(ids))
    wanted = _wanted(properties, id_property)

    async def read(part: Sequence[str]) -> list[HubSpotRecord]:
        sent: Json = {"inputs": [{"id": one} for one in part], "properties": wanted}
        if id_property is not None:
            sent["idProperty"] = id_property
        if history:
            sent["propertiesWithHistory"] = list(history)
        body = object_of(await transport.request("POST", path, json=sent))
        return [record_of(result) for result in members(body, "results")]

    # HubSpot refuses a batch that names a record twice, an address in another case included.
    once = list({identity_of(one, id_property): one for one in asked}.values())
    parts = await together(read, chunks(once, READ_SIZE_WITH_HISTORY if history else READ_SIZE))
    found = _by_name(asked, [record for part in parts for record in part], id_property)
    return HubSpotRead(found, frozenset(asked) - found.keys())


async def read_one(
    transport: Transport,
    paths: Paths,
    object_name: str,
    record_id: str,
    properties: Collection[str],
) -> HubSpotRecord | None:
    """See HubSpotClient.read."""
    params = [("properties", ",".join(properties))] if properties else []
    try:
        response = await transport.request(
            "GET", paths.objects(object_name, record_id), params=params
        )
    except CrmFatalError as refused:
        if refused.status == 404:  # noqa: PLR2004 -- the only status that means "no such record"
            return None
        raise
    return record_of(object_of(response))


def _wanted(properties: Collection[str], id_property: str | None) -> list[str]:
    more = [] if id_property is None else [id_property]
    if id_property == EMAIL:
        more.append(OTHER_EMAILS)
    return list(dict.fromkeys((*properties, *more)))


def identity_of(value: str, id_property: str | None) -> str:
    """What two spellings of one record have in common: e-mail addresses ignore case."""
    return value.casefold() if id_property == EMAIL else value


def _by_name(
    asked: Sequence[str], records: Sequence[HubSpotRecord], id_property: str | None
) -> dict[str, HubSpotRecord]:
    """The records by the spelling that was asked for."""
    names = {
        identity_of(name, id_property): record
        for record in records
        for name in _names(record, id_property)
    }
    spelled = [(one, identity_of(one, id_property)) for one in asked]
    return {one: names[name] for one, name in spelled if name in names}


def _names(record: HubSpotRecord, id_property: str | None) -> list[str]:
    if id_property is None:
        return [record.id]
    names = [record.properties.get(id_property) or ""]
    if id_property == EMAIL:
        names += (record.properties.get(OTHER_EMAILS) or "").split(";")
    return [name for name in names if name]
