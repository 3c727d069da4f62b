"""Associations, version 4: one at a time, in batches, and their labels (facts: section 7)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from tests.simulators.hubspot.association_types import AssociationType
from tests.simulators.hubspot.batch import inputs_of
from tests.simulators.hubspot.batch_routes import completed
from tests.simulators.hubspot.errors import HubSpotError, bad_request, error
from tests.simulators.hubspot.model import Json, ObjectType, Record
from tests.simulators.hubspot.object_requests import Body, find_record, kind_of
from tests.simulators.hubspot.portal import InPortal, Portal
from tests.simulators.hubspot.wire import json_list, no_content, reply

MAX_READ = 1_000
"""Inputs of a batch read."""
MAX_CREATE = 2_000
"""Inputs of a batch create."""
MAX_PAGE = 500


async def _from_kind(from_type: str) -> ObjectType:
    return kind_of(from_type)


async def _to_kind(to_type: str) -> ObjectType:
    return kind_of(to_type)


From = Annotated[ObjectType, Depends(_from_kind)]
To = Annotated[ObjectType, Depends(_to_kind)]
Specs = Annotated[list[Any], Depends(json_list)]

PAIR = "/{from_id}/associations"
singles = APIRouter(prefix="/{from_type}")
batches = APIRouter(prefix="/{from_type}/{to_type}")


def _types(
    portal: Portal, source: ObjectType, target: ObjectType, specs: Any
) -> list[AssociationType]:
    """The types that a caller names, which must lead from ``source`` to ``target``."""
    found = []
    for spec in specs or ():
        if not isinstance(spec, dict):
            raise bad_request()
        one = portal.associations.types.get(
            str(spec.get("associationCategory")), int(spec.get("associationTypeId") or 0)
        )
        if one is None:
            detail = f"{spec.get('associationTypeId')} is not valid"
            raise error(
                400,
                "One or more associations are invalid",
                context={"INVALID_ASSOCIATION_TYPE_ID": [detail]},
            )
        if one.source is not source or one.target is not target:
            raise error(
                400,
                f"invalid from object type {source.type_id} for associations to be created. "
                f"expected: {one.source.type_id}",
            )
        found.append(one)
    return found


def _plain(portal: Portal, source: ObjectType, target: ObjectType) -> AssociationType:
    types = portal.associations.types.between(source, target)
    if not types:
        raise error(400, f"{source.plural} cannot be associated with {target.plural}")
    return types[0]


def _result(source: str, target: str, one: AssociationType) -> Json:
    return {
        "from": {"id": source},
        "to": {"id": target},
        "associationSpec": {"associationCategory": one.category, "associationTypeId": one.id},
    }


def _shown(types: list[AssociationType]) -> list[Json]:
    return [{"category": one.category, "typeId": one.id, "label": one.label} for one in types]


@singles.put(PAIR + "/default/{to_type}/{to_id}")
async def associate_default(
    portal: InPortal, source: From, from_id: str, target: To, to_id: str
) -> Response:
    """The plain association; doing it again changes nothing."""
    plain = _plain(portal, source, target)
    one, other = find_record(portal, source, from_id), find_record(portal, target, to_id)
    kept = portal.associations.of(one, target).get(other.id, [])
    portal.associations.connect(one, other, [plain, *kept], portal.app)
    back = _plain(portal, target, source)
    results = [_result(from_id, to_id, plain), _result(to_id, from_id, back)]
    return completed(portal, results, [], 200)


@singles.put(PAIR + "/{to_type}/{to_id}")
async def associate_labelled(
    *, portal: InPortal, source: From, from_id: str, target: To, to_id: str, specs: Specs
) -> Response:
    """Exactly these labels, beside the plain association."""
    _plain(portal, source, target)
    types = _types(portal, source, target, specs)
    one, other = find_record(portal, source, from_id), find_record(portal, target, to_id)
    portal.associations.connect(one, other, types, portal.app)
    body = {
        "fromObjectTypeId": source.type_id,
        "fromObjectId": one.id,
        "toObjectTypeId": target.type_id,
        "toObjectId": other.id,
        "labels": [association.label for association in types if association.label],
    }
    return reply(body, 201)


@singles.delete(PAIR + "/{to_type}/{to_id}")
async def dissociate(
    portal: InPortal, source: From, from_id: str, target: To, to_id: str
) -> Response:
    """Remove everything between two records."""
    one, other = find_record(portal, source, from_id), find_record(portal, target, to_id)
    portal.associations.disconnect(one, other, portal.app)
    return no_content()


@singles.get(PAIR + "/{to_type}")
async def list_associations(
    request: Request, portal: InPortal, source: From, from_id: str, target: To
) -> Response:
    """What belongs to a record; ids are numbers on the wire."""
    record = find_record(portal, source, from_id)
    try:
        limit = min(int(request.query_params.get("limit") or MAX_PAGE), MAX_PAGE)
        after = int(request.query_params.get("after") or 0)
    except ValueError:
        raise bad_request() from None
    return reply(_page(portal, record, target, after, limit))


def _page(portal: Portal, record: Record, target: ObjectType, after: int, limit: int) -> Json:
    found = sorted(portal.associations.of(record, target).items())
    rest = [(other, types) for other, types in found if other > after]
    body: Json = {
        "results": [
            {"toObjectId": other, "associationTypes": _shown(types)}
            for other, types in rest[:limit]
        ]
    }
    if len(rest) > limit:
        body["paging"] = {"next": {"after": str(rest[limit - 1][0])}}
    return body


@batches.post("/batch/create")
async def batch_create(portal: InPortal, source: From, target: To, body: Body) -> Response:
    """Labelled associations by the thousand; the bad ones do not stop the others."""
    _plain(portal, source, target)
    results: list[Json] = []
    errors: list[Json] = []
    for one in inputs_of(body, MAX_CREATE):
        try:
            types = _types(portal, source, target, one.get("types"))
            _connect(portal, (source, target), one, types)
        except HubSpotError as problem:
            errors.append(problem.body)
        else:
            ids = {"fromObjectId": _id(one, "from"), "toObjectId": _id(one, "to")}
            types_of = {"fromObjectTypeId": source.type_id, "toObjectTypeId": target.type_id}
            labels = [association.label for association in types if association.label]
            results.append({**types_of, **ids, "labels": labels})
    return completed(portal, results, errors, 201)


@batches.post("/batch/associate/default")
async def batch_default(portal: InPortal, source: From, target: To, body: Body) -> Response:
    """Plain associations by the thousand."""
    plain, back = _plain(portal, source, target), _plain(portal, target, source)
    results: list[Json] = []
    errors: list[Json] = []
    for one in inputs_of(body, MAX_CREATE):
        try:
            _connect(portal, (source, target), one, [plain], keep=True)
        except HubSpotError as problem:
            errors.append(problem.body)
        else:
            from_id, to_id = _id(one, "from"), _id(one, "to")
            results += [_result(from_id, to_id, plain), _result(to_id, from_id, back)]
    return completed(portal, results, errors, 200)


def _id(one: Json, end: str) -> str:
    return str((one.get(end) or {}).get("id", ""))


def _connect(
    portal: Portal,
    pair: tuple[ObjectType, ObjectType],
    one: Json,
    types: list[AssociationType],
    *,
    keep: bool = False,
) -> None:
    ends = []
    for kind, wanted in zip(pair, (_id(one, "from"), _id(one, "to")), strict=True):
        record = portal.store.resolve(kind, int(wanted)) if wanted.isdecimal() else None
        if record is None:
            raise error(
                400,
                f"{kind.legacy}={wanted} is not valid",
                subCategory="crm.associations.INVALID_IDENTIFIER",
                context={"INVALID_OBJECT_IDS": [f"{kind.legacy}={wanted} is not valid"]},
            )
        ends.append(record)
    kept = portal.associations.of(ends[0], pair[1]).get(ends[1].id, []) if keep else []
    portal.associations.connect(ends[0], ends[1], [*types, *kept], portal.app)


@batches.post("/batch/read")
async def batch_read(portal: InPortal, source: From, target: To, body: Body) -> Response:
    """What belongs to many records; one without any makes this a 207, which is no failure."""
    results: list[Json] = []
    errors: list[Json] = []
    for one in inputs_of(body, MAX_READ):
        wanted = str(one.get("id"))
        record = portal.store.resolve(source, int(wanted)) if wanted.isdecimal() else None
        after = str(one.get("after") or 0)
        start = int(after) if after.isdecimal() else 0
        page = _page(portal, record, target, start, MAX_PAGE) if record else {"results": []}
        if page["results"]:
            paging = {"paging": page["paging"]} if "paging" in page else {}
            results.append({"from": {"id": wanted}, "to": page["results"], **paging})
        else:
            errors.append(_nothing(source, target, wanted))
    return completed(portal, results, errors, 200)


def _nothing(source: ObjectType, target: ObjectType, wanted: str) -> Json:
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "message": f"No {target.singular} is associated with {source.singular} {wanted}.",
        "context": {
            "fromObjectId": [wanted],
            "fromObjectType": [source.singular],
            "toObjectType": [target.singular],
        },
    }


@batches.post("/batch/archive")
async def batch_archive(portal: InPortal, source: From, target: To, body: Body) -> Response:
    """204, whatever was missing."""
    for one in inputs_of(body, MAX_CREATE):
        record = _existing(portal, source, _id(one, "from"))
        for to in one.get("to") or ():
            other = _existing(portal, target, str(to.get("id", "")))
            if record is not None and other is not None:
                portal.associations.disconnect(record, other, portal.app)
    return no_content()


def _existing(portal: Portal, kind: ObjectType, wanted: str) -> Record | None:
    return portal.store.resolve(kind, int(wanted)) if wanted.isdecimal() else None


@batches.get("/labels")
async def list_labels(portal: InPortal, source: From, target: To) -> Response:
    """All types of a pair."""
    return reply({"results": _shown(portal.associations.types.between(source, target))})


@batches.post("/labels")
async def define_label(portal: InPortal, source: From, target: To, body: Body) -> Response:
    """A label of the portal's own."""
    label = body.get("label")
    if not label:
        raise error(400, "label is missing")
    _plain(portal, source, target)
    return reply({"results": _shown(portal.associations.types.define(source, target, label))})
