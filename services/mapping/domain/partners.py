"""Values of a list that the other side has no partner for. Pure."""

from collections.abc import Sequence

from services.mapping.domain.changes import Change, Kind
from services.mapping.domain.model import Catalogue, HubSpotField, SalesforceField, Wanted
from services.mapping.domain.rules import writes_hubspot, writes_salesforce
from shared.kernel.records import Side

MAX_SHOWN = 20
"""Values in one text: enough to see which list it is."""
_NAMES = {Side.HUBSPOT: "HubSpot", Side.SALESFORCE: "Salesforce"}


def writes(wanted: Wanted, side: Side) -> bool:
    """Whether a mapping's rule ever writes to a side, if only to fill a blank."""
    written = writes_hubspot if side is Side.HUBSPOT else writes_salesforce
    return written(wanted.rule)


def lost(after: Catalogue, wanted: Wanted, side: Side, change: Change) -> str:
    """What a change of the list on `side` means for a mapping; "" when it means nothing.

    A value that is new on one side has no partner on the other; one that is gone, or a list that
    is closed now, has none for the other side's value.
    """
    if change.kind not in {Kind.VALUES_ADDED, Kind.VALUES_REMOVED, Kind.RESTRICTED}:
        return ""
    added = change.kind is Kind.VALUES_ADDED
    source, target = (side, side.other) if added else (side.other, side)
    targets = _fields(after, wanted, target)
    if not writes(wanted, target) or not _closed(targets):
        return ""
    offered = _values(_fields(after, wanted, source))
    table = _table(wanted, source)
    takes = set(_values(targets))
    concerned = set(change.values)
    without = [
        value
        for value in offered
        if table.get(value, value) not in takes
        and (
            change.kind is Kind.RESTRICTED
            or (value if added else table.get(value, value)) in concerned
        )
    ]
    return _text(without, _NAMES[target]) if without else ""


def _text(without: Sequence[str], target: str) -> str:
    shown = ", ".join(repr(value[:80]) for value in without[:MAX_SHOWN])
    more = f" and {len(without) - MAX_SHOWN} more" if len(without) > MAX_SHOWN else ""
    return (
        f"{target} has no partner for {shown}{more}: records with these values stop. "
        f"Add them in {target}, or pair them in the mapping."
    )


def _closed(fields: Sequence[HubSpotField | SalesforceField]) -> bool:
    """Whether no value is taken but those of the list, and the list is known."""
    if any(field.options_left_out for field in fields):
        return False
    return any(
        field.type == "enumeration" if isinstance(field, HubSpotField) else field.restricted
        for field in fields
    )


def _values(fields: Sequence[HubSpotField | SalesforceField]) -> list[str]:
    """The values that are in use, those of several objects together."""
    shown = [one.value for field in fields for one in field.options if not one.hidden]
    return list(dict.fromkeys(shown))


def _fields(after: Catalogue, wanted: Wanted, side: Side) -> list[HubSpotField | SalesforceField]:
    found: list[HubSpotField | SalesforceField | None]
    if side is Side.HUBSPOT:
        found = [after.properties(wanted.object_type).get(wanted.hubspot_property)]
    else:
        objects = wanted.salesforce_objects
        found = [after.fields(name).get(wanted.salesforce_field) for name in objects]
    return [field for field in found if field is not None]


def _table(wanted: Wanted, source: Side) -> dict[str, str]:
    """The value table of a mapping, from one side to the other."""
    pairs = wanted.conversion.values
    if source is Side.HUBSPOT:
        return {pair.hubspot: pair.salesforce for pair in pairs}
    return {pair.salesforce: pair.hubspot for pair in pairs}
