"""SOQL from values that strangers wrote: escaped, and in pieces that fit into a URL."""

import re
from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from urllib.parse import quote

MAX_URL_BYTES = 12_000
"""Salesforce refuses URI and headers above 16,384 bytes (414, 431; facts: salesforce-api 2)."""
_PATH_BYTES = 100
"""Room for `/services/data/v66.0/queryAll?q=` and what a composite puts around it."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_ESCAPES = {
    "\\": "\\\\",
    "'": "\\'",
    '"': '\\"',
    "\n": "\\n",
    "\r": "\\r",
    "\t": "\\t",
    "\b": "\\b",
    "\f": "\\f",
}


def literal(value: object) -> str:
    """A value as SOQL spells it; text is quoted and cannot end its quotes.

    ValueError for what has no spelling: a time without a zone, NaN, half a surrogate pair.
    TypeError for other types.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"'{_escaped(value)}'"
    if isinstance(value, datetime):
        return _time(value)
    if isinstance(value, date):
        return value.isoformat()
    return _number(value)


def select(fields: Collection[str], object_name: str, where: str = "") -> str:
    """`SELECT fields FROM object [WHERE where]`; ValueError for a name that is none.

    `where` is SOQL already: build it from `literal` and names of the schema only.
    """
    columns = ", ".join(_named(field) for field in fields)
    if not columns:
        raise ValueError("a SOQL query needs at least one field")
    condition = f" WHERE {where}" if where else ""
    return f"SELECT {columns} FROM {_named(object_name)}{condition}"  # noqa: S608 -- names checked


def select_in(
    fields: Collection[str],
    object_name: str,
    field: str,
    values: Iterable[object],
    *,
    also: str = "",
) -> list[str]:
    """Queries that together find every row whose `field` has one of the values.

    As few as fit, each into a URL of 12,000 bytes; none for no values. `also` is a further
    condition in SOQL. ValueError for a value that is too long for a query of its own.
    """
    tail = f" AND ({also})" if also else ""
    head = f"{_named(field)} IN ("
    frame = select(fields, object_name, f"{head}){tail}")
    room = MAX_URL_BYTES - _PATH_BYTES - len(quote(frame, safe=""))
    return [
        select(fields, object_name, f"{head}{', '.join(part)}){tail}")
        for part in _fitting(dict.fromkeys(map(literal, values)), room)
    ]


def _fitting(literals: Iterable[str], room: int) -> list[list[str]]:
    parts: list[list[str]] = []
    left = 0
    for one in literals:
        size = len(quote(f", {one}", safe=""))
        if size > room:
            raise ValueError(f"a value of {size} bytes is too long to look for in Salesforce")
        if size > left or not parts:
            parts.append([])
            left = room
        parts[-1].append(one)
        left -= size
    return parts


def _escaped(text: str) -> str:
    text.encode()  # half a surrogate pair is a UnicodeEncodeError, which is a ValueError
    return "".join(_ESCAPES.get(one) or _spelled(one) for one in text)


def _spelled(one: str) -> str:
    return one if one.isprintable() or ord(one) > 0x9F else f"\\u{ord(one):04X}"  # noqa: PLR2004


def _time(value: datetime) -> str:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be compared in SOQL")
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _number(value: object) -> str:
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (float, Decimal)):
        if not isfinite(value):
            raise ValueError("NaN and infinity have no spelling in SOQL")
        return format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
    raise TypeError(f"a {type(value).__name__} has no spelling in SOQL")


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError("a SOQL name has letters, digits, underscores and dots only")
    return name
