"""What requests about bulk jobs say and what is wrong with them (facts: section 3)."""

from collections.abc import Callable, Iterable
from typing import Any

from tests.simulators.salesforce.bulk.csv_text import DELIMITERS, ENDINGS, Dialect
from tests.simulators.salesforce.bulk.jobs import Job, invalid_job
from tests.simulators.salesforce.errors import SalesforceError, bad_json, missing, not_found
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.wire import Call, Json, Reply, ok

FIRST_INGEST = 41.0
FIRST_QUERY = 47.0
FIRST_RESULT_PAGES = 58.0
"""API versions in which the resources came."""
LISTED = 1_000
"""Jobs of one page of a list."""
INGEST_OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
QUERY_OPERATIONS = ("query", "queryAll")


def check_since(call: Call, first: float) -> None:
    """SalesforceError NOT_FOUND for a version that does not have the resource yet."""
    if float(call.version) < first:
        raise not_found()


def word(body: Json, name: str, allowed: Iterable[str], default: str = "") -> str:
    """A property with one of few values. SalesforceError when it is missing or another."""
    value = body.get(name, default)
    if not value:
        raise missing([name])
    if value not in allowed:
        raise bad_json(f"Cannot deserialize value for {name} from {str(value)[:60]}")
    return str(value)


def dialect(body: Json) -> Dialect:
    """How the rows are written, and that it is CSV."""
    word(body, "contentType", ("CSV",), "CSV")
    delimiter = word(body, "columnDelimiter", DELIMITERS, "COMMA")
    return Dialect(delimiter, word(body, "lineEnding", ENDINGS, "LF"))


def upsert_key(kind: ObjectType, body: Json) -> str:
    """The exact name of the key of an upsert. SalesforceError INVALIDJOB."""
    name = str(body.get("externalIdFieldName") or "")
    if not name:
        message = f"External ID was blank for {kind.name}. An External ID must be specified for"
        raise invalid_job(f"{message} upsert")
    field = kind.field(name)
    if field is None or not (field.external_id or field.id_lookup or field.type == "id"):
        message = f"Field name provided, {name} does not match an External ID, Salesforce Id, or"
        raise invalid_job(f"{message} indexed field for {kind.name}")
    return field.name


def no_entity(name: str) -> SalesforceError:
    """An object that bulk jobs do not know."""
    message = f"InvalidEntity : Entity '{name}' is not supported by the Bulk API"
    return SalesforceError(400, "INVALIDENTITY", message)


def listing(call: Call, jobs: Iterable[Job], show: Callable[[Any], Json]) -> Reply:
    """All jobs by pages; ``queryLocator`` is where a page begins."""
    wanted = call.query.get("jobType", "")
    found = [shown for one in jobs if (shown := show(one))["jobType"] == wanted or not wanted]
    start = call.query.get("queryLocator", "0")
    if not start.isdecimal():
        raise SalesforceError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    end = int(start) + LISTED
    done = end >= len(found)
    following = None if done else f"{call.base}{call.path}?queryLocator={end}"
    return ok({"done": done, "records": found[int(start) : end], "nextRecordsUrl": following})
