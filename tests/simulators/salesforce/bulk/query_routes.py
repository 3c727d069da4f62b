"""``/jobs/query``: jobs that read (facts: section 3)."""

from tests.simulators.salesforce.bulk.jobs import QueryJob, abort, check_deletable, wrong_state
from tests.simulators.salesforce.bulk.query import locator, offset_of, plan
from tests.simulators.salesforce.bulk.requests import (
    FIRST_QUERY,
    FIRST_RESULT_PAGES,
    QUERY_OPERATIONS,
    check_since,
    dialect,
    listing,
    word,
)
from tests.simulators.salesforce.errors import SalesforceError, bad_json, missing
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.wire import Call, Json, Reply, Route, no_content, ok, route

END = "null"
"""The locator of the last page: text, not an absent header."""
MAX_PAGES = 5
"""Addresses in one reply of resultPages."""


def _create(org: Org, call: Call) -> Reply:
    check_since(call, FIRST_QUERY)
    body = call.json_object()
    operation = word(body, "operation", QUERY_OPERATIONS)
    if not body.get("query"):
        raise missing(["query"])
    made = plan(org, str(body["query"]), call.user_id)
    org.bulk.count_query_job()
    now = org.clock.seconds()
    job = QueryJob(
        id=org.bulk.new_id(),
        object=made.object,
        operation=operation,
        version=call.version,
        dialect=dialect(body),
        user_id=call.user_id,
        created_at=now,
        state="UploadComplete",
        query=str(body["query"]),
        header=made.header,
    )
    job.close(now, org.switches.bulk_seconds)
    org.bulk.query[job.id] = job
    return ok(job.brief())


def _info(org: Org, call: Call, job_id: str) -> Reply:
    return ok(_job(org, call, job_id).info())


def _list(org: Org, call: Call) -> Reply:
    check_since(call, FIRST_QUERY)
    return listing(call, org.bulk.query.values(), QueryJob.info)


def _change_state(org: Org, call: Call, job_id: str) -> Reply:
    job = _job(org, call, job_id)
    word(call.json_object(), "state", ("Aborted",))
    abort(job, org.clock.seconds())
    return ok(job.brief())


def _delete(org: Org, call: Call, job_id: str) -> Reply:
    job = _job(org, call, job_id)
    check_deletable(job)
    del org.bulk.query[job.id]
    return no_content()


def _results(org: Org, call: Call, job_id: str) -> Reply:
    job = _complete(org, call, job_id)
    start, size = _page(org, call, job)
    rows = job.rows[start : start + size]
    end = start + len(rows)
    headers = {
        "Content-Type": "text/csv",
        "Sforce-Locator": END if end >= len(job.rows) else locator(end),
        "Sforce-NumberOfRecords": str(len(rows)),
    }
    return Reply(200, job.dialect.write([job.header, *rows]), headers)


def _result_pages(org: Org, call: Call, job_id: str) -> Reply:
    check_since(call, FIRST_RESULT_PAGES)
    job = _complete(org, call, job_id)
    start, size = _page(org, call, job)
    base = f"{call.base}/jobs/query/{job.id}"
    starts = [start + size * number for number in range(MAX_PAGES)]
    pages = [
        {"resultUrl": f"{base}/results?locator={locator(one)}&maxRecords={size}"}
        for one in starts
        if one < len(job.rows)
    ]
    following = start + size * MAX_PAGES
    body: Json = {"resultPages": pages, "done": following >= len(job.rows)}
    if not body["done"]:
        place = f"{base}/resultPages?locator={locator(following)}&maxRecords={size}"
        body["nextRecordsUrl"] = place
    return ok(body)


def _page(org: Org, call: Call, job: QueryJob) -> tuple[int, int]:
    wanted = call.query.get("maxRecords", str(org.switches.bulk_query_page_size))
    if not wanted.isdecimal() or int(wanted) < 1:
        raise bad_json(f"maxRecords must be a whole number from 1, not {wanted[:60]}")
    given = call.query.get("locator")
    start = offset_of(given, job) if given else 0
    return start, min(int(wanted), org.switches.bulk_query_page_size)


def _job(org: Org, call: Call, job_id: str) -> QueryJob:
    check_since(call, FIRST_QUERY)
    return org.bulk.find(org.bulk.query, job_id)


def _complete(org: Org, call: Call, job_id: str) -> QueryJob:
    job = _job(org, call, job_id)
    if call.version != job.version:
        message = f"use API version {job.version}, in which the job was created"
        raise SalesforceError(409, "API_VERSION_MISMATCH", message)
    if job.state != "JobComplete":
        raise wrong_state(f"Getting results of a Job in state {job.state} not allowed")
    return job


JOB = "/jobs/query/{id}"
ROUTES: tuple[Route, ...] = (
    route("POST", "/jobs/query", _create),
    route("GET", "/jobs/query", _list),
    route("GET", JOB, _info),
    route("PATCH", JOB, _change_state),
    route("DELETE", JOB, _delete),
    route("GET", JOB + "/results", _results),
    route("GET", JOB + "/resultPages", _result_pages),
)
