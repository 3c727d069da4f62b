"""Turns what a caller sends for a property into what the portal stores, or says why not. Pure."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from tests.simulators.hubspot.definitions import Property
from tests.simulators.hubspot.errors import Problem
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.wire import iso

EMAIL = re.compile(r"[^@\s,;<>()\"]+@(?:[\w-]+\.)+[^\W\d_][\w-]+", re.UNICODE)
MAX_TEXT = 65_536
"""Characters that a text property holds."""
DAY = 86_400_000
"""Milliseconds of a day: a date is a midnight in UTC."""
EARLIEST = 62_135_596_800_000
"""Milliseconds from the year 1 to 1970."""
LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""
PARSED_TIMES = 200_000
"""Times whose milliseconds are remembered: a search compares the same ones again and again."""


class NotAllowed(Exception):  # noqa: N818 -- it is an answer for the caller, not a failure
    """The value does not suit the property."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(slots=True)
class Cleaned:
    """All values of one write: as they are stored, what is wrong, and what was put right."""

    values: dict[str, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Json] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a write is held against."""

    properties: dict[str, Property]
    owner_ids: Collection[str]
    normalise_dates: bool = False
    """Since 2026-09 a date that is no midnight is moved to one, with a warning."""


def cleaned(raw: Json, rules: Rules, *, current: dict[str, str]) -> Cleaned:
    """Every value of ``raw`` checked; ``current`` is what the record holds already."""
    result = Cleaned()
    for name, value in raw.items():
        try:
            result.values[name] = _stored(name, value, rules, current, result.warnings)
        except NotAllowed as wrong:
            text = as_text(value)
            result.problems.append(Problem(name, text, wrong.code, wrong.message))
    return result


def _stored(
    name: str, value: Any, rules: Rules, current: dict[str, str], warnings: list[Json]
) -> str:
    definition = rules.properties.get(name)
    if definition is None or definition.archived:
        raise NotAllowed("PROPERTY_DOESNT_EXIST", f'Property "{name}" does not exist')
    if definition.read_only:
        message = f'"{name}" is a read only property; its value cannot be set.'
        raise NotAllowed("READ_ONLY_VALUE", message)
    text = value if type(value) is str else as_text(value)
    if not text:
        return ""
    if definition.type == "string" and name not in _BY_NAME:
        return _text(text, definition)
    if definition.external_options:
        return _chosen(text, rules.owner_ids)
    if definition.is_multiple:
        return _several(text, definition, current.get(name, ""))
    if definition.type == "date" and rules.normalise_dates:
        return _midnight(name, text, warnings)
    if name in _BY_NAME:
        return _BY_NAME[name](text)
    return _BY_TYPE[definition.type](text, definition)


def as_text(value: Any) -> str:
    """A JSON value as HubSpot reads it: numbers and booleans are welcome, null clears."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else str(value)


def _text(text: str, _definition: Property) -> str:
    if len(text) > MAX_TEXT:
        message = f"Property values may have at most {MAX_TEXT} characters."
        raise NotAllowed("INVALID_STRING", message)
    return text


def _email(text: str) -> str:
    address = text.strip().lower()
    if not EMAIL.fullmatch(address):
        raise NotAllowed("INVALID_EMAIL", f"Email address {text} is invalid")
    return address


def _emails(text: str) -> str:
    return ";".join(dict.fromkeys(_email(part) for part in text.split(";") if part.strip()))


def _number(text: str, _definition: Property) -> str:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise NotAllowed("INVALID_LONG", f"{text} was not a valid long.")
    return f"{number:f}"


def _time(text: str, _definition: Property) -> str:
    return iso(_moment(text))


def _date(text: str, _definition: Property) -> str:
    moment = _moment(text)
    if moment % DAY:
        raise NotAllowed("INVALID_DATE", f"{text} is at {iso(moment)}, it must be midnight UTC")
    return iso(moment)[:10]


def _midnight(name: str, text: str, warnings: list[Json]) -> str:
    moment = _moment(text)
    day = iso(moment - moment % DAY)[:10]
    if moment % DAY:
        warnings.append(
            {
                "category": "PROPERTY_VALUE_NORMALIZED",
                "message": f"The value of {name} was moved to midnight UTC.",
                "context": {"propertyName": [name], "rawValue": [text], "normalizedValue": [day]},
            }
        )
    return day


def _moment(text: str) -> int:
    moment = milliseconds(text)
    if moment is None or not 0 <= moment + EARLIEST <= LATEST + EARLIEST:
        raise NotAllowed("INVALID_LONG", f"{text} was not a valid long.")
    return moment


@lru_cache(maxsize=PARSED_TIMES)
def milliseconds(text: str) -> int | None:
    """Epoch milliseconds of ISO text or of digits; None if it is neither."""
    text = text.strip()
    if text.removeprefix("-").isdecimal():
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(zoned.timestamp() * 1_000)


def _choice(text: str, definition: Property) -> str:
    return _chosen(text, [option.value for option in definition.options])


def _chosen(text: str, allowed: Collection[str]) -> str:
    if text not in allowed:
        listed = ", ".join(sorted(allowed))
        raise NotAllowed("INVALID_OPTION", f"{text} was not one of the allowed options: [{listed}]")
    return text


def _several(text: str, definition: Property, current: str) -> str:
    """``a;b`` replaces, ``;a;b`` adds to what is there (facts: section 0)."""
    wanted = [_choice(part, definition) for part in text.split(";") if part]
    kept = current.split(";") if text.startswith(";") and current else []
    return ";".join(dict.fromkeys([*kept, *wanted]))


def _boolean(text: str, _definition: Property) -> str:
    return _chosen(text.lower(), ("true", "false"))


_BY_NAME: dict[str, Callable[[str], str]] = {"email": _email, "hs_additional_emails": _emails}
_BY_TYPE: dict[str, Callable[[str, Property], str]] = {
    "string": _text,
    "phone_number": _text,
    "number": _number,
    "datetime": _time,
    "date": _date,
    "enumeration": _choice,
    "bool": _boolean,
}
