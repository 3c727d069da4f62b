"""Columns of an ingest file: which fields they mean, and what a row says with them."""

from typing import TYPE_CHECKING

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.schema.fields import TEXT_TYPES, Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.values import parse

if TYPE_CHECKING:
    from tests.simulators.salesforce.bulk.jobs import IngestJob
    from tests.simulators.salesforce.org import Org

ID = "Id"
NULL = "#N/A"
ANY_TEXT = TEXT_TYPES | {"id"}
"""Types that any text can be read as; whether it is a good one is another question."""
MAX_FIELD = 32_000
MAX_FIELDS = 5_000
MAX_RECORD = 400_000
"""Characters of a field, fields of a record, characters of a record (facts: section 3)."""


class JobFailedError(Exception):
    """The job as a whole cannot go on; the text is its errorMessage."""


class Columns:
    """The header of a file, as the user of the job can use it. JobFailedError."""

    def __init__(self, org: "Org", job: "IngestJob", header: tuple[str, ...]) -> None:
        kind = org.sight.object(job.object, job.user_id)
        known = [kind is not None and _known(org, job, kind, name) for name in header]
        if org.switches.bulk_unknown_columns == "fail" and not all(known):
            raise JobFailedError(_not_found(header[known.index(False)]))
        self.places = tuple((name, place) for place, name in enumerate(header) if known[place])
        self._check_key(job, {name.lower() for name, _ in self.places})
        if job.operation == "delete" and len(header) > 1:
            raise JobFailedError("InvalidBatch : The 'delete' batch must contain only ids")

    @staticmethod
    def _check_key(job: "IngestJob", names: set[str]) -> None:
        key = job.key_name if job.operation == "upsert" else ID
        if job.operation != "insert" and key.lower() not in names:
            raise JobFailedError(_not_found(key))

    @staticmethod
    def body(
        kind: ObjectType, places: tuple[tuple[str, int], ...], row: tuple[str, ...]
    ) -> dict[str, object]:
        """A row as a request body: empty values are left alone, #N/A is null."""
        body: dict[str, object] = {}
        for name, place in places:
            value = row[place]
            relation, _, key = name.partition(".")
            if value and not key:
                body[name] = None if value == NULL else value
            elif value == NULL:
                body[_reference(kind, relation)] = None
            elif value:
                body[relation] = {key: value}
        return body

    @staticmethod
    def check_types(kind: ObjectType, body: dict[str, object]) -> None:
        """SalesforceError for a value that cannot be read: elsewhere JSON itself is to blame."""
        for name, value in body.items():
            field = kind.field(name)
            if field is not None and isinstance(value, str) and field.type not in ANY_TEXT:
                _check_type(field, value)


def _check_type(field: Field, value: str) -> None:
    try:
        parse(field, value)
    except SalesforceError as problem:
        if problem.code != "JSON_PARSER_ERROR":
            return
        code = "INVALID_TYPE_ON_FIELD_IN_RECORD"
        message = f"{field.label}: value not of required type: {value}"
        raise SalesforceError(400, code, message, fields=[field.name]) from problem


def _known(org: "Org", job: "IngestJob", kind: ObjectType, name: str) -> bool:
    relation, dot, key = name.partition(".")
    if not dot:
        return kind.field(name) is not None
    reference = kind.relationship(relation)
    if reference is None or len(reference.refers) != 1:
        return False
    parent = org.sight.object(reference.refers[0], job.user_id)
    field = None if parent is None else parent.field(key)
    return field is not None and (field.external_id or field.id_lookup)


def _reference(kind: ObjectType, relation: str) -> str:
    reference = kind.relationship(relation)
    return relation if reference is None else reference.name


def _not_found(name: str) -> str:
    return f"InvalidBatch : Field name not found : {name}"


def too_big(row: tuple[str, ...]) -> None:
    """SalesforceError for a row beyond what a record may have."""
    longest = max(map(len, row), default=0)
    if longest > MAX_FIELD or len(row) > MAX_FIELDS or sum(map(len, row)) > MAX_RECORD:
        message = (
            f"a record has at most {MAX_FIELDS} fields of {MAX_FIELD} characters, "
            f"{MAX_RECORD} in all"
        )
        raise SalesforceError(400, "LIMIT_EXCEEDED", message)


def sf_error(problem: SalesforceError) -> str:
    """An error as failedResults shows it: ``CODE:message:fields --``; matched records are lost."""
    named = " ".join(problem.fields or ())
    return f"{problem.code}:{problem.message}:{named + ' ' if named else ''}--"
