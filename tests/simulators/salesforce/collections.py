"""sObject Collections: up to 200 records a call, replies in request order (facts: section 2.6)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.simulators.salesforce.errors import (
    SalesforceError,
    bad_json,
    no_such_column,
    rolled_back,
)
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.rest import field_names, kind_of, show
from tests.simulators.salesforce.rows import (
    Row,
    comparable,
    key_came_twice,
    key_value,
    repeated,
    target,
)
from tests.simulators.salesforce.upsert import key_field, upsert
from tests.simulators.salesforce.wire import Call, Json, Reply, Route, ok, route

MAX_RECORDS = 200
MAX_CHUNKS = 10
"""Changes of type within one call; sorting the records by type keeps them few."""
MAX_READ = 2_000
PREFIX = 3
TRUE = "true"
WriteOne = Callable[[Row], Json]
"""Writes one row; the keys of its result beside success and errors."""


def _rows(call: Call) -> tuple[list[Row], bool]:
    body = call.json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(one, dict) for one in records):
        raise bad_json("The records property is required to be an array of objects")
    _check_count(len(records))
    return list(records), bool(body.get("allOrNone", False))


def _check_count(count: int) -> None:
    if count > MAX_RECORDS:
        message = f"record limit reached. cannot submit more than {MAX_RECORDS} records"
        raise SalesforceError(400, "EXCEEDED_ID_LIMIT", message)


def _type_of(row: Row) -> str:
    attributes = row.get("attributes")
    name = attributes.get("type") if isinstance(attributes, Mapping) else None
    if not isinstance(name, str):
        message = "An object must specify its type in its attributes"
        raise SalesforceError(400, "INVALID_INPUT", message)
    return name


def _check_chunks(rows: Sequence[Row]) -> None:
    types = [_type_of(row) for row in rows]
    chunks = sum(one != before for before, one in zip([None, *types], types, strict=False))
    if chunks > MAX_CHUNKS:
        message = (
            f"Cannot have more than {MAX_CHUNKS} chunks in a single operation. Please rearrange "
            "the data to reduce chunking."
        )
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)


def _write_all(org: Org, rows: Sequence[Row], write: WriteOne, *, all_or_none: bool) -> Reply:
    start = org.store.mark()
    results = [_write_row(org, row, write) for row in rows]
    if all_or_none and not all(one["success"] for one in results):
        org.store.rollback(start)
        undone = rolled_back().as_item()
        results = [
            {"success": False, "errors": [undone]} if one["success"] else one for one in results
        ]
    return ok(results)


def _write_row(org: Org, row: Row, write: WriteOne) -> Json:
    mark = org.store.mark()
    try:
        return {**write(row), "success": True, "errors": []}
    except SalesforceError as problem:
        if problem.parsing and org.switches.collections_parse_strictly:
            raise
        org.store.rollback(mark)
        result: Json = {"success": False, "errors": [problem.as_item()]}
        known = row.get("Id", row.get("id"))
        return {"id": known, **result} if isinstance(known, str) else result


def _create(org: Org, call: Call) -> Reply:
    rows, all_or_none = _rows(call)
    _check_chunks(rows)
    author = call.author()
    return _write_all(
        org,
        rows,
        lambda row: {"id": org.writer.insert(_type_of(row), row, author)},
        all_or_none=all_or_none,
    )


def _update(org: Org, call: Call) -> Reply:
    rows, all_or_none = _rows(call)
    _check_chunks(rows)
    author = call.author()

    def write(row: Row) -> Json:
        body = {name: value for name, value in row.items() if name.lower() != "id"}
        record = target(org, _type_of(row), row.get("Id", row.get("id")))
        org.writer.update(record, body, author)
        return {"id": record.id}

    return _write_all(org, rows, write, all_or_none=all_or_none)


def _upsert(org: Org, call: Call, name: str, key_name: str) -> Reply:
    rows, all_or_none = _rows(call)
    kind = kind_of(org, call, name)
    key = key_field(kind, key_name)
    if any(_type_of(row).lower() != kind.name.lower() for row in rows):
        message = f"all records of this call must be of type {kind.name}"
        raise SalesforceError(400, "INVALID_INPUT", message)
    twice = repeated(rows, key)
    author = call.author()

    def write(row: Row) -> Json:
        value = key_value(row, key)
        if comparable(value) in twice:
            raise key_came_twice(value, key)
        body = {one: it for one, it in row.items() if one.lower() != key.name.lower()}
        done = upsert(org.writer, kind, key=key, value=value, body=body, author=author)
        return {"id": done.id, "created": done.created}

    return _write_all(org, rows, write, all_or_none=all_or_none)


def _delete(org: Org, call: Call) -> Reply:
    given = [one.strip() for one in call.query.get("ids", "").split(",") if one.strip()]
    _check_count(len(given))
    author = call.author()

    def write(row: Row) -> Json:
        kind = org.catalogue.by_prefix(str(row["id"])[:PREFIX])
        record = target(org, kind.name if kind else "", row["id"])
        org.writer.delete(record, author)
        return {"id": record.id}

    all_or_none = call.query.get("allOrNone", "").lower() == TRUE
    return _write_all(org, [{"id": one} for one in given], write, all_or_none=all_or_none)


def _read(org: Org, call: Call, name: str) -> Reply:
    ids = [one.strip() for one in call.query.get("ids", "").split(",") if one.strip()]
    return _read_these(org, call, name, ids, field_names(call) or [])


def _read_posted(org: Org, call: Call, name: str) -> Reply:
    body = call.json_object()
    return _read_these(org, call, name, body.get("ids") or [], body.get("fields") or [])


def _read_these(
    org: Org, call: Call, name: str, ids: Sequence[Any], fields: Sequence[str]
) -> Reply:
    kind = kind_of(org, call, name)
    if not ids or not fields:
        what = "ids" if not ids else "fields"
        raise SalesforceError(400, "MISSING_ARGUMENT", f"{what} is a required parameter")
    if len(ids) > MAX_READ:
        raise SalesforceError(400, "EXCEEDED_ID_LIMIT", f"at most {MAX_READ} ids can be read")
    for field in fields:
        if kind.field(field) is None:
            raise no_such_column(field, kind.name)
    found = [org.store.get(kind.name, long_form(str(one)) or "") for one in ids]
    return ok(
        [
            None
            if record is None or record.deleted_at is not None
            else show(kind, record, call.base, fields)
            for record in found
        ]
    )


ROUTES: tuple[Route, ...] = (
    route("POST", "/composite/sobjects", _create),
    route("PATCH", "/composite/sobjects", _update),
    route("DELETE", "/composite/sobjects", _delete),
    route("GET", "/composite/sobjects/{object}", _read),
    route("POST", "/composite/sobjects/{object}", _read_posted),
    route("PATCH", "/composite/sobjects/{object}/{field}", _upsert),
)
