"""What of a CRM's text may be shown: names that look like names, and prose without values."""

import re
from collections.abc import Iterable

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{1,79}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,119}")
_EMAIL = re.compile(r"[^\s@\"'<>(),;:]+@[^\s@\"'<>(),;:]+")
_NUMBER = re.compile(r"\+?\d[\d\s().\-/]{5,}\d")
_QUOTED = re.compile(
    r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|[\u201c\u00ab][^\u201d\u00bb]*[\u201d\u00bb]"
)
_SHORTEST_VALUE = 3
"""A shorter value ("a", "1") is part of many words and identifies nobody."""
MAX_PROSE = 300
MAX_READ = 2000
"""Masking a text of megabytes would take seconds; nobody's validation rule is that long."""
MASK = "***"


def code_of(found: object) -> str:
    """`found` when it has the shape of an error code, else ""."""
    return found if isinstance(found, str) and _CODE.fullmatch(found) else ""


def name_of(found: object) -> str:
    """`found` when it has the shape of a field's name, else ""."""
    return found if isinstance(found, str) and _NAME.fullmatch(found) else ""


def names_of(found: object) -> tuple[str, ...]:
    """The field names in a list, in order and once each."""
    names = [name_of(item) for item in found] if isinstance(found, list) else []
    return tuple(dict.fromkeys(name for name in names if name))


def prose_of(found: object, values: Iterable[object]) -> str:
    """An admin's own text (a validation rule, a flow) without what may be a person's data.

    Masked are the `values` of the record that was sent, everything quoted, e-mail addresses and
    long numbers; the rest is cut to 300 characters.
    """
    if not isinstance(found, str):
        return ""
    clean = found[:MAX_READ]
    for value in sorted({str(value) for value in values}, key=len, reverse=True):
        if len(value) >= _SHORTEST_VALUE:
            clean = re.sub(re.escape(value), MASK, clean, flags=re.IGNORECASE)
    for pattern in (_EMAIL, _QUOTED, _NUMBER):
        clean = pattern.sub(MASK, clean)
    return " ".join(clean.split())[:MAX_PROSE]
