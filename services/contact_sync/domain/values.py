"""Values of both CRMs in one canonical spelling, so that equal things compare equal.

Canonical values are text, or None for blank. A blank checkbox is "false", because Salesforce
knows no third state (facts: native 4.2).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite

from services.contact_sync.domain.model import Kind, Owners
from shared.kernel.records import Side

TRUE_WORDS = frozenset({"true", "1", "yes"})
FALSE_WORDS = frozenset({"false", "0", "no", ""})
EPOCH_MILLISECONDS_DIGITS = 11
"""HubSpot spells times as ISO text or as epoch milliseconds; a year has at most four digits."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A value that cannot be understood as its kind; `why` never holds the value itself."""

    why: str


Canonical = str | None | Unreadable


def canonical(kind: Kind, raw: object, side: Side, owners: Owners) -> Canonical:
    """The canonical spelling of `raw` as it stands on `side`."""
    if kind is Kind.BOOLEAN:
        return _boolean(raw)
    if kind is Kind.OWNER:
        return _owner(raw, side, owners)
    text = _text(raw)
    if text is None:
        return None
    match kind:
        case Kind.EMAIL:
            return text.lower()
        case Kind.NUMBER:
            return _number(text)
        case Kind.DATE:
            return _date(text)
        case Kind.DATETIME:
            return _datetime(text)
        case Kind.MULTI_PICKLIST:
            return ";".join(sorted({p.strip() for p in text.split(";") if p.strip()})) or None
        case _:
            return text


def render(kind: Kind, value: str | None, side: Side, owners: Owners) -> object:
    """How `side` wants a canonical value written (HubSpot: text, "" clears; Salesforce: JSON).

    Unreadable for an owner who has no counterpart there.
    """
    if kind is Kind.OWNER and value is not None:
        table = owners.hubspot if side is Side.HUBSPOT else owners.salesforce
        found = next((identifier for identifier, email in table.items() if email == value), None)
        return found or Unreadable("is an owner unknown on the other side")
    if side is Side.HUBSPOT:
        return value or ""
    return _salesforce_json(kind, value)


def _salesforce_json(kind: Kind, value: str | None) -> object:
    if value is None:
        return None
    match kind:
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


def _boolean(raw: object) -> Canonical:
    word = "" if raw is None else str(raw).strip().lower()
    if word in TRUE_WORDS:
        return "true"
    return "false" if word in FALSE_WORDS else Unreadable("is neither true nor false")


def _number(text: str) -> Canonical:
    """To the precision of a double, which is what Salesforce stores and answers."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return Unreadable("is not a number")
    if not number.is_finite():
        return Unreadable("is not a finite number")
    nearest = float(number)
    if not isfinite(nearest):
        return Unreadable("is larger than Salesforce holds")
    return f"{Decimal(repr(nearest)).normalize():f}" if nearest else "0"


def _moment(text: str) -> datetime | None:
    try:
        if text.lstrip("-").isdigit() and len(text) >= EPOCH_MILLISECONDS_DIGITS:
            return datetime.fromtimestamp(int(text) / 1000, UTC)
        moment = datetime.fromisoformat(text)
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment


def _date(text: str) -> Canonical:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        moment = _moment(text)
    return moment.date().isoformat() if moment else Unreadable("is not a date")


def _datetime(text: str) -> Canonical:
    moment = _moment(text)
    if moment is None:
        return Unreadable("is not a date with a time")
    return moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")


def _owner(raw: object, side: Side, owners: Owners) -> Canonical:
    identifier = _text(raw)
    if identifier is None:
        return None
    table = owners.hubspot if side is Side.HUBSPOT else owners.salesforce
    email = table.get(identifier)
    return email if email is not None else Unreadable("is an owner unknown on the other side")
