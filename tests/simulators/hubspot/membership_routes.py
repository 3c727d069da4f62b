"""Who is in a list, and in which lists a record is (facts: section 8)."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from tests.simulators.hubspot.batch import inputs_of
from tests.simulators.hubspot.batch_routes import completed
from tests.simulators.hubspot.errors import bad_request, error
from tests.simulators.hubspot.list_members import Membership, RecordList
from tests.simulators.hubspot.lists import MembershipChange
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import Body, find_record, kind_of
from tests.simulators.hubspot.portal import InPortal, Portal
from tests.simulators.hubspot.wire import iso, json_list, no_content, reply

DEFAULT_LIMIT = 100
MAX_LIMIT = 250
"""Members on a page (facts: section 8)."""
Place = tuple[int, ...]
"""Where a member stands in an order; as text it is a cursor."""
Ids = Annotated[list[Any], Depends(json_list)]

router = APIRouter()


@router.post("/records/memberships/batch/read")
async def read_batch(portal: InPortal, body: Body) -> Response:
    """The lists of up to 100 records."""
    found = [
        {
            "objectTypeId": kind_of(str(one.get("objectTypeId"))).type_id,
            "recordId": str(one.get("recordId")),
            "recordListMemberships": _lists_of(
                portal, str(one.get("objectTypeId")), str(one.get("recordId"))
            ),
        }
        for one in inputs_of(body)
    ]
    return completed(portal, found, [], 200)


@router.get("/records/{object_type_id}/{record_id}/memberships")
async def lists_of_record(portal: InPortal, object_type_id: str, record_id: str) -> Response:
    """The lists that one record is in."""
    results = _lists_of(portal, object_type_id, record_id)
    return reply({"results": results, "total": len(results)})


def _lists_of(portal: Portal, object_type_id: str, record_id: str) -> list[Json]:
    record = find_record(portal, kind_of(object_type_id), record_id)
    return [_membership_json(one, record.id) for one in portal.lists.of_record(record)]


def _membership_json(one: RecordList, record_id: int) -> Json:
    membership = one.members[record_id]
    return {
        "listId": str(one.id),
        "listVersion": one.version,
        "isPublicList": True,
        "firstAddedTimestamp": iso(membership.first_added),
        "lastAddedTimestamp": iso(membership.last_added),
    }


@router.get("/{list_id}/memberships")
async def members(request: Request, portal: InPortal, list_id: str) -> Response:
    """One page of members by record id."""
    return _page(request, portal.lists.find(list_id), lambda record_id, _: (record_id,))


@router.get("/{list_id}/memberships/join-order")
async def members_as_joined(request: Request, portal: InPortal, list_id: str) -> Response:
    """One page of members by the time at which they joined."""
    found = portal.lists.find(list_id)
    return _page(request, found, lambda record_id, one: (one.last_added, record_id))


def _page(request: Request, one: RecordList, place: Callable[[int, Membership], Place]) -> Response:
    """Ascending after a cursor, descending before one; ``after`` goes first (specification)."""
    query = request.query_params
    limit = _limit(query.get("limit"))
    backwards = "before" in query and "after" not in query
    cursor = _place(query.get("before") if backwards else query.get("after"))
    ordered = sorted((place(*member), member[0]) for member in one.members.items())
    if backwards:
        ordered.reverse()
    left = [
        (at, record_id)
        for at, record_id in ordered
        if cursor is None or (at < cursor if backwards else at > cursor)
    ]
    body: Json = {
        "results": [
            {
                "recordId": str(record_id),
                "membershipTimestamp": iso(one.members[record_id].last_added),
            }
            for _, record_id in left[:limit]
        ],
        "total": len(ordered),
    }
    if len(left) > limit:
        way, name = ("prev", "before") if backwards else ("next", "after")
        token = "-".join(map(str, left[limit - 1][0]))
        link = str(request.url.remove_query_params(name).include_query_params(**{name: token}))
        body["paging"] = {way: {name: token, "link": link}}
    return reply(body)


def _limit(text: str | None) -> int:
    try:
        limit = int(text or DEFAULT_LIMIT)
    except ValueError:
        raise bad_request() from None
    if not 1 <= limit <= MAX_LIMIT:
        raise error(400, f"limit is {limit}, it must be from 1 to {MAX_LIMIT}")
    return limit


def _place(cursor: str | None) -> Place | None:
    if not cursor:
        return None
    try:
        return tuple(int(part) for part in cursor.split("-"))
    except ValueError:
        raise bad_request() from None


@router.put("/{list_id}/memberships/add")
async def add(portal: InPortal, list_id: str, ids: Ids) -> Response:
    """Records join; the body is a bare array."""
    return _changed(portal.lists.change_members(list_id, map(str, ids), ()))


@router.put("/{list_id}/memberships/remove")
async def remove(portal: InPortal, list_id: str, ids: Ids) -> Response:
    """Records leave; the body is a bare array."""
    return _changed(portal.lists.change_members(list_id, (), map(str, ids)))


@router.put("/{list_id}/memberships/add-and-remove")
async def add_and_remove(portal: InPortal, list_id: str, body: Body) -> Response:
    """Both at once."""
    to_add, to_remove = body.get("recordIdsToAdd") or (), body.get("recordIdsToRemove") or ()
    return _changed(portal.lists.change_members(list_id, map(str, to_add), map(str, to_remove)))


def _changed(done: MembershipChange) -> Response:
    """The odd one out, ``recordsIdsAdded``, is HubSpot's spelling (facts: section 8)."""
    return reply(
        {
            "recordsIdsAdded": done.added,
            "recordIdsRemoved": done.removed,
            "recordIdsMissing": done.missing,
        }
    )


@router.put("/{list_id}/memberships/add-from/{source_id}")
async def add_from(portal: InPortal, list_id: str, source_id: str) -> Response:
    """All members of another list join."""
    portal.lists.copy_members(list_id, source_id)
    return no_content()


@router.delete("/{list_id}/memberships")
async def remove_all(portal: InPortal, list_id: str) -> Response:
    """The list is empty."""
    portal.lists.empty(list_id)
    return no_content()
