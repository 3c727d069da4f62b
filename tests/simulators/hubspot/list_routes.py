"""The definitions of lists (segments): create, read, search, rename, refilter, delete, restore."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.errors import bad_request, error
from tests.simulators.hubspot.list_members import RecordList
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import Body, flag, kind_of, listed
from tests.simulators.hubspot.portal import USER, InPortal
from tests.simulators.hubspot.wire import iso, no_content, reply

DEFAULT_COUNT = 20
MAX_COUNT = 500
"""Lists on a page of a search (facts: section 8)."""

router = APIRouter()
every = APIRouter()
"""Since version 2026-09 only."""

ADDITIONAL: dict[str, Callable[[RecordList], str]] = {
    "hs_list_size": lambda one: str(len(one.members)),
    "hs_last_record_added_at": lambda one: "" if one.added_at is None else str(one.added_at),
}
"""What a search shows on demand, always as text; names unknown or empty are left out."""


def _common(one: RecordList) -> Json:
    return {
        "listId": str(one.id),
        "listVersion": one.version,
        "name": one.name,
        "objectTypeId": one.type.type_id,
        "processingType": one.processing,
        "processingStatus": one.processing_status,
        "createdAt": iso(one.created_at),
        "updatedAt": iso(one.updated_at),
        "filtersUpdatedAt": iso(one.filters_updated_at),
        "createdById": str(USER.user_id),
        "updatedById": str(USER.user_id),
    }


def _shown(one: RecordList, *, filters: bool) -> Json:
    body = {**_common(one), "size": len(one.members)}
    if filters and one.branch is not None:
        body["filterBranch"] = one.branch
    return body


def _hit(one: RecordList, names: list[str]) -> Json:
    """A search's view of a list: no size, unless it is asked for as an additional property."""
    extra = {name: ADDITIONAL[name](one) for name in names if name in ADDITIONAL}
    return {**_common(one), "additionalProperties": {name: v for name, v in extra.items() if v}}


@router.post("")
async def create_list(portal: InPortal, body: Body) -> Response:
    """A new list; HubSpot answers 200, not 201 (facts: section 8)."""
    return reply({"list": _shown(portal.lists.create(body), filters=True)})


@router.get("")
async def lists_by_id(request: Request, portal: InPortal) -> Response:
    """The lists with these ids; those that do not exist are left out."""
    wanted = set(listed(request, "listIds"))
    found = [one for one in portal.lists.live() if str(one.id) in wanted]
    filters = flag(request, "includeFilters")
    return reply({"lists": [_shown(one, filters=filters) for one in found]})


@router.post("/search")
async def search_lists(portal: InPortal, body: Body) -> Response:
    """One page of the lists that fit, by id; ``offset`` of the answer leads to the next one."""
    size, offset = _count(body), _whole(body.get("offset") or 0)
    names = [str(one) for one in body.get("additionalProperties") or ()]
    text = str(body.get("query") or "").lower()
    ids = {str(one) for one in body.get("listIds") or ()}
    found = [
        one
        for one in portal.lists.live()
        if _wanted(one, body) and text in one.name.lower() and (not ids or str(one.id) in ids)
    ]
    page = found[offset : offset + size]
    return reply(
        {
            "lists": [_hit(one, names) for one in page],
            "offset": offset + len(page),
            "hasMore": offset + len(page) < len(found),
            "total": len(found),
        }
    )


@every.post("/all")
async def all_lists(portal: InPortal, body: Body) -> Response:
    """One page of all lists, with a cursor."""
    size, after = _count(body), _whole(body.get("after") or 0)
    names = [str(one) for one in body.get("additionalProperties") or ()]
    found = [one for one in portal.lists.live() if _wanted(one, body)]
    page = [one for one in found if one.id > after][:size]
    answer: Json = {"results": [_hit(one, names) for one in page], "total": len(found)}
    if page and page[-1].id != found[-1].id:
        answer["paging"] = {"next": {"after": str(page[-1].id)}}
    return reply(answer)


def _wanted(one: RecordList, body: Json) -> bool:
    processing, type_id = body.get("processingTypes"), body.get("objectTypeId")
    return (not processing or one.processing in processing) and (
        not type_id or one.type.type_id == type_id
    )


def _count(body: Json) -> int:
    size = _whole(body.get("count") or DEFAULT_COUNT)
    if not 1 <= size <= MAX_COUNT:
        raise error(400, f"count is {size}, it must be from 1 to {MAX_COUNT}")
    return size


def _whole(value: Any) -> int:
    try:
        number = int(value)
    except (ValueError, TypeError):
        raise bad_request() from None
    if number < 0:
        raise bad_request()
    return number


@router.get("/object-type-id/{object_type_id}/name/{name}")
async def list_by_name(
    request: Request, portal: InPortal, object_type_id: str, name: str
) -> Response:
    """One list by its exact name."""
    found = portal.lists.named(kind_of(object_type_id), name)
    return reply({"list": _shown(found, filters=flag(request, "includeFilters"))})


@router.get("/{list_id}")
async def read_list(request: Request, portal: InPortal, list_id: str) -> Response:
    """One list; its filters only if they are asked for."""
    found = portal.lists.find(list_id)
    return reply({"list": _shown(found, filters=flag(request, "includeFilters"))})


@router.delete("/{list_id}")
async def delete_list(portal: InPortal, list_id: str) -> Response:
    """Deleted, for 90 days restorable."""
    portal.lists.delete(list_id)
    return no_content()


@router.put("/{list_id}/restore")
async def restore_list(portal: InPortal, list_id: str) -> Response:
    """Back again, with its members."""
    portal.lists.restore(list_id)
    return no_content()


@router.put("/{list_id}/update-list-name")
async def rename_list(request: Request, portal: InPortal, list_id: str) -> Response:
    """Another name, which comes in the query."""
    found = portal.lists.rename(list_id, request.query_params.get("listName", ""))
    return reply({"updatedList": _shown(found, filters=flag(request, "includeFilters"))})


@router.put("/{list_id}/update-list-filters")
async def refilter_list(portal: InPortal, list_id: str, body: Body) -> Response:
    """Other filters for a dynamic list, which is recalculated a while later."""
    found = portal.lists.refilter(list_id, body.get("filterBranch"))
    return reply({"updatedList": _shown(found, filters=True)})
