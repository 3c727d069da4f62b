"""Single records and describes (facts: sections 2.1 and 2.2)."""

from collections.abc import Iterable
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from tests.simulators.salesforce import conditional, limits, record_types
from tests.simulators.salesforce.errors import SalesforceError, no_such_column, not_found
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.describe import describe as describe_object
from tests.simulators.salesforce.schema.describe import summary
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.soql.world import reader
from tests.simulators.salesforce.stamps import moment
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.upsert import SeveralMatchesError, key_field, matches, upsert
from tests.simulators.salesforce.wire import Call, Json, Reply, Route, no_content, ok, route
from tests.simulators.salesforce.writer import existing

RESOURCES = (
    "sobjects",
    "query",
    "queryAll",
    "composite",
    "limits",
    "tooling",
    "metadata",
    "jobs",
)
SCHEMA_DATE = "2026-01-01T00:00:00.000+0000"
"""When the describes of a new org last changed."""
RECENT = 10


def kind_of(org: Org, call: Call, name: str) -> ObjectType:
    """The object as the caller sees it. NOT_FOUND otherwise."""
    kind = org.sight.object(name, call.user_id)
    if kind is None:
        raise not_found()
    return kind


def show(kind: ObjectType, record: Record, base: str, fields: Iterable[str] | None = None) -> Json:
    """A record with all fields, or with these. SalesforceError INVALID_FIELD."""
    url = f"{base}/sobjects/{kind.name}/{record.id}"
    shown: Json = {"attributes": {"type": kind.name, "url": url}}
    for name in fields if fields is not None else [one.name for one in kind.fields.values()]:
        field = kind.field(name)
        if field is None:
            raise no_such_column(name, kind.name)
        shown[field.name] = reader(field, kind)(record)
    return shown


def field_names(call: Call) -> list[str] | None:
    """The ``fields`` parameter; None when it is not given."""
    given = call.query.get("fields")
    return None if given is None else [one.strip() for one in given.split(",") if one.strip()]


def _resources(_org: Org, call: Call) -> Reply:
    return ok({name: f"{call.base}/{name}" for name in RESOURCES})


def _limits(org: Org, _call: Call) -> Reply:
    now = org.clock.seconds()
    body = limits.report(
        org.limit.used(now),
        org.switches.daily_limit,
        org.bulk.use(),
        delivered=org.capture.deliveries.used(now),
        max_delivered=org.capture.allowed,
    )
    return ok(body)


def _record_counts(org: Org, call: Call) -> Reply:
    wanted = [one for one in call.query.get("sObjects", "").split(",") if one]
    kinds = [kind_of(org, call, one) for one in wanted]
    counts = [
        {
            "name": kind.name,
            "count": sum(
                one.deleted_at is None for one in org.store.table(kind.name).records.values()
            ),
        }
        for kind in kinds
    ]
    return ok({"sObjects": counts})


