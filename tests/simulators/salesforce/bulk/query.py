"""Runs query jobs and cuts their results into pages (facts: section 3)."""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.simulators.salesforce.bulk.jobs import QueryJob
from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.schema.fields import FieldType
from tests.simulators.salesforce.soql.evaluate import run
from tests.simulators.salesforce.soql.parser import parse
from tests.simulators.salesforce.soql.syntax import Query
from tests.simulators.salesforce.soql.world import Resolver
from tests.simulators.salesforce.store import Record

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

MAX_STORED = 1_000_000_000_000
"""Bytes of results in 24 hours."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A query that bulk jobs can run: its object, its columns, and how to read each."""

    object: str
    query: Query
    header: tuple[str, ...]
    readers: tuple[Callable[[Record], str], ...]


def plan(org: "Org", text: str, user_id: str) -> Plan:
    """The plan of a query. SalesforceError for a bad one and for what bulk jobs cannot do."""
    query = parse(text)
    world = org.as_seen_by(user_id)
    kind = world.object(query.source)
    if query.counting or query.counted is not None:
        raise _not_enabled("Aggregate queries not supported in Bulk Query")
    if query.offset:
        raise _not_enabled("OFFSET not supported in Bulk Query")
    if kind is None:
        raise SalesforceError(
            400, "INVALID_TYPE", f"sObject type '{query.source}' is not supported."
        )
    resolver = Resolver(world, text)
    found = [resolver.resolve(one.path, kind, one.at) for one in query.columns]
    if any(one.field.parts for one in found):
        raise _not_enabled("Selecting compound data not supported in Bulk Query")
    readers = tuple(_cell(one.read, one.field.type) for one in found)
    return Plan(kind.name, query, tuple(".".join(one.names) for one in found), readers)


def _not_enabled(message: str) -> SalesforceError:
    return SalesforceError(400, "FUNCTIONALITY_NOT_ENABLED", message)


def _cell(read: Callable[[Record], Any], kind: FieldType) -> Callable[[Record], str]:
    def show(record: Record) -> str:
        value = read(record)
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        # In these files a datetime ends in Z, not in +0000 as in JSON.
        return str(value).replace("+0000", "Z") if kind == "datetime" else str(value)

    return show


def finish(org: "Org", job: QueryJob, now: float) -> None:
    """Enter the state that the job would have by ``now``; the query runs when its time is over."""
    share = job.progress(now)
    if share >= 0 and job.state == "UploadComplete":
        job.go("InProgress", now)
    if share < 1:
        return
    try:
        _collect(org, job)
    except SalesforceError as problem:
        job.go("Failed", now, error=f"{problem.code}: {problem.message}")
        return
    size = sum(len(value.encode()) for row in job.rows for value in row)
    org.bulk.result_bytes.add(now, size)
    if org.bulk.result_bytes.used(now) > MAX_STORED:
        job.rows = []
        job.go("Failed", now, error="ExceededQuota : too many results in 24 hours")
        return
    job.go("JobComplete", now)


def _collect(org: "Org", job: QueryJob) -> None:
    made = plan(org, job.query, job.user_id)
    world = org.as_seen_by(job.user_id)
    everything = job.operation == "queryAll"
    answer = run(made.query, job.query, world, base="", deleted=everything)
    job.header = made.header
    job.rows = [tuple(read(one) for read in made.readers) for one in answer.records]


def locator(offset: int) -> str:
    """The text by which a page is asked for: not to be computed by anybody else."""
    return base64.urlsafe_b64encode(str(offset).encode()).decode().rstrip("=")


def offset_of(text: str, job: QueryJob) -> int:
    """Where the page of a locator begins. SalesforceError INVALID_QUERY_LOCATOR."""
    try:
        found = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, ValueError) as wrong:
        raise _bad_locator() from wrong
    if not found.isdecimal() or int(found) >= len(job.rows):
        raise _bad_locator()
    return int(found)


def _bad_locator() -> SalesforceError:
    return SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
