"""One mapping, one pair of values: which side gets which value, and why (design: section 6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.contact_sync.domain.model import Rule
from shared.kernel.records import Side

CLOCK_TOLERANCE = timedelta(seconds=2)
"""Two changes nearer than this cannot be ordered: the CRMs' clocks and roundings differ."""


@dataclass(frozen=True, slots=True)
class Times:
    """When each side's value was last changed; None when that cannot be known."""

    hubspot: datetime | None
    salesforce: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Values:
    """The canonical values of one mapping. `has_base` is False at the first link."""

    hubspot: str | None
    salesforce: str | None
    base: str | None = None
    has_base: bool = False


@dataclass(frozen=True, slots=True)
class Write:
    """`side` gets `value` (None clears it); `why` is a sentence for the journal."""

    side: Side
    value: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Keep:
    """Nothing is written; `why` is a sentence for the explanation."""

    why: str


@dataclass(frozen=True, slots=True)
class NeedTimes:
    """Both sides left the base: the times of the two changes have to be read first."""


@dataclass(frozen=True, slots=True)
class Undecidable:
    """The two changes cannot be ordered; the connection's setting says what happens then."""

    why: str


Decision = Write | Keep | NeedTimes | Undecidable


def decide(rule: Rule, values: Values, times: Times | None) -> Decision:
    """What the rule says of one pair of values. Pass `times` only where NeedTimes was answered."""
    if values.hubspot == values.salesforce:
        return Keep("both sides agree")
    match rule:
        case Rule.DONT_SYNC:
            return Keep("the mapping's rule is not to sync")
        case Rule.ALWAYS_SALESFORCE:
            return Write(Side.HUBSPOT, values.salesforce, "Salesforce always wins here")
        case Rule.ALWAYS_HUBSPOT:
            return Write(Side.SALESFORCE, values.hubspot, "HubSpot always wins here")
        case Rule.PREFER_SALESFORCE_UNLESS_BLANK:
            return _prefer(Side.SALESFORCE, values)
        case Rule.PREFER_HUBSPOT_UNLESS_BLANK:
            return _prefer(Side.HUBSPOT, values)
        case Rule.TWO_WAY:
            return _two_way(values, times)


def _prefer(preferred: Side, values: Values) -> Decision:
    mine = values.salesforce if preferred is Side.SALESFORCE else values.hubspot
    theirs = values.hubspot if preferred is Side.SALESFORCE else values.salesforce
    name = preferred.value.capitalize().replace("Hubspot", "HubSpot")
    if mine is not None:
        return Write(preferred.other, mine, f"{name} is preferred and has a value")
    if values.has_base and values.base is not None:
        return Write(preferred.other, None, f"{name} is preferred and its value was cleared")
    return Write(preferred, theirs, f"{name} is preferred but has never had a value")


def _two_way(values: Values, times: Times | None) -> Decision:
    if values.has_base:
        if values.hubspot == values.base:
            return Write(Side.HUBSPOT, values.salesforce, "only Salesforce changed")
        if values.salesforce == values.base:
            return Write(Side.SALESFORCE, values.hubspot, "only HubSpot changed")
    elif values.hubspot is None:
        return Write(Side.HUBSPOT, values.salesforce, "only Salesforce has a value")
    elif values.salesforce is None:
        return Write(Side.SALESFORCE, values.hubspot, "only HubSpot has a value")
    return NeedTimes() if times is None else _later(values, times)


def _later(values: Values, times: Times) -> Decision:
    hubspot, salesforce = times.hubspot, times.salesforce
    if hubspot is None or salesforce is None:
        return Undecidable("both sides changed, and the time of one change is unknown")
    if max(hubspot, salesforce) > times.now + CLOCK_TOLERANCE:
        return Undecidable("both sides changed, and one change lies in the future")
    if hubspot == salesforce:
        return Write(Side.HUBSPOT, values.salesforce, "both changed at the same moment")
    if abs(hubspot - salesforce) < CLOCK_TOLERANCE:
        return Undecidable("both sides changed within the tolerance of their clocks")
    if hubspot > salesforce:
        return Write(Side.SALESFORCE, values.hubspot, "both changed, HubSpot's change is later")
    return Write(Side.HUBSPOT, values.salesforce, "both changed, Salesforce's change is later")
