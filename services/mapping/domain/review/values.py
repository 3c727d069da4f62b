"""Choices of one side that the other does not have."""

from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from typing import NamedTuple

from services.mapping.domain.model import Catalogue, HubSpotField, Mapping, Option, SalesforceField
from services.mapping.domain.review.found import Part, Problem, warning
from services.mapping.domain.rules import writes_hubspot, writes_salesforce

SHOWN = 5
"""Values that a message names; an admin looks up the rest in the CRM."""

SALESFORCE_CHOICES = frozenset({"picklist", "multipicklist"})


class _Choice(NamedTuple):
    side: str
    field: str


def value_problems(where: str, mapping: Mapping, catalogue: Catalogue) -> Iterator[Problem]:
    """What a conversion loses, and values without a partner in a field that takes no others."""
    wanted = mapping.wanted
    if mapping.loss and converted(mapping):
        yield warning(
            "conversion-loses",
            Part.MAPPINGS,
            where,
            what=f"HubSpot's {wanted.hubspot_property} and Salesforce's {wanted.salesforce_field} "
            f"are of different kinds. What is lost: {mapping.loss}",
            fix="Accept it, or map a field of the same kind.",
        )
    if wanted.conversion.unmapped_values == "blank":
        return
    hubspot = catalogue.properties(wanted.object_type)[wanted.hubspot_property]
    for name in wanted.salesforce_objects:
        field = catalogue.fields(name)[wanted.salesforce_field]
        if hubspot.options_left_out or field.options_left_out:
            continue  # A list that is not known whole shows nothing.
        if field.type in SALESFORCE_CHOICES:
            yield from _to_hubspot(where, mapping, hubspot, field)
            yield from _to_salesforce(where, mapping, hubspot, field)


def converted(mapping: Mapping) -> bool:
    """Whether the two fields are of different kinds."""
    return mapping.hubspot_kind is not None or mapping.salesforce_kind is not None


def _to_hubspot(
    where: str, mapping: Mapping, hubspot: HubSpotField, field: SalesforceField
) -> Iterator[Problem]:
    """HubSpot takes no value that is none of a property's options."""
    if not (writes_hubspot(mapping.wanted.rule) and mapping.hubspot_writable and hubspot.options):
        return
    table = {pair.salesforce: pair.hubspot for pair in mapping.wanted.conversion.values}
    lonely = _without(field.options, hubspot.options, table)
    here, there = _Choice("HubSpot", hubspot.name), _Choice("Salesforce", field.name)
    if lonely:
        yield _problem(where, there, here, lonely)


def _to_salesforce(
    where: str, mapping: Mapping, hubspot: HubSpotField, field: SalesforceField
) -> Iterator[Problem]:
    written = writes_salesforce(mapping.wanted.rule) and mapping.salesforce_writable
    if not (written and field.restricted):
        return
    if not hubspot.options:
        yield warning(
            "free-text-into-choices",
            Part.MAPPINGS,
            where,
            what=f"HubSpot's {hubspot.name} takes any text, Salesforce's {field.name} only its "
            f"{len(field.options)} values. A record with another text waits in the list of errors.",
            fix="Make the property a dropdown with these values, or only sync to HubSpot.",
        )
        return
    table = {pair.hubspot: pair.salesforce for pair in mapping.wanted.conversion.values}
    lonely = _without(hubspot.options, field.options, table)
    here, there = _Choice("HubSpot", hubspot.name), _Choice("Salesforce", field.name)
    if lonely:
        yield _problem(where, here, there, lonely)


def _without(
    options: Iterable[Option], others: Iterable[Option], table: Map[str, str]
) -> list[str]:
    """The values that are offered here and have no partner there, by the table or by themselves."""
    there = {option.value for option in others}
    offered = (option.value for option in options if not option.hidden)
    return [value for value in offered if table.get(value, value) not in there]


def _problem(where: str, ours: _Choice, other: _Choice, lonely: list[str]) -> Problem:
    shown = ", ".join(lonely[:SHOWN]) + (", ..." if len(lonely) > SHOWN else "")
    return warning(
        "values-without-partner",
        Part.MAPPINGS,
        where,
        what=f"{len(lonely)} value(s) of {ours.side}'s {ours.field} do not exist in {other.side}'s "
        f"{other.field}: {shown}. A record with one of them waits in the list of errors.",
        fix=f"Add them to {other.field} in {other.side}, pair them in `values` of this mapping, or "
        "say in `unmapped_values` that they are left blank.",
    )
