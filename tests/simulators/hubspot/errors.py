"""HubSpot's error answers, word for word where a capture exists (facts: sections 1 and 2)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.simulators.hubspot.model import Json, ObjectType


class HubSpotError(Exception):
    """An answer that is not a success; ``body`` lacks the correlation id, the edge adds it."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status} {body.get('message', '')}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})
        self.existing: int | None = None
        """The record that is in the way, for the errors of a batch with trace ids."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One value that a property does not take."""

    name: str
    value: str
    code: str
    message: str


def error(
    status: int, message: str, category: str | None = "VALIDATION_ERROR", **more: Any
) -> HubSpotError:
    """An error in the usual envelope; some real bodies have no category."""
    body: Json = {"status": "error", "message": message}
    if category is not None:
        body["category"] = category
    return HubSpotError(status, {**body, **more})


def bad_request() -> HubSpotError:
    """The generic 400 that says nothing."""
    return error(400, "There was a problem with the request.", None)


def invalid_json(line: int, column: int, reason: str) -> HubSpotError:
    """A body that is no JSON, or not of the expected shape."""
    return error(400, f"Invalid input JSON on line {line}, column {column}: {reason}", None)


def invalid_properties(problems: Sequence[Problem], portal_id: int) -> HubSpotError:
    """All properties with bad values, once inside the message and once as ``errors``."""
    listed = json.dumps(
        [
            {
                "isValid": False,
                "message": problem.message,
                "error": problem.code,
                "name": problem.name,
                "localizedErrorMessage": problem.message,
                "propertyValue": problem.value,
                "portalId": portal_id,
            }
            for problem in problems
        ],
        ensure_ascii=False,
        separators=(",", ":"),
    )
    details = [
        {
            "message": problem.message,
            "code": problem.code,
            "context": {"propertyName": [problem.name]},
        }
        for problem in problems
    ]
    return error(400, f"Property values were not valid: {listed}", errors=details)


def missing_required(kind: ObjectType, names: Sequence[str]) -> HubSpotError:
    """A new record without a property that its type cannot do without."""
    message = f"Error creating {kind.legacy}. Some required properties were not set."
    return error(400, message, context={"properties": list(names)})


def email_taken(existing: int | None) -> HubSpotError:
    """Creating a contact whose address exists; batch create without trace ids hides the id."""
    hint = "" if existing is None else f". Existing ID: {existing}"
    problem = error(409, f"Contact already exists{hint}", "CONFLICT")
    problem.existing = existing
    return problem


def value_taken(
    kind: ObjectType, name: str, value: str, *, portal_id: int, wanted: int, holder: int
) -> HubSpotError:
    """A unique value that another record has; ``holder`` is that record."""
    coordinates = (
        f"PropertyValueCoordinates{{portalId={portal_id}, "
        f"objectTypeId=ObjectTypeId{{legacyObjectType={kind.legacy}}}, "
        f"propertyName={name}, value={value}}}"
    )
    return error(400, f"Cannot set {coordinates} on {wanted}. {holder} already has that value.")


def batch_too_big(limit: int, *, histories: bool = False) -> HubSpotError:
    """More inputs than a batch takes."""
    where = "a batch request for property histories" if histories else "a batch"
    return error(
        400,
        f"The maximum number of inputs supported in {where} is {limit}. "
        "Please reduce the number of items and try again",
    )


def duplicate_ids(ids: Sequence[str]) -> HubSpotError:
    """One record twice in a batch."""
    message = f"Duplicate IDs found in batch input: [{', '.join(ids)}]. IDs must be unique"
    return error(400, message, context={"ids": list(ids)})


def not_unique(kind: ObjectType, name: str) -> HubSpotError:
    """An ``idProperty`` that identifies nobody."""
    message = f"Unable to perform update/upsert by non-unique {kind.type_id} property {name}"
    return error(400, message)


def not_found() -> HubSpotError:
    """A numeric id that nothing has: no category in this one."""
    return error(404, "resource not found", None)


def not_numeric(record_id: str) -> HubSpotError:
    """An id that is no number; the two spaces are HubSpot's."""
    return error(
        404,
        "Object not found.  objectId are usually numeric.",
        "OBJECT_NOT_FOUND",
        context={"id": [record_id]},
    )


def unknown_type(name: str) -> HubSpotError:
    """A path that names no object type."""
    return error(404, f"Unable to infer object type from: {name}", None)


def some_missing(kind: ObjectType, ids: Sequence[str]) -> Json:
    """The entry of a 207 for records that do not exist."""
    return {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": f"Could not get some {kind.legacy} objects, they may be deleted or not exist. "
        "Check that ids are valid.",
        "context": {"ids": list(ids)},
    }
