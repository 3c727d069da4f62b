"""What Salesforce's errors say, told again without the values that they echo.

Facts: salesforce-api 2.6 and 2.10. The code is `errorCode` in most answers and `statusCode` in
Collections; token endpoints have `error`. STRING_TOO_LONG and others repeat the record's value.
"""

import re
from collections.abc import Iterable

from shared.crm.answers import Json, member, members, text
from shared.crm.errors import Complaint
from shared.crm.scrubbing import code_of, name_of, names_of, prose_of

RETRIABLE_CODES = frozenset(
    {
        "UNABLE_TO_LOCK_ROW",
        "SERVER_UNAVAILABLE",
        "REQUEST_LIMIT_EXCEEDED",
        "REQUEST_RUNNING_TOO_LONG",
        "QUERY_TIMEOUT",
        "INVALID_QUERY_LOCATOR",
        "PROCESSING_HALTED",
        "BATCH_PROCESSING_HALTED",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "UNKNOWN_EXCEPTION",
    }
)
"""The same write may succeed later: locks, limits, and being halted for a neighbour's fault."""
HALTED = frozenset({"PROCESSING_HALTED", "ALL_OR_NONE_OPERATION_ROLLED_BACK"})
ADMINS_OWN_TEXT = frozenset(
    {"FIELD_CUSTOM_VALIDATION_EXCEPTION", "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"}
)
"""Texts that an admin wrote into a validation rule, a flow or a trigger: they say what to do."""
SENTENCES = {
    "REQUIRED_FIELD_MISSING": "Salesforce requires this field, and it is empty.",
    "INVALID_FIELD": "Salesforce has no such field, or hides it from the connected user. Check "
    "the field and its field-level security.",
    "INVALID_FIELD_FOR_INSERT_UPDATE": "the connected user may not write this field. Check its "
    "field-level security.",
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "the value is none of the picklist's. Add it in "
    "Salesforce or translate it in the mapping.",
    "INVALID_EMAIL_ADDRESS": "Salesforce does not take this as an e-mail address.",
    "DUPLICATE_VALUE": "another Salesforce record has this unique value already.",
    "DUPLICATES_DETECTED": "a duplicate rule in Salesforce found this record already.",
    "CANNOT_UPDATE_CONVERTED_LEAD": "the lead was converted; its contact is the record now.",
    "ENTITY_IS_DELETED": "the Salesforce record is in the recycle bin.",
    "NOT_FOUND": "Salesforce has no such record or resource.",
    "INVALID_CROSS_REFERENCE_KEY": "the record, or one that it points to, does not exist or is of "
    "another kind.",
    "MALFORMED_ID": "an id is not one of this kind of record.",
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": "the connected user may not use a record "
    "that this one points to.",
    "INSUFFICIENT_ACCESS_OR_READONLY": "the connected user may not change this record.",
    "UNABLE_TO_LOCK_ROW": "somebody else is changing the record; it is tried again.",
    "FIELD_INTEGRITY_EXCEPTION": "the value does not go together with other fields of the record.",
}
_REQUIRED = re.compile(r"\[([A-Za-z0-9_., ]+)\]")
_NO_COLUMN = re.compile(r"No such column '?([A-Za-z0-9_.]+)'?")
_UNWRITABLE = re.compile(r"fields: ([A-Za-z0-9_., ]+?)\. ")
_MAX_LENGTH = re.compile(r"\(max length=(\d+)\)\s*\Z")
_HOLDER = re.compile(r"record with id: ([A-Za-z0-9]{15,18})\s*\Z")
_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


def complaint_from(
    error: object, *, status: int, holder: object = None, values: Iterable[object] | None = None
) -> Complaint:
    """The complaint of one error.

    `holder` is the item around it, which may carry the duplicate rule's findings; `values` are
    the record's own, to be masked in texts that an admin wrote (None: unknown, no such text).
    """
    found = error if isinstance(error, dict) else {}
    told = (found.get("errorCode"), found.get("statusCode"), found.get("error"))
    code = next((name for name in map(code_of, told) if name), f"HTTP_{status}")
    fields = _fields(found)
    return Complaint(
        code=code,
        message=_message(code, fields, found, values),
        field=fields[0] if fields else None,
        existing_id=_existing(code, found),
        duplicate_ids=_duplicates(found) or _duplicates(holder),
        retriable=code in RETRIABLE_CODES,
    )


def worst(errors: list[Json]) -> Json:
    """The error that explains the others: the first that is not "halted because of another"."""
    told = [one for one in errors if one.get("errorCode", one.get("statusCode")) not in HALTED]
    return (told or errors or [{}])[0]


def _fields(found: Json) -> tuple[str, ...]:
    named = names_of(found.get("fields"))
    if named:
        return named
    message = text(found, "message")
    for pattern in (_NO_COLUMN, _UNWRITABLE, _REQUIRED):
        match = pattern.search(message)
        if match is not None:
            parts = [name_of(part.strip()) for part in match[1].split(",")]
            return tuple(part for part in parts if part)
    return ()


def _message(
    code: str, fields: tuple[str, ...], found: Json, values: Iterable[object] | None
) -> str:
    place = f"{', '.join(fields)}: " if fields else ""
    if code in ADMINS_OWN_TEXT and values is not None:
        prose = prose_of(found.get("message"), values)
        return f"{place}Salesforce's own rule says: {prose}"
    if code == "STRING_TOO_LONG":
        limit = _MAX_LENGTH.search(text(found, "message"))
        told = f" ({limit[1]} characters)" if limit else ""
        return f"{place}the value is longer than the field takes{told}."
    sentence = SENTENCES.get(code, f"Salesforce refused this with {code}.")
    return place + (sentence if place else sentence[:1].upper() + sentence[1:])


def _existing(code: str, found: Json) -> str | None:
    match = _HOLDER.search(text(found, "message")) if code == "DUPLICATE_VALUE" else None
    return match[1] if match else None


def _duplicates(holder: object) -> tuple[str, ...]:
    """The records that a duplicate rule matched; the key really is misspelt in real answers."""
    ids = [
        text(member(match, "record"), "Id")
        for name in ("duplicateResut", "duplicateResult")
        for result in members(member(holder, name), "matchResults")
        for match in members(result, "matchRecords")
    ]
    return tuple(dict.fromkeys(one for one in ids if _ID.fullmatch(one)))
