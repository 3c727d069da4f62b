"""One value of one field: what Salesforce stores for it, or why it refuses it. Pure."""

import math
import re
from datetime import date
from typing import Any

from tests.simulators.salesforce.errors import SalesforceError, bad_json, missing, wrong_id
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.schema.fields import NUMBER_TYPES, TEXT_TYPES, Field
from tests.simulators.salesforce.stamps import canonical

EMAIL = re.compile(r"[^\s@,;<>()\[\]\"]+@(?:[^\s@.,;<>()\[\]\"]+\.)+[^\s@.,;<>()\[\]\"]{2,}")
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?")
FIRST_YEAR = 1700
LAST_YEAR = 4000
SHOWN = 60
"""Characters of a bad value that a parser error repeats."""


def parse(field: Field, value: Any) -> Any:
    """What is stored for ``value``; None for null and for text of blanks only.

    SalesforceError: STRING_TOO_LONG, INVALID_EMAIL_ADDRESS, a bad picklist value, MALFORMED_ID,
    REQUIRED_FIELD_MISSING for null where none may be, JSON_PARSER_ERROR for a wrong kind.
    """
    stored = None if value is None else _of_type(field, value)
    if stored is None and not field.nillable:
        if field.type == "boolean":
            raise _unreadable("boolean", "VALUE_NULL", value)
        raise missing([field.name])
    return stored


def _of_type(field: Field, value: Any) -> Any:
    if field.type in TEXT_TYPES:
        return _text(field, value)
    if field.type in NUMBER_TYPES:
        return _number(field, value)
    match field.type:
        case "boolean":
            return _boolean(value)
        case "date":
            return _date(value)
        case "datetime":
            return _datetime(value)
        case _:
            return _reference(field, value)


def _unreadable(kind: str, token: str, value: Any) -> SalesforceError:
    shown = str(value)[:SHOWN]
    return bad_json(
        f"Cannot deserialize instance of {kind} from {token} value {shown} or request may be "
        "missing a required field at [line:1, column:2]"
    )


def _token(value: Any) -> str:
    if isinstance(value, bool):
        return "VALUE_TRUE" if value else "VALUE_FALSE"
    if isinstance(value, str):
        return "VALUE_STRING"
    if isinstance(value, int | float):
        return "VALUE_NUMBER_INT" if isinstance(value, int) else "VALUE_NUMBER_FLOAT"
    return "START_OBJECT" if isinstance(value, dict) else "START_ARRAY"


def _text(field: Field, value: Any) -> str | None:
    text = (value if type(value) is str else _as_text(value)).strip()
    if not text:
        return None
    if field.restricted:
        return _listed(field, text)
    if len(text) > field.length:
        message = f"{field.label}: data value too large: {text} (max length={field.length})"
        raise SalesforceError(400, "STRING_TOO_LONG", message, fields=[field.name])
    if field.type == "email" and not EMAIL.fullmatch(text):
        message = f"{field.label}: invalid email address: {text}"
        raise SalesforceError(400, "INVALID_EMAIL_ADDRESS", message, fields=[field.name])
    return text


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int | float):
        raise _unreadable("string", _token(value), value)
    return str(value)


def _listed(field: Field, text: str) -> str:
    chosen = text.split(";") if field.type == "multipicklist" else [text]
    for one in chosen:
        if one not in field.picklist or one in field.inactive:
            message = f"{field.label}: bad value for restricted picklist field: {one}"
            code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
            raise SalesforceError(400, code, message, fields=[field.name])
    return text


def _number(field: Field, value: Any) -> int | float:
    kind = "int" if field.type == "int" else "double"
    if isinstance(value, str) and NUMBER.fullmatch(value.strip()):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _unreadable(kind, _token(value), value)
    if field.type == "int" and value != int(value):
        raise _unreadable(kind, _token(value), value)
    if abs(value) >= 10 ** (field.precision - field.scale):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", message, fields=[field.name])
    return int(value) if field.type == "int" else round(float(value), field.scale)


def _boolean(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in {"true", "false", "1", "0"}:
        return value.strip().lower() in {"true", "1"}
    raise _unreadable("boolean", _token(value), value)


def _date(value: Any) -> str | None:
    if not isinstance(value, str):
        raise _unreadable("date", _token(value), value)
    text = value.strip()
    if not text:
        return None
    try:
        found = date.fromisoformat(text[:10])
        if len(text) > len("2026-01-02"):
            canonical(text)
    except ValueError as wrong:
        raise _unreadable("date", "VALUE_STRING", value) from wrong
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _unreadable("date", "VALUE_STRING", value)
    return found.isoformat()


def _datetime(value: Any) -> str | None:
    if not isinstance(value, str):
        raise _unreadable("datetime", _token(value), value)
    if not value.strip():
        return None
    try:
        return canonical(value.strip())
    except ValueError as wrong:
        raise _unreadable("datetime", "VALUE_STRING", value) from wrong


def _reference(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _unreadable("reference", _token(value), value)
    text = value.strip()
    if not text:
        return None
    found = long_form(text)
    if found is None:
        raise wrong_id(field.label, text, field.name)
    return found
