"""``/jobs/ingest``: jobs that write (facts: section 3)."""

from collections.abc import Sequence

from tests.simulators.salesforce.bulk.columns import JobFailedError
from tests.simulators.salesforce.bulk.ingest import load
from tests.simulators.salesforce.bulk.jobs import (
    TERMINAL,
    IngestJob,
    abort,
    check_deletable,
    wrong_state,
)
from tests.simulators.salesforce.bulk.requests import (
    FIRST_INGEST,
    INGEST_OPERATIONS,
    check_since,
    dialect,
    listing,
    no_entity,
    upsert_key,
    word,
)
from tests.simulators.salesforce.errors import SalesforceError, missing
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.wire import Call, Reply, Route, no_content, ok, route

NO_HARD_DELETE = (
    "FeatureNotEnabled : hardDelete operation requires special user profile permission, please "
    "contact your system administrator"
)
CSV = {"Content-Type": "text/csv"}


def _create(org: Org, call: Call) -> Reply:
    check_since(call, FIRST_INGEST)
    body = call.json_object()
    operation = word(body, "operation", INGEST_OPERATIONS)
    if not body.get("object"):
        raise missing(["object"])
    kind = org.sight.object(str(body["object"]), call.user_id)
    if kind is None or not kind.createable:
        raise no_entity(str(body["object"]))
    if operation == "hardDelete":
        raise SalesforceError(400, "FEATURENOTENABLED", NO_HARD_DELETE)
    job = IngestJob(
        id=org.bulk.new_id(),
        object=kind.name,
        operation=operation,
        version=call.version,
        dialect=dialect(body),
        user_id=call.user_id,
        created_at=org.clock.seconds(),
        state="Open",
        key_name=upsert_key(kind, body) if operation == "upsert" else "",
        assignment_rule=str(body.get("assignmentRuleId") or ""),
    )
    org.bulk.ingest[job.id] = job
    return ok(job.brief())


def _upload(org: Org, call: Call, job_id: str) -> Reply:
    job = _job(org, call, job_id)
    if job.state != "Open":
        raise wrong_state(f"Uploading data to a Job in state {job.state} not allowed")
    if job.data is not None:
        message = (
            f"Found multiple contents for job: <{job.id}>, please 'Close' / 'Abort' / 'Delete' the "
            "current Job then create a new Job and make sure you only do 'PUT' once on a given Job."
        )
        raise SalesforceError(400, "CLIENTINPUTERROR", message)
    if len(call.body) > org.switches.bulk_upload_bytes:
        message = f"the data has more than {org.switches.bulk_upload_bytes} bytes"
        raise SalesforceError(400, "CLIENTINPUTERROR", message)
    job.data = call.body
    return Reply(201)


def _change_state(org: Org, call: Call, job_id: str) -> Reply:
    job = _job(org, call, job_id)
    state = word(call.json_object(), "state", ("UploadComplete", "Aborted"))
    now = org.clock.seconds()
    if state == "Aborted":
        abort(job, now)
        return ok(job.brief())
    if job.state != "Open":
        what = "Completed" if job.state in TERMINAL else "closed"
        raise wrong_state(f"Closing already {what} Job not allowed")
    job.row_fault = call.row_fault
    failures = org.switches.bulk_failures
    job.doomed = failures[0] if failures else ""
    org.switches.bulk_failures = failures[1:]
    job.close(now, org.switches.bulk_seconds)
    return ok(job.brief())


def _info(org: Org, call: Call, job_id: str) -> Reply:
    return ok(_job(org, call, job_id).info())


def _list(org: Org, call: Call) -> Reply:
    check_since(call, FIRST_INGEST)
    return listing(call, org.bulk.ingest.values(), IngestJob.info)


def _delete(org: Org, call: Call, job_id: str) -> Reply:
    job = _job(org, call, job_id)
    check_deletable(job)
    del org.bulk.ingest[job.id]
    return no_content()


def _successes(org: Org, call: Call, job_id: str) -> Reply:
    job = _ended(org, call, job_id)
    rows = [
        (one.record_id, str(one.created).lower(), *_matched(job, one.values))
        for one in job.done
        if not one.error
    ]
    return _results(job, ("sf__Id", "sf__Created"), rows)


def _failures(org: Org, call: Call, job_id: str) -> Reply:
    job = _ended(org, call, job_id)
    rows = [(one.record_id, one.error, *_matched(job, one.values)) for one in job.done if one.error]
    return _results(job, ("sf__Id", "sf__Error"), rows)


def _unprocessed(org: Org, call: Call, job_id: str) -> Reply:
    job = _ended(org, call, job_id)
    if job.state == "Aborted" and not job.columns:
        _read_what_never_ran(org, job)
    rows = [_matched(job, values) for chunk in job.waiting for values in chunk]
    return _results(job, (), rows)


def _read_what_never_ran(org: Org, job: IngestJob) -> None:
    try:
        load(org, job)
    except JobFailedError:
        # A file that cannot be read has no rows to show.
        return
    job.waiting.append([one.values for one in job.done])
    job.done = []


def _results(job: IngestJob, added: Sequence[str], rows: list[tuple[str, ...]]) -> Reply:
    """Only columns that name a field are shown, and the order of the file is lost."""
    job.shuffled().shuffle(rows)
    header = (*added, *(name for name, _ in job.columns))
    return Reply(200, job.dialect.write([header, *rows]), CSV)


def _matched(job: IngestJob, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(values[place] for _, place in job.columns)


def _job(org: Org, call: Call, job_id: str) -> IngestJob:
    check_since(call, FIRST_INGEST)
    return org.bulk.find(org.bulk.ingest, job_id)


def _ended(org: Org, call: Call, job_id: str) -> IngestJob:
    job = _job(org, call, job_id)
    if job.state not in TERMINAL:
        raise wrong_state(f"Getting results of a Job in state {job.state} not allowed")
    return job


JOB = "/jobs/ingest/{id}"
ROUTES: tuple[Route, ...] = (
    route("POST", "/jobs/ingest", _create),
    route("GET", "/jobs/ingest", _list),
    route("GET", JOB, _info),
    route("PATCH", JOB, _change_state),
    route("DELETE", JOB, _delete),
    route("PUT", JOB + "/batches", _upload),
    route("GET", JOB + "/successfulResults", _successes),
    route("GET", JOB + "/failedResults", _failures),
    route("GET", JOB + "/unprocessedrecords", _unprocessed),
    route("GET", JOB + "/unprocessedRecords", _unprocessed),
)
