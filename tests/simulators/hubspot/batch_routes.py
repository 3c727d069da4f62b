"""Records by the hundred, and the search."""

from typing import Any

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.batch import (
    MAX_HISTORIES,
    MAX_INPUTS,
    OBJECT_ID,
    Partial,
    inputs_of,
)
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import Body, Kind, flag, scopes_of
from tests.simulators.hubspot.portal import InPortal, Portal
from tests.simulators.hubspot.redaction import readable, tellable
from tests.simulators.hubspot.search import parse_query, search
from tests.simulators.hubspot.views import record_json, selected
from tests.simulators.hubspot.wire import iso, no_content, reply

router = APIRouter(prefix="/{object_type}")


def completed(portal: Portal, results: list[Json], errors: list[Json], status: int) -> Response:
    """The envelope of a batch; 207 as soon as there is an error in it."""
    now = iso(portal.machinery.clock.milliseconds())
    body: Json = {"status": "COMPLETE", "results": results, "startedAt": now, "completedAt": now}
    if errors:
        return reply({**body, "numErrors": len(errors), "errors": errors}, 207)
    return reply(body, status)


def _answered(portal: Portal, partial: Partial, status: int) -> Response:
    return completed(portal, partial.results, partial.errors, status)


@router.post("/batch/create")
async def batch_create(request: Request, portal: InPortal, kind: Kind, body: Body) -> Response:
    """New records."""
    manner = portal.manner(request.url.path)
    return _answered(portal, portal.batches.create(kind, inputs_of(body), manner), 201)


@router.post("/batch/update")
async def batch_update(request: Request, portal: InPortal, kind: Kind, body: Body) -> Response:
    """Changed records."""
    manner = portal.manner(request.url.path)
    return _answered(portal, portal.batches.update(kind, inputs_of(body), manner), 200)


@router.post("/batch/upsert")
async def batch_upsert(request: Request, portal: InPortal, kind: Kind, body: Body) -> Response:
    """New or changed records."""
    manner = portal.manner(request.url.path)
    return _answered(portal, portal.batches.upsert(kind, inputs_of(body), manner), 200)


@router.post("/batch/read")
async def batch_read(request: Request, portal: InPortal, kind: Kind, body: Body) -> Response:
    """Records by id or by a unique property; those that are missing are one error."""
    histories: list[str] = body.get("propertiesWithHistory") or []
    inputs = inputs_of(body, MAX_HISTORIES if histories else MAX_INPUTS)
    records, errors = portal.batches.read(
        kind,
        [str(one.get("id")) for one in inputs],
        body.get("idProperty") or OBJECT_ID,
        archived=flag(request, "archived"),
    )
    known = portal.registry.of(kind)
    names: list[str] = body.get("properties") or []
    scopes = scopes_of(request)
    results = [
        record_json(
            record,
            selected(record, readable(kind, record.values, scopes), names, known),
            portal_id=portal.settings.portal_id,
            histories=tellable(kind, histories, scopes),
        )
        for record in records
    ]
    return completed(portal, results, errors, 200)


@router.post("/batch/archive")
async def batch_archive(portal: InPortal, kind: Kind, body: Body) -> Response:
    """204, whatever was missing."""
    for one in inputs_of(body):
        wanted = str(one.get("id"))
        record = portal.store.resolve(kind, int(wanted)) if wanted.isdecimal() else None
        if record is not None:
            portal.store.archive(record, portal.app)
    return no_content()


@router.post("/search")
async def search_records(request: Request, portal: InPortal, kind: Kind, body: Body) -> Response:
    """What the index knows, which is a moment behind."""
    known = {name: one for name, one in portal.registry.of(kind).items() if not one.archived}
    size = len((await request.body()).decode(errors="replace"))
    query = parse_query(kind, body, size, known)
    found = search(
        portal.store.live(kind).values(),
        query,
        as_of=portal.indexed_until(),
        properties=known,
        associated=portal.associated_ids,
    )
    results = [
        record_json(
            record,
            selected(record, readable(kind, values, scopes_of(request)), query.properties, known),
            portal_id=portal.settings.portal_id,
        )
        for record, values in found.page
    ]
    answer: dict[str, Any] = {"total": found.total, "results": results}
    if found.next_offset is not None:
        answer["paging"] = {"next": {"after": str(found.next_offset)}}
    return reply(answer)