def _global(org: Org, call: Call) -> Reply:
    kinds = [org.sight.object(one.name, call.user_id) for one in org.catalogue.objects()]
    listed = [summary(kind, call.base) for kind in kinds if kind is not None]
    return ok({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def _basic(org: Org, call: Call, name: str) -> Reply:
    kind = kind_of(org, call, name)
    live = [one for one in org.store.table(kind.name).records.values() if one.deleted_at is None]
    recent = [show(kind, one, call.base, ["Id"]) for one in live[-RECENT:]]
    return ok({"objectDescribe": summary(kind, call.base), "recentItems": recent})


def _describe(org: Org, call: Call, name: str) -> Reply:
    kind = kind_of(org, call, name)
    changed = org.schema_changed_at or moment(SCHEMA_DATE)
    since = call.headers.get("if-modified-since")
    if since is not None and _unchanged(since, changed.timestamp()):
        return Reply(304)
    stamp = format_datetime(changed.replace(microsecond=0), usegmt=True)
    types = record_types.infos(org, kind.name, call.base)
    return Reply(200, describe_object(kind, call.base, types), {"Last-Modified": stamp})


def _unchanged(since: str, changed: float) -> bool:
    try:
        return int(changed) <= parsedate_to_datetime(since).timestamp()
    except ValueError:
        return False


def _create(org: Org, call: Call, name: str) -> Reply:
    kind = kind_of(org, call, name)
    record_id = org.writer.insert(kind.name, call.json_object(), call.author())
    return created(call, kind.name, record_id)


def created(call: Call, object_name: str, record_id: str, **more: Any) -> Reply:
    """201 for a new record."""
    location = f"{call.base}/sobjects/{object_name}/{record_id}"
    body = {"id": record_id, "success": True, "errors": [], **more}
    return Reply(201, body, {"Location": location})


def _get(org: Org, call: Call, name: str, record_id: str) -> Reply:
    kind = kind_of(org, call, name)
    record = existing(org.store, kind.name, long_form(record_id))
    if conditional.unchanged(call, record):
        return Reply(304, headers=conditional.headers_of(record))
    shown = show(kind, record, call.base, field_names(call))
    return Reply(200, shown, conditional.headers_of(record))


def _update(org: Org, call: Call, name: str, record_id: str) -> Reply:
    kind = kind_of(org, call, name)
    record = existing(org.store, kind.name, long_form(record_id))
    conditional.check_write(call, record)
    org.writer.update(record, call.json_object(), call.author())
    return no_content()


def _delete(org: Org, call: Call, name: str, record_id: str) -> Reply:
    kind = kind_of(org, call, name)
    org.writer.delete(existing(org.store, kind.name, long_form(record_id)), call.author())
    return no_content()


def _several(call: Call, problem: SeveralMatchesError) -> Reply:
    urls = [f"{call.base}/sobjects/{one.object}/{one.id}" for one in problem.records]
    return Reply(300, urls)


def _get_by_key(org: Org, call: Call, name: str, key_name: str, value: str) -> Reply:
    kind = kind_of(org, call, name)
    found = matches(org.writer, kind, key_field(kind, key_name), value)
    if not found:
        raise not_found()
    if len(found) > 1:
        return _several(call, SeveralMatchesError(key_name, found))
    return ok(show(kind, found[0], call.base, field_names(call)))


def _upsert(org: Org, call: Call, name: str, key_name: str, value: str) -> Reply:
    kind = kind_of(org, call, name)
    key = key_field(kind, key_name)
    body = call.json_object()
    if any(one.lower() == key.name.lower() for one in body):
        message = f"The {key.name} field should not be specified in the sobject data."
        raise SalesforceError(400, "INVALID_FIELD", message, fields=[key.name])
    only = call.query.get("updateOnly", "").lower() == "true"
    try:
        done = upsert(
            org.writer,
            kind,
            key=key,
            value=value,
            body=body,
            author=call.author(),
            update_only=only,
        )
    except SeveralMatchesError as problem:
        return _several(call, problem)
    if done.created:
        return created(call, kind.name, done.id, created=True)
    if float(call.version) < FIRST_WITH_BODY:
        return no_content()
    return ok({"id": done.id, "success": True, "errors": [], "created": False})


FIRST_WITH_BODY = 46.0
"""Older versions answer 204 to an upsert that updates."""


def _delete_by_key(org: Org, call: Call, name: str, key_name: str, value: str) -> Reply:
    kind = kind_of(org, call, name)
    found = matches(org.writer, kind, key_field(kind, key_name), value)
    if not found:
        raise not_found()
    if len(found) > 1:
        return _several(call, SeveralMatchesError(key_name, found))
    org.writer.delete(found[0], call.author())
    return no_content()


ROUTES: tuple[Route, ...] = (
    route("GET", "", _resources),
    route("GET", "/limits", _limits),
    route("GET", "/limits/recordCount", _record_counts),
    route("GET", "/sobjects", _global),
    route("GET", "/sobjects/{object}", _basic),
    route("POST", "/sobjects/{object}", _create),
    route("GET", "/sobjects/{object}/describe", _describe),
    route("POST", "/sobjects/{object}/Id", _create),
    route("GET", "/sobjects/{object}/{id}", _get),
    route("PATCH", "/sobjects/{object}/{id}", _update),
    route("DELETE", "/sobjects/{object}/{id}", _delete),
    route("GET", "/sobjects/{object}/{field}/{value}", _get_by_key),
    route("PATCH", "/sobjects/{object}/{field}/{value}", _upsert),
    route("DELETE", "/sobjects/{object}/{field}/{value}", _delete_by_key),
)
