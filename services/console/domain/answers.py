"""Reading the other services' JSON: what is missing or of another kind is empty, never an error.

The console is deployed apart from the services that it reads, so a field may be newer or older
than this code. A page with a gap is better than no page.
"""

import math
from collections.abc import Mapping
from datetime import UTC, datetime

Json = Mapping[str, object]

EMPTY: Json = {}


def mapping(value: object) -> Json:
    """A JSON object; an empty one for anything else."""
    return value if isinstance(value, Mapping) else EMPTY


def child(json: Json, name: str) -> Json:
    """The JSON object under `name`; an empty one when there is none."""
    return mapping(json.get(name))


def items(value: object) -> tuple[Json, ...]:
    """The objects of a list, or of a page `{"items": [...]}`."""
    found = value.get("items") if isinstance(value, Mapping) else value
    if not isinstance(found, list):
        return ()
    return tuple(item for item in found if isinstance(item, Mapping))


def next_cursor(value: object) -> str:
    """The cursor of the following page; empty on the last one."""
    return text(mapping(value), "next_cursor")


def text(json: Json, name: str) -> str:
    """A text, or a number as text; empty for anything else."""
    value = json.get(name)
    if isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return ""


def whole(json: Json, name: str) -> int | None:
    """A whole number, None when there is none."""
    value = json.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) else None


def truth(json: Json, name: str) -> bool:
    """True only for true."""
    return json.get(name) is True


def moment(json: Json, name: str) -> datetime | None:
    """A time in UTC; one without an offset is taken as UTC. None when it cannot be read."""
    value = json.get(name)
    if not isinstance(value, str):
        return None
    try:
        read = datetime.fromisoformat(value)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
