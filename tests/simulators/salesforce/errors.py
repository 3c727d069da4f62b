"""Every way in which Salesforce says no, with the exact codes and texts (facts: section 2.10)."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]
ROLLED_BACK = "ALL_OR_NONE_OPERATION_ROLLED_BACK"


class SalesforceError(Exception):
    """One error of one record or request.

    ``fields`` is None where Salesforce leaves the key out. ``extra`` holds further keys, such as
    the misspelt ``duplicateResut``. ``parsing`` is true when the input could not even be read.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        fields: Sequence[str] | None = None,
        extra: Json | None = None,
        parsing: bool = False,
    ) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
        self.extra = extra or {}
        self.parsing = parsing

    def as_array(self) -> list[Json]:
        """The body of a single-record or whole-request error."""
        body: Json = {**self.extra, "message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return [body]

    def as_item(self) -> Json:
        """The same in a Collections reply, where the code's key is ``statusCode``."""
        fields = list(self.fields or ())
        return {"statusCode": self.code, "message": self.message, "fields": fields, **self.extra}


def not_found() -> SalesforceError:
    """No such resource or record."""
    return SalesforceError(404, "NOT_FOUND", "The requested resource does not exist")


def method_not_allowed(method: str) -> SalesforceError:
    """The path exists, the method does not."""
    message = f"HTTP Method '{method}' not allowed. Allowed are GET,POST,PATCH,DELETE"
    return SalesforceError(405, "METHOD_NOT_ALLOWED", message)


def bad_json(detail: str) -> SalesforceError:
    """A body that is not JSON, or a value of the wrong kind."""
    return SalesforceError(400, "JSON_PARSER_ERROR", detail, parsing=True)


def session_expired() -> SalesforceError:
    """No session, or one that has run out."""
    return SalesforceError(401, "INVALID_SESSION_ID", "Session expired or invalid")


def limit_exceeded() -> SalesforceError:
    """The org has used up its API calls of the last 24 hours."""
    return SalesforceError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def no_such_column(column: str, object_name: str) -> SalesforceError:
    """A field that does not exist, or that field-level security hides."""
    message = f"No such column '{column}' on sobject of type {object_name}"
    return SalesforceError(400, "INVALID_FIELD", message, parsing=True)


def not_writable(names: Sequence[str]) -> SalesforceError:
    """Fields that this user may read but not set."""
    listed = ", ".join(names)
    message = (
        f"Unable to create/update fields: {listed}. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set."
    )
    return SalesforceError(400, "INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=names)


def missing(names: Sequence[str]) -> SalesforceError:
    """Required fields without a value."""
    message = f"Required fields are missing: [{', '.join(names)}]"
    return SalesforceError(400, "REQUIRED_FIELD_MISSING", message, fields=names)


def is_deleted() -> SalesforceError:
    """The record lies in the recycle bin."""
    return SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted", fields=[])


def invalid_reference(*, fields: Sequence[str] = ()) -> SalesforceError:
    """An id of a record that does not exist."""
    message = "invalid cross reference id"
    return SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", message, fields=fields)


def wrong_id(label: str, value: str, field: str) -> SalesforceError:
    """An id of another object, or no id at all."""
    message = f"{label}: id value of incorrect type: {value}"
    return SalesforceError(400, "MALFORMED_ID", message, fields=[field])


def duplicate_value(field: str, other_id: str) -> SalesforceError:
    """Another record has this value of a unique field."""
    message = f"duplicate value found: {field} duplicates value on record with id: {other_id}"
    return SalesforceError(400, "DUPLICATE_VALUE", message, fields=[])


def locked(record_id: str) -> SalesforceError:
    """Somebody else is writing the record at this moment."""
    message = f"unable to obtain exclusive access to this record or 1 records: {record_id}"
    return SalesforceError(400, "UNABLE_TO_LOCK_ROW", message, fields=[])


def converted() -> SalesforceError:
    """A converted lead is read-only."""
    message = "cannot reference converted lead"
    return SalesforceError(400, "CANNOT_UPDATE_CONVERTED_LEAD", message, fields=[])


def no_access(status: int = 400) -> SalesforceError:
    """The user may not write this object."""
    message = "insufficient access rights on object id"
    return SalesforceError(status, "INSUFFICIENT_ACCESS_OR_READONLY", message, fields=[])


def rolled_back() -> SalesforceError:
    """A good row of an all-or-none request in which another one was bad."""
    message = (
        "Record rolled back because not all records were valid and the request was using "
        "AllOrNone header"
    )
    return SalesforceError(400, ROLLED_BACK, message, fields=[])


def halted() -> SalesforceError:
    """A good subrequest of an all-or-none composite in which another one was bad."""
    message = (
        "The transaction was rolled back since another operation in the same transaction failed."
    )
    return SalesforceError(400, "PROCESSING_HALTED", message)
