"""Queries and replication (facts: sections 2.3 and 2.4)."""

import re
from datetime import datetime
from typing import Any

from tests.simulators.salesforce.errors import SalesforceError, bad_json
from tests.simulators.salesforce.locators import Cursor
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.rest import kind_of
from tests.simulators.salesforce.soql.evaluate import run
from tests.simulators.salesforce.soql.parser import parse
from tests.simulators.salesforce.stamps import (
    FORMAT,
    days_before,
    floor_minute,
    moment,
    stamp,
)
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.wire import Call, Json, Reply, Route, ok, route

DEFAULT_PAGE = 2_000
SMALLEST_PAGE = 200
BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d{1,6})", re.IGNORECASE)
UPDATED_DAYS = 30
DELETED_DAYS = 15
MAX_UPDATED = 600_000
MICROSECONDS = 1_000_000


def query_text(call: Call) -> str:
    """The ``q`` parameter. SalesforceError MALFORMED_QUERY without one."""
    text = call.query.get("q", "")
    if not text.strip():
        raise SalesforceError(400, "MALFORMED_QUERY", "A query string has to be specified")
    return text


def _page_size(org: Org, call: Call) -> int:
    match = BATCH_SIZE.search(call.headers.get("sforce-query-options", ""))
    wanted = int(match.group(1)) if match else DEFAULT_PAGE
    hinted = min(max(wanted, SMALLEST_PAGE), DEFAULT_PAGE)
    return min(hinted, org.switches.query_page_size)


def _query(org: Org, call: Call) -> Reply:
    return _run(org, call, "query", deleted=False)


def _query_all(org: Org, call: Call) -> Reply:
    return _run(org, call, "queryAll", deleted=True)


def _run(org: Org, call: Call, resource: str, *, deleted: bool) -> Reply:
    text = query_text(call)
    world = org.as_seen_by(call.user_id)
    answer = run(parse(text), text, world, base=call.base, deleted=deleted)
    total = len(answer.records)
    if answer.counting:
        return ok({"totalSize": total, "done": True, "records": []})
    if answer.aggregate is not None:
        return ok({"totalSize": 1, "done": True, "records": [answer.aggregate]})
    size = _page_size(org, call)
    body: Json = {"totalSize": total, "done": total <= size}
    if total > size:
        cursor = Cursor(
            object=answer.records[0].object,
            ids=tuple(record.id for record in answer.records),
            render=answer.render,
            page_size=size,
            deleted=deleted,
            expires_at=org.locators.expiry(),
        )
        locator = org.locators.open(cursor)
        body["nextRecordsUrl"] = f"{call.base}/{resource}/{locator}-{size}"
    return ok({**body, "records": [answer.render(one) for one in answer.records[:size]]})


def _more(org: Org, call: Call, resource: str, text: str) -> Reply:
    locator, cursor, offset = org.locators.get(text)
    end = offset + cursor.page_size
    found = [org.store.get(cursor.object, one) for one in cursor.ids[offset:end]]
    shown = [
        cursor.render(one)
        for one in found
        if one is not None and (cursor.deleted or one.deleted_at is None)
    ]
    done = end >= len(cursor.ids)
    body: Json = {"totalSize": len(cursor.ids), "done": done}
    if not done:
        body["nextRecordsUrl"] = f"{call.base}/{resource}/{locator}-{end}"
    return ok({**body, "records": shown})


def _query_more(org: Org, call: Call, text: str) -> Reply:
    return _more(org, call, "query", text)


def _query_all_more(org: Org, call: Call, text: str) -> Reply:
    return _more(org, call, "queryAll", text)


def _window(org: Org, call: Call, days: int) -> tuple[datetime, datetime]:
    """Start and end by the minute. SalesforceError INVALID_REPLICATION_DATE and so on."""
    start, end = (_instant(call, name) for name in ("start", "end"))
    now = org.clock.milliseconds()
    if start < floor_minute(days_before(now, days)):
        message = f"startDate cannot be more than {days} days ago"
        raise SalesforceError(400, "INVALID_REPLICATION_DATE", message)
    if end <= start:
        message = "endDate must be at least one minute after startDate"
        raise SalesforceError(400, "INVALID_REPLICATION_DATE", message)
    return start, min(end, floor_minute(days_before(now, 0)))


def _instant(call: Call, name: str) -> datetime:
    text = call.query.get(name)
    if text is None:
        raise SalesforceError(400, "MISSING_ARGUMENT", f"{name} is a required parameter")
    try:
        return floor_minute(moment(text))
    except ValueError as wrong:
        # A plus sign that was not encoded arrives as a blank, as with the real one.
        raise bad_json(f"{name} must be an ISO 8601 date: {text}") from wrong


def _micros(when: datetime) -> int:
    return int(when.timestamp()) * MICROSECONDS


def _touched(org: Org, name: str, start: datetime, end: datetime) -> list[Record]:
    last = _micros(end)
    found = org.store.table(name).since(_micros(start))
    return [one for one in found if one.stamp < last]


def _updated(org: Org, call: Call, name: str) -> Reply:
    kind = kind_of(org, call, name)
    start, end = _window(org, call, UPDATED_DAYS)
    ids = [one.id for one in _touched(org, kind.name, start, end) if one.deleted_at is None]
    if len(ids) > MAX_UPDATED:
        message = f"more than {MAX_UPDATED} ids changed in this window"
        raise SalesforceError(400, "EXCEEDED_ID_LIMIT", message)
    return ok({"ids": ids, "latestDateCovered": end.strftime(FORMAT)})


def _deleted(org: Org, call: Call, name: str) -> Reply:
    kind = kind_of(org, call, name)
    start, end = _window(org, call, DELETED_DAYS)
    gone = [one for one in _touched(org, kind.name, start, end) if one.deleted_at is not None]
    rows: list[dict[str, Any]] = [
        {"id": one.id, "deletedDate": stamp((one.deleted_at or 0) // 1_000)} for one in gone
    ]
    earliest = days_before(org.clock.milliseconds(), DELETED_DAYS).strftime(FORMAT)
    purged = org.purged_at.get(kind.name)
    return ok(
        {
            "deletedRecords": rows,
            "earliestDateAvailable": max(earliest, stamp(purged)) if purged else earliest,
            "latestDateCovered": end.strftime(FORMAT),
        }
    )


ROUTES: tuple[Route, ...] = (
    route("GET", "/query", _query),
    route("GET", "/queryAll", _query_all),
    route("GET", "/query/{locator}", _query_more),
    route("GET", "/queryAll/{locator}", _query_all_more),
    route("GET", "/sobjects/{object}/updated", _updated),
    route("GET", "/sobjects/{object}/deleted", _deleted),
)
