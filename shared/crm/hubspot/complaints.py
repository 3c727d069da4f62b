"""What HubSpot's error bodies say, told again without the values that they echo.

Facts: hubspot-api 2. Every field of the envelope is optional, and several real bodies lack all
but the message.
"""

import re
from typing import Any

from shared.crm.answers import Json, member, members, parsed, text
from shared.crm.errors import Complaint
from shared.crm.scrubbing import code_of, name_of, names_of

CONFLICT = "CONFLICT"
"""HubSpot's category for a contact that exists; used for every unique value that is taken."""
RETRIABLE_CODES = frozenset(
    {"RATE_LIMITS", "INTERNAL_ERROR", "SERVICE_UNAVAILABLE", "CONCURRENT_UPDATE", "LOCKED"}
)
_INVALID = "Property values were not valid: "
_TAKEN = re.compile(r" on (\d+)\. (\d+) already has that value\.?\s*\Z")
_TAKEN_FIELD = re.compile(r"propertyName=([A-Za-z0-9_]+)")
_EXISTING = re.compile(r"Existing ID: (\d+)\s*\Z")
_SCOPE = re.compile(r"[a-z][a-z0-9._-]{1,79}")
SENTENCES = {
    "PROPERTY_DOESNT_EXIST": "HubSpot has no such property. Refresh the field list, then mend or "
    "remove the mapping.",
    "READ_ONLY_VALUE": "HubSpot computes this property itself, it cannot be written. Map it "
    "towards Salesforce only.",
    "INVALID_OPTION": "the value is none of the property's options. Add the option in HubSpot or "
    "translate it in the mapping.",
    "INVALID_EMAIL": "HubSpot does not take this as an e-mail address.",
    "INVALID_LONG": "HubSpot wants a whole number.",
    "INVALID_INTEGER": "HubSpot wants a whole number.",
    "INVALID_DECIMAL": "HubSpot wants a number.",
    "INVALID_DATE": "HubSpot wants a date at midnight UTC.",
    "MISSING_REQUIRED_PROPERTY": "an admin made this property required in HubSpot, and it is "
    "empty.",
    "MISSING_CONDITIONAL_REQUIRED_PROPERTY": "a rule in HubSpot makes this property required, and "
    "it is empty.",
    CONFLICT: "another HubSpot record has this unique value already.",
    "OBJECT_NOT_FOUND": "HubSpot has no such record (deleted, or merged into another one).",
    "OBJECT_ALREADY_EXISTS": "HubSpot has this already.",
    "MISSING_SCOPES": "the HubSpot app was not granted all scopes that this call needs.",
    "INVALID_OBJECT_IDS": "a record to associate with does not exist.",
}


def complaint_from(body: object, *, status: int) -> Complaint:
    """The complaint of an error envelope: of a whole answer, or one entry of a 207."""
    found = body if isinstance(body, dict) else {}
    details = _details(found)
    existing, taken_field = _taken(found)
    code = CONFLICT if existing and status in {400, 409} else _code(found, details, status)
    fields = _fields(found, details) or ((taken_field,) if taken_field else ())
    return Complaint(
        code=code,
        message=_message(code, fields, found),
        field=fields[0] if fields else None,
        existing_id=existing or None,
        retriable=code in RETRIABLE_CODES,
    )


def _details(body: Json) -> list[Json]:
    """What is wrong property by property: from `errors`, else from the JSON in the message."""
    found = [
        {"code": code_of(error.get("code")), "names": names_of(_context(error, "propertyName"))}
        for error in members(body, "errors")
    ]
    if any(detail["code"] for detail in found):
        return found
    _, marker, listed = text(body, "message").partition(_INVALID)
    inner = parsed(listed.encode()) if marker else None
    return [
        {"code": code_of(item.get("error")), "names": names_of([item.get("name")])}
        for item in (inner if isinstance(inner, list) else [])
        if isinstance(item, dict)
    ]


def _code(body: Json, details: list[Json], status: int) -> str:
    named = [str(detail["code"]) for detail in details if detail["code"]]
    told = (body.get("policyName"), body.get("category"), body.get("errorType"))
    candidates = [*named, *(code_of(one) for one in told)]
    if _context(body, "INVALID_OBJECT_IDS"):
        candidates.insert(0, "INVALID_OBJECT_IDS")
    fallback = "OBJECT_NOT_FOUND" if status == 404 else f"HTTP_{status}"  # noqa: PLR2004
    return next((code for code in candidates if code), fallback)


def _fields(body: Json, details: list[Json]) -> tuple[str, ...]:
    named = [name for detail in details for name in detail["names"]]
    for place in ("propertyName", "properties"):
        named += names_of(_context(body, place))
    return tuple(dict.fromkeys(named))


def _taken(body: Json) -> tuple[str, str]:
    """The record that has a unique value already, and the property, where HubSpot says so."""
    message = text(body, "message")
    clash = _TAKEN.search(message)
    if clash is not None:
        field = _TAKEN_FIELD.search(message)
        return clash[2], field[1] if field else ""
    known = [str(one) for one in _context(body, "existingId") if str(one).isdigit()]
    existing = _EXISTING.search(message)
    return (known[0] if known else existing[1] if existing else ""), ""


def _context(body: Json, name: str) -> list[Any]:
    found = member(body, "context").get(name)
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def _message(code: str, fields: tuple[str, ...], body: Json) -> str:
    sentence = SENTENCES.get(code, f"HubSpot refused this with {code}.")
    if code == "MISSING_SCOPES":
        sentence += _scopes(body)
    place = f"{', '.join(fields)}: " if fields else ""
    return place + (sentence if place else sentence[:1].upper() + sentence[1:])


def _scopes(body: Json) -> str:
    wanted = [
        str(scope)
        for error in members(body, "errors")
        for scope in _context(error, "requiredGranularScopes")
        if isinstance(scope, str) and _SCOPE.fullmatch(scope)
    ]
    return f" Missing: one of {', '.join(wanted)}." if wanted else ""


def trace_ids(error: Json) -> list[str]:
    """Which inputs of a batch an entry of `errors` is about, by objectWriteTraceId."""
    return [str(one) for one in _context(error, "objectWriteTraceId")]


def record_ids(error: Json) -> list[str]:
    """Which inputs of a batch an entry of `errors` is about, by the ids that were sent."""
    return [str(one) for place in ("ids", "id") for one in _context(error, place)]


def reference(body: object) -> str:
    """HubSpot's own name for the call, to quote to its support; "" when it gave none."""
    found = text(body, "correlationId")
    return found if re.fullmatch(r"[0-9a-fA-F-]{8,40}", found) else name_of(found)
