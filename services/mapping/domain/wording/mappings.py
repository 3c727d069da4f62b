"""Mappings: one property joined to one field is the same mapping, whatever its rule."""

from collections.abc import Iterator

from services.mapping.domain.lists import PLURAL
from services.mapping.domain.model import Conversion, ValuePair, Wanted
from services.mapping.domain.review import Part
from services.mapping.domain.wording.changes import Change, change, from_to, matched
from shared.kernel.records import ObjectType

MAX_SHOWN = 5
"""Pairs of values that a sentence names; all are in the data."""

CONVERSION = {
    "unmapped_values": "values that are in no pair",
    "time_zone": "time zone",
    "scale": "digits after the point",
    "hubspot_percent": "percentages in HubSpot",
}
"""The single settings of a conversion, in words."""


def mappings(before: tuple[Wanted, ...], after: tuple[Wanted, ...]) -> Iterator[Change]:
    """Mapping by mapping."""
    for old, new in matched(before, after, _key):
        wanted = new or old
        if wanted is None:
            continue
        subject, where = _subject(wanted), _where(wanted)
        if new is None:
            text = f"{subject}: removed (it was for {_objects(wanted)})."
            yield change(Part.MAPPINGS, where, text, old, new)
        elif old is None:
            text = f"{subject}: added for {_objects(wanted)}, rule {wanted.rule}."
            yield change(Part.MAPPINGS, where, text, old, new)
        else:
            yield from _changed(subject, where, old, new)


def _key(wanted: Wanted) -> tuple[str, str, str]:
    return (wanted.object_type.value, wanted.hubspot_property, wanted.salesforce_field)


def _subject(wanted: Wanted) -> str:
    kind = wanted.object_type
    of = "" if kind is ObjectType.CONTACT else f" of {PLURAL[kind]}"
    return f"Mapping{of} {wanted.hubspot_property} <-> {wanted.salesforce_field}"


def _where(wanted: Wanted) -> str:
    return f"mappings[{'/'.join(_key(wanted))}]"


def _objects(wanted: Wanted) -> str:
    return " and ".join(wanted.salesforce_objects) or "no object"


def _changed(subject: str, where: str, old: Wanted, new: Wanted) -> Iterator[Change]:
    if old.rule != new.rule:
        text = from_to(f"{subject}: rule", old.rule, new.rule)
        yield change(Part.MAPPINGS, f"{where}.rule", text, old.rule, new.rule)
    if old.salesforce_objects != new.salesforce_objects:
        text = from_to(f"{subject}: objects", _objects(old), _objects(new))
        places = old.salesforce_objects, new.salesforce_objects
        yield change(Part.MAPPINGS, f"{where}.salesforce_objects", text, *places)
    yield from _converted(subject, where, old.conversion, new.conversion)


def _converted(subject: str, where: str, old: Conversion, new: Conversion) -> Iterator[Change]:
    for name, label in CONVERSION.items():
        here, there = getattr(old, name), getattr(new, name)
        if here != there:
            text = from_to(f"{subject}: {label}", here, there)
            yield change(Part.MAPPINGS, f"{where}.{name}", text, here, there)
    if old.values != new.values:
        text = f"{subject}: pairs of values changed: {_pairs(old.values, new.values)}."
        yield change(Part.MAPPINGS, f"{where}.values", text, old.values, new.values)


def _pairs(old: tuple[ValuePair, ...], new: tuple[ValuePair, ...]) -> str:
    told = [
        *(f"{pair.hubspot} = {pair.salesforce} added" for pair in new if pair not in old),
        *(f"{pair.hubspot} = {pair.salesforce} removed" for pair in old if pair not in new),
    ]
    more = f" and {len(told) - MAX_SHOWN} more" if len(told) > MAX_SHOWN else ""
    return "; ".join(told[:MAX_SHOWN]) + more if told else "their order"
