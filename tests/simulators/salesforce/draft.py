"""What a request wants to set, read against the fields of the object. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.simulators.salesforce.errors import (
    SalesforceError,
    bad_json,
    missing,
    no_such_column,
    not_writable,
)
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.values import parse

Fields = dict[str, Any]
ATTRIBUTES = "attributes"


@dataclass(frozen=True, slots=True)
class ParentByKey:
    """A parent named by an external id: ``"Account": {"Key__c": "1"}``."""

    reference: Field
    key_field: str
    value: Any


@dataclass(frozen=True, slots=True)
class Draft:
    """Values by exact field name, ready to be stored, and parents that are still to be found."""

    values: Fields
    parents: tuple[ParentByKey, ...] = ()


def read_draft(kind: ObjectType, body: Mapping[str, Any], *, creating: bool) -> Draft:
    """The draft. SalesforceError for unknown or read-only fields and for bad values."""
    if not isinstance(body, Mapping):
        raise bad_json("The HTTP entity body is required to be a JSON object")
    wanted: list[tuple[Field, Any]] = []
    parents: list[ParentByKey] = []
    for name, value in body.items():
        if name.lower() == ATTRIBUTES:
            continue
        field = kind.field(name)
        if field is None:
            parents.append(_parent(kind, name, value))
        else:
            wanted.append((field, value))
    _check_writable(wanted, parents, creating=creating)
    return Draft({field.name: parse(field, value) for field, value in wanted}, tuple(parents))


def _parent(kind: ObjectType, name: str, value: Any) -> ParentByKey:
    reference = kind.relationship(name)
    if reference is None or not isinstance(value, Mapping):
        raise no_such_column(name, kind.name)
    keys = [key for key in value if key.lower() != ATTRIBUTES]
    if len(keys) != 1:
        message = f"Only one external ID may be specified for {name}"
        raise SalesforceError(400, "INVALID_FIELD", message, parsing=True)
    return ParentByKey(reference, keys[0], value[keys[0]])


def _check_writable(
    wanted: list[tuple[Field, Any]], parents: list[ParentByKey], *, creating: bool
) -> None:
    touched = [field for field, _ in wanted] + [parent.reference for parent in parents]
    if any(field.type == "id" for field in touched):
        what = "cannot specify Id in an insert call" if creating else None
        message = what or "The Id field should not be specified in the sobject data."
        raise SalesforceError(400, "INVALID_FIELD", message, fields=["Id"], parsing=True)
    refused = [
        field.name for field in touched if not (field.createable if creating else field.updateable)
    ]
    if refused:
        raise not_writable(refused)


def with_defaults(kind: ObjectType, values: Fields) -> Fields:
    """The values of a new record: defaults where none was given.

    SalesforceError REQUIRED_FIELD_MISSING names everything that is missing at once.
    """
    complete: Fields = {}
    absent: list[str] = []
    for field in kind.fields.values():
        if field.name in values:
            complete[field.name] = values[field.name]
        elif field.default is not None:
            complete[field.name] = field.default
        elif field.createable and not field.nillable and not field.defaulted:
            absent.append(field.name)
    if absent:
        raise missing(absent)
    return complete
