"""Records one at a time: list, create, read, update, archive, merge, gdpr-delete."""

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.errors import bad_request, error, not_found
from tests.simulators.hubspot.model import Json, ObjectType, Record, Values
from tests.simulators.hubspot.object_requests import (
    Body,
    Kind,
    find_record,
    flag,
    listed,
    scopes_of,
)
from tests.simulators.hubspot.object_types import CONTACT, OBJECT_TYPES, object_type
from tests.simulators.hubspot.portal import InPortal, Portal
from tests.simulators.hubspot.redaction import readable, tellable
from tests.simulators.hubspot.views import record_json, selected, written
from tests.simulators.hubspot.wire import no_content, reply

MAX_PAGE = 100
MAX_PAGE_WITH_HISTORY = 50
DEFAULT_PAGE = 10
MAX_INLINE_ASSOCIATIONS = 100
"""Associations shown inside a record before the rest has to be asked for."""

router = APIRouter(prefix="/{object_type}")


def shown(portal: Portal, request: Request, record: Record, values: Values) -> Json:
    """A record as the query parameters want it."""
    kind = record.type
    known, scopes = portal.registry.of(kind), scopes_of(request)
    seen = readable(kind, values, scopes)
    body = record_json(
        record,
        selected(record, seen, listed(request, "properties"), known),
        portal_id=portal.settings.portal_id,
        histories=tellable(kind, listed(request, "propertiesWithHistory"), scopes),
    )
    associations = _inline(portal, record, listed(request, "associations"))
    return {**body, "associations": associations} if associations else body


def _inline(portal: Portal, record: Record, names: list[str]) -> Json:
    found = {}
    for name in names:
        target = object_type(name)
        if target is None:
            raise bad_request()
        results = [
            {"id": str(other), "type": association.name}
            for other, types in portal.associations.of(record, target).items()
            for association in types
        ]
        if results:
            found[target.plural] = {"results": results[:MAX_INLINE_ASSOCIATIONS]}
    return found


@router.get("")
async def list_records(request: Request, portal: InPortal, kind: Kind) -> Response:
    """One page by id."""
    limit, after = _page(request)
    archived = flag(request, "archived")
    pool = portal.store.archived(kind) if archived else portal.store.live(kind)
    page = [pool[one] for one in sorted(pool) if one > after][: limit + 1]
    body: Json = {
        "results": [shown(portal, request, record, record.values) for record in page[:limit]]
    }
    if len(page) > limit:
        last = str(page[limit - 1].id)
        link = str(request.url.include_query_params(after=last))
        body["paging"] = {"next": {"after": last, "link": link}}
    return reply(body)


def _page(request: Request) -> tuple[int, int]:
    histories = listed(request, "propertiesWithHistory")
    highest = MAX_PAGE_WITH_HISTORY if histories else MAX_PAGE
    try:
        limit = int(request.query_params.get("limit") or DEFAULT_PAGE)
        after = int(request.query_params.get("after") or 0)
    except ValueError:
        raise bad_request() from None
    if not 1 <= limit <= highest:
        raise error(400, f"limit is {limit}, it must be from 1 to {highest}")
    return limit, after


@router.post("")
async def create_record(request: Request, portal: InPortal, kind: Kind, body: Body) -> Response:
    """A new record; 409 for a contact whose address exists."""
    manner = portal.manner(request.url.path)
    draft = portal.writer.draft_create(kind, body, manner)
    record, _ = portal.writer.carry_out(draft, manner.origin)
    answer = record_json(record, dict(record.values), portal_id=portal.settings.portal_id)
    if draft.warnings:
        answer["warnings"] = draft.warnings
    return reply(answer, 201, {"Location": f"{request.url.path}/{record.id}"})


@router.get("/{record_id}")
async def read_record(request: Request, portal: InPortal, kind: Kind, record_id: str) -> Response:
    """One record, by an id that was merged away too."""
    if flag(request, "archived"):
        record = _archived(portal, kind, record_id)
    else:
        record = find_record(portal, kind, record_id, request.query_params.get("idProperty"))
    return reply(shown(portal, request, record, record.values))


def _archived(portal: Portal, kind: ObjectType, record_id: str) -> Record:
    record = portal.store.archived(kind).get(int(record_id)) if record_id.isdecimal() else None
    if record is None:
        raise not_found()
    return record


@router.patch("/{record_id}")
async def update_record(
    request: Request, portal: InPortal, kind: Kind, record_id: str, body: Body
) -> Response:
    """Changed values and those of the system."""
    record = find_record(portal, kind, record_id, request.query_params.get("idProperty"))
    manner = portal.manner(request.url.path)
    draft = portal.writer.draft_update(record, body, manner)
    _, changed = portal.writer.carry_out(draft, manner.origin)
    values = dict(written(record, changed | draft.values))
    answer = record_json(record, dict(values), portal_id=portal.settings.portal_id)
    if draft.warnings:
        answer["warnings"] = draft.warnings
    return reply(answer)


@router.delete("/{record_id}")
async def archive_record(portal: InPortal, kind: Kind, record_id: str) -> Response:
    """204, whether or not there was anything to archive."""
    record = portal.store.resolve(kind, int(record_id)) if record_id.isdecimal() else None
    if record is not None:
        portal.store.archive(record, portal.app)
    return no_content()


@router.post("/merge")
async def merge_records(request: Request, portal: InPortal, kind: Kind, body: Body) -> Response:
    """Two records become a third one."""
    if kind not in OBJECT_TYPES[:3]:
        raise error(400, f"{kind.legacy} objects cannot be merged")
    primary = find_record(portal, kind, str(body.get("primaryObjectId")))
    other = find_record(portal, kind, str(body.get("objectIdToMerge")))
    if primary is other:
        raise error(400, "An object cannot be merged with itself")
    merged = portal.merge(primary, other, portal.app)
    return reply(shown(portal, request, merged, merged.values))


@router.post("/gdpr-delete")
async def gdpr_delete(portal: InPortal, kind: Kind, body: Body) -> Response:
    """Gone for good; an address that nobody has is no error."""
    if kind is not CONTACT:
        raise error(400, f"{kind.legacy} objects cannot be deleted this way")
    by_email = body.get("idProperty") == "email"
    object_id = str(body.get("objectId"))
    if by_email and portal.store.identify(kind, "email", object_id) is None:
        return no_content()
    record = find_record(portal, kind, object_id, body.get("idProperty"))
    portal.store.purge(record, portal.app)
    return no_content()
