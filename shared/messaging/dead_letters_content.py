"""What is in a dead letter, told without its values: the contract decides what may be shown.

Events hold no personal value by design, but a letter may be dead because of a bug in that. So a
value is shown only if its contract closes the set of what it can be, and it is one of them.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Literal, get_origin

from pydantic import TypeAdapter, ValidationError

from shared.contracts.base import Event
from shared.contracts.catalogue import all_events
from shared.messaging.dead_letters_reading import readable
from shared.messaging.envelope import Envelope

HASHES = "field_hashes"
_HASH = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")


@dataclass(frozen=True, slots=True)
class Content:
    """One event of a letter: its envelope, and each field of its data in words."""

    envelope: Envelope
    fields: Mapping[str, str]


def contents_of(body: bytes) -> tuple[Content, ...]:
    """Every event of a body; none when it cannot be read."""
    contracts = {event.type_name(): event for event in all_events()}
    return tuple(
        Content(envelope, _described(envelope.data, contracts.get(envelope.type)))
        for envelope in readable(body)
    )


def _described(data: Mapping[str, Any], contract: type[Event] | None) -> dict[str, str]:
    declared = contract.model_fields if contract is not None else {}
    told = {
        name: _told(name, data[name], field.annotation)
        for name, field in declared.items()
        if name in data
    }
    missing = [n for n, field in declared.items() if n not in data and field.is_required()]
    told.update(dict.fromkeys(missing, "missing"))
    others = sorted(_named(name) for name in data if name not in declared)
    return told | dict.fromkeys(others, "not declared by the contract of this version")


def _told(name: str, value: object, declared: Any) -> str:
    """A closed value as it is; hashes as they are; of anything else its kind and size."""
    if name == HASHES and isinstance(value, Mapping):
        return ", ".join(f"{_named(key)}={_hash(each)}" for key, each in value.items()) or "empty"
    if _closed(declared):
        return _closed_value(value, declared)
    return _kind(value)


def _closed(declared: Any) -> bool:
    """Whether a type can hold nothing that a person typed."""
    if get_origin(declared) is Literal:
        return True
    return isinstance(declared, type) and issubclass(declared, bool | int | Enum | datetime)


def _closed_value(value: object, declared: Any) -> str:
    """Strictly: digits in a text are no number, and a number is no time."""
    try:
        found = TypeAdapter(declared).validate_json(json.dumps(value), strict=True)
    except ValidationError:
        return f"does not fit the contract: {_kind(value)}"
    return found.isoformat() if isinstance(found, datetime) else str(value)


def _kind(value: object) -> str:
    match value:
        case None:
            return "nothing"
        case str():
            return f"text of {len(value)} characters"
        case list():
            return f"list of {len(value)}"
        case dict():
            return f"object with {', '.join(sorted(_named(key) for key in value)) or 'no fields'}"
        case _:
            return type(value).__name__


def _hash(value: object) -> str:
    fits = isinstance(value, str) and (not value or _HASH.fullmatch(value))
    return str(value) if fits else "(not a hash)"


def _named(name: object) -> str:
    text = str(name)
    return text if _NAME.fullmatch(text) else f"(a name of {len(text)} characters)"
