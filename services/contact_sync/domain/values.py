"""Values of both CRMs in one canonical spelling, so that equal things compare equal.

Canonical values are text, or None for blank. A blank checkbox is "false", because Salesforce
knows no third state (facts: native 4.2). Where the two sides of a mapping have different kinds,
the canonical value is of the coarser one, so what the other holds beyond it is never overwritten
by a value that means the same.
"""

from collections.abc import Mapping as Map
from dataclasses import dataclass

from services.contact_sync.domain import moments
from services.contact_sync.domain.choices import prepared
from services.contact_sync.domain.model import PLAIN, Conversion, Kind, Owners
from services.contact_sync.domain.numbers import PER_CENT, NotANumberError, moved, number
from shared.kernel.records import Side

TRUE_WORDS = frozenset({"true", "1", "yes"})
FALSE_WORDS = frozenset({"false", "0", "no", ""})

REFERENCES = frozenset({Kind.OWNER, Kind.COMPANY})
"""Kinds whose values are ids of something that has a counterpart on the other side, or has not."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that cannot be understood as its kind; `why` never holds the value itself."""

    why: str


Canonical = str | None | Unreadable


def canonical(
    kind: Kind, raw: object, side: Side, owners: Owners, conversion: Conversion = PLAIN
) -> Canonical:
    """The canonical spelling of `raw` as it stands on `side`."""
    if kind is Kind.BOOLEAN:
        return _boolean(raw, side, conversion)
    text = _text(raw)
    if text is None:
        return None
    match kind:
        case Kind.OWNER | Kind.COMPANY:
            return _referred(text, owners.table(kind, side))
        case Kind.EMAIL:
            return text.lower()
        case Kind.NUMBER:
            return _number(text, side, conversion)
        case Kind.DATE | Kind.DATETIME:
            return _time(kind, text, side, conversion)
        case Kind.MULTI_PICKLIST:
            return _several(text, side, conversion)
        case Kind.TEXT | Kind.PICKLIST:
            return _choice(text, side, conversion)
        case Kind.PHONE:
            return text


def render(
    kind: Kind, value: str | None, side: Side, owners: Owners, conversion: Conversion = PLAIN
) -> object:
    """How `side` wants a canonical value written (HubSpot: text, "" clears; Salesforce: JSON).

    Unreadable for what that side cannot hold: an owner who has no counterpart there, a day that
    has no first moment.
    """
    spelt = None if value is None else _spelt(kind, value, side, owners, conversion)
    if isinstance(spelt, Unreadable):
        return spelt
    if side is Side.HUBSPOT:
        return spelt or ""
    return _salesforce_json(conversion.kind_on(side, kind), spelt)


def _spelt(
    kind: Kind, value: str, side: Side, owners: Owners, conversion: Conversion
) -> str | Unreadable:
    own = conversion.kind_on(side, kind)
    match kind:
        case Kind.OWNER | Kind.COMPANY:
            return _reference(value, owners.table(kind, side))
        case Kind.BOOLEAN if own is not Kind.BOOLEAN and conversion.values:
            return _word(value, side, conversion)
        case Kind.NUMBER if side is Side.HUBSPOT and conversion.fraction:
            return moved(value, -PER_CENT)
        case Kind.DATE if own is Kind.DATETIME:
            first = moments.first_moment(value, conversion.time_zone)
            return first or Unreadable("is a day at the end of the calendar")
        case Kind.MULTI_PICKLIST:
            spelling = prepared(conversion.values).spelling[side]
            return ";".join(sorted({spelling.get(item, item) for item in value.split(";")}))
        case Kind.TEXT | Kind.PICKLIST:
            return prepared(conversion.values).spelling[side].get(value, value)
        case _:
            return value


def _salesforce_json(own: Kind, value: str | None) -> object:
    if value is None:
        return None
    match own:
        case Kind.BOOLEAN:
            return value == "true"
        case Kind.NUMBER:
            return float(value) if "." in value else int(value)
        case _:
            return value


def _text(raw: object) -> str | None:
    """Without what either side would not keep; Postgres cannot hold a NUL (JSON's u0000)."""
    if raw is None:
        return None
    text = str(raw).replace("\r\n", "\n").replace("\0", "").strip()
    return text or None


def _boolean(raw: object, side: Side, conversion: Conversion) -> Canonical:
    text = ("" if raw is None else str(raw)).strip()
    if conversion.kind_on(side, Kind.BOOLEAN) is not Kind.BOOLEAN:
        for row in conversion.values:
            here, there = row if side is Side.HUBSPOT else reversed(row)
            if here == text:
                text = there
                break
    word = text.lower()
    if word in TRUE_WORDS:
        return "true"
    return "false" if word in FALSE_WORDS else Unreadable("is neither true nor false")


def _word(value: str, side: Side, conversion: Conversion) -> str:
    """How the side that has no checkbox writes true or false."""
    for row in conversion.values:
        here, there = row if side is Side.HUBSPOT else reversed(row)
        if there == value:
            return here
    return value


def _number(text: str, side: Side, conversion: Conversion) -> Canonical:
    places = PER_CENT if conversion.fraction and side is Side.HUBSPOT else 0
    try:
        return number(text, scale=conversion.scale, places=places)
    except NotANumberError as wrong:
        return Unreadable(str(wrong))


def _time(kind: Kind, text: str, side: Side, conversion: Conversion) -> Canonical:
    if kind is Kind.DATETIME:
        return moments.moment(text) or Unreadable("is not a date with a time")
    holds_moments = conversion.kind_on(side, kind) is Kind.DATETIME
    zone = conversion.time_zone if holds_moments else "UTC"
    return moments.day(text, zone) or Unreadable("is not a date")


def _several(text: str, side: Side, conversion: Conversion) -> Canonical:
    found: set[str] = set()
    for item in {part.strip() for part in text.split(";")} - {""}:
        value = _choice(item, side, conversion)
        if isinstance(value, Unreadable):
            return value
        found |= {value} if value is not None else set()
    return ";".join(sorted(found)) or None


def _choice(text: str, side: Side, conversion: Conversion) -> Canonical:
    """What a choice means. A value that only the other column has would be read as another one."""
    if not conversion.values:
        return text
    meaning = prepared(conversion.values).meaning
    known = meaning[side].get(text)
    if known is not None:
        return known
    if conversion.unmapped == "blank":
        return None
    if conversion.unmapped == "refuse" or text in meaning[side.other]:
        return Unreadable("is not in the mapping's table of values; add it there")
    return text


def _referred(identifier: str, table: Map[str, str]) -> Canonical:
    name = table.get(identifier)
    return name if name is not None else Unreadable("names nobody known on the other side")


def _reference(name: str, table: Map[str, str]) -> str | Unreadable:
    found = next((identifier for identifier, known in table.items() if known == name), None)
    return found or Unreadable("names nobody known on the other side")
