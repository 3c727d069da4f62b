"""Lists of records, which HubSpot also calls segments (facts: hubspot-api 8)."""

from dataclasses import dataclass

from shared.crm.answers import Json, digits, member, members, object_of, text
from shared.crm.errors import CrmFatalError
from shared.crm.hubspot.paths import Paths
from shared.crm.transport import Transport

PAGE = 500
"""The most that one search gives; who has more of them searches by name."""

SIZE = "hs_list_size"
_NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class RecordList:
    """One list. `processing` is DYNAMIC, MANUAL or SNAPSHOT; `size` None where it is not told."""

    id: str
    name: str
    object_type_id: str
    processing: str
    size: int | None


@dataclass(frozen=True, slots=True)
class FoundLists:
    """The first lists that fit; `more`: there are others, a narrower search finds them."""

    lists: tuple[RecordList, ...]
    more: bool


async def search_lists(
    transport: Transport, paths: Paths, object_type_id: str, query: str
) -> FoundLists:
    """See HubSpotClient.lists."""
    body = {
        "objectTypeId": object_type_id,
        "query": query,
        "offset": 0,
        "count": PAGE,
        "additionalProperties": [SIZE],
    }
    answer = object_of(await transport.request("POST", paths.lists("search"), json=body))
    found = tuple(_list(one) for one in members(answer, "lists"))
    return FoundLists(found, more=answer.get("hasMore") is True)


async def read_list(transport: Transport, paths: Paths, list_id: str) -> RecordList | None:
    """See HubSpotClient.list_by_id."""
    try:
        response = await transport.request("GET", paths.lists(list_id))
    except CrmFatalError as absent:
        if absent.status == _NOT_FOUND:
            return None
        raise
    return _list(member(object_of(response), "list"))


def _list(found: Json) -> RecordList:
    told = text(found, "size") or text(member(found, "additionalProperties"), SIZE)
    return RecordList(
        id=text(found, "listId"),
        name=text(found, "name"),
        object_type_id=text(found, "objectTypeId"),
        processing=text(found, "processingType"),
        size=digits(told),
    )
