"""What is wrong with a set of mappings that an admin asks for, field by field."""

from collections.abc import Iterable, Iterator, Sequence

from services.mapping.domain.conversions import Fit, fit_of
from services.mapping.domain.model import (
    SALESFORCE_OBJECTS,
    Catalogue,
    Kind,
    Mapping,
    SalesforceField,
    Wanted,
)
from services.mapping.domain.recommend import described, type_clash
from services.mapping.domain.rules import unwritable
from shared.kernel.errors import FieldProblem

TABLED = frozenset({Kind.TEXT, Kind.PICKLIST, Kind.MULTI_PICKLIST})
"""Kinds whose values may be looked up in a table of values."""


def validate(
    wanted: Sequence[Wanted], catalogue: Catalogue
) -> tuple[tuple[Mapping, ...], tuple[FieldProblem, ...]]:
    """The mappings as the catalogue completes them, and every problem that was found.

    The mappings are complete only when there is no problem.
    """
    checked = [_check(index, item, catalogue) for index, item in enumerate(wanted)]
    problems = [problem for _, found in checked for problem in found]
    problems += _duplicates(wanted)
    return tuple(mapping for mapping, _ in checked if mapping is not None), tuple(problems)


def _check(
    index: int, wanted: Wanted, catalogue: Catalogue
) -> tuple[Mapping | None, list[FieldProblem]]:
    problems = [*_unknown(index, wanted, catalogue)]
    if problems:
        return None, problems
    hubspot = catalogue.properties(wanted.object_type)[wanted.hubspot_property]
    fields = {
        name: catalogue.fields(name)[wanted.salesforce_field] for name in wanted.salesforce_objects
    }
    fits = {name: fit_of(hubspot, item) for name, item in fields.items()}
    for name, item in fields.items():
        if fits[name] is None:
            text = f"{type_clash(hubspot, item)}. Pick another field for {name}."
            problems.append(_problem(index, "salesforce_field", text))
    if not problems and len({_types(fit) for fit in fits.values() if fit is not None}) > 1:
        text = (
            f"{wanted.salesforce_field} has different types on "
            f"{' and '.join(fields)}. Make one mapping for each object."
        )
        problems.append(_problem(index, "salesforce_objects", text))
    if problems:
        return None, problems
    mapping = described(wanted, hubspot, fields)
    return mapping, [*_read_only(index, mapping), *_conversion(index, mapping, fields.values())]


def _types(fit: Fit) -> tuple[Kind | None, ...]:
    return fit.kind, fit.hubspot, fit.salesforce


def _conversion(
    index: int, mapping: Mapping, fields: Iterable[SalesforceField]
) -> Iterator[FieldProblem]:
    """A table of values for what has none, or whose rows cannot be read."""
    asked = mapping.wanted.conversion
    if asked.values and not (mapping.kind in TABLED or mapping.kind is Kind.BOOLEAN):
        text = f"Values of {mapping.kind} are not looked up in a table. Remove `values`."
        yield _problem(index, "values", text)
    if mapping.kind is Kind.BOOLEAN:
        yield from _words(index, mapping)
    if mapping.kind is Kind.MULTI_PICKLIST and any(
        ";" in value for pair in asked.values for value in (pair.hubspot, pair.salesforce)
    ):
        text = "A value of a list of choices cannot have a semicolon: it is what separates them."
        yield _problem(index, "values", text)
    if any(not pair.hubspot.strip() or not pair.salesforce.strip() for pair in asked.values):
        text = "A blank is no value: say in `unmapped_values` what becomes of the others."
        yield _problem(index, "values", text)
    if asked.hubspot_percent == "fraction" and any(item.type != "percent" for item in fields):
        text = f"{mapping.wanted.salesforce_field} is no percentage, so use `whole` here."
        yield _problem(index, "hubspot_percent", text)


def _words(index: int, mapping: Mapping) -> Iterator[FieldProblem]:
    """A checkbox is true or false; only the other side has words of its own."""
    own = {"hubspot": mapping.hubspot_kind is None, "salesforce": mapping.salesforce_kind is None}
    checkboxes = [side for side, checkbox in own.items() if checkbox]
    for pair in mapping.wanted.conversion.values:
        if len(checkboxes) > 1:
            yield _problem(index, "values", "Two checkboxes need no table. Remove `values`.")
            return
        if getattr(pair, checkboxes[0]) not in {"true", "false"}:
            text = f"The {checkboxes[0]} side is a checkbox: pair words with true or false there."
            yield _problem(index, "values", text)
            return


def _unknown(index: int, wanted: Wanted, catalogue: Catalogue) -> Iterator[FieldProblem]:
    allowed = SALESFORCE_OBJECTS[wanted.object_type]
    if wanted.hubspot_property not in catalogue.properties(wanted.object_type):
        text = (
            f"HubSpot has no {wanted.object_type} property {wanted.hubspot_property}. Check the "
            "internal name, or read the fields again if it was made just now."
        )
        yield _problem(index, "hubspot_property", text)
    if not wanted.salesforce_objects:
        text = f"Name at least one of {', '.join(allowed)}."
        yield _problem(index, "salesforce_objects", text)
    if len(set(wanted.salesforce_objects)) < len(wanted.salesforce_objects):
        yield _problem(index, "salesforce_objects", "Name each object once.")
    for name in wanted.salesforce_objects:
        if name not in allowed:
            text = f"{name} is no object of a {wanted.object_type}: use {', '.join(allowed)}."
            yield _problem(index, "salesforce_objects", text)
        elif wanted.salesforce_field not in catalogue.fields(name):
            text = (
                f"The connected Salesforce user sees no field {wanted.salesforce_field} on {name}. "
                "Check the API name and the field-level security, then read the fields again."
            )
            yield _problem(index, "salesforce_field", text)


def _read_only(index: int, mapping: Mapping) -> Iterator[FieldProblem]:
    names = {"hubspot": "HubSpot", "salesforce": "Salesforce"}
    blocked = unwritable(
        mapping.wanted.rule,
        hubspot=mapping.hubspot_writable,
        salesforce=mapping.salesforce_writable,
    )
    for side in blocked:
        text = (
            f"The rule {mapping.wanted.rule} writes to {names[side]}, where this field is "
            "read-only. Pick a rule that reads from there, or dont_sync."
        )
        yield _problem(index, "rule", text)


def _duplicates(wanted: Sequence[Wanted]) -> Iterator[FieldProblem]:
    """One property and one field go together once for each Salesforce object."""
    seen: dict[tuple[str, str, str], int] = {}
    for index, item in enumerate(wanted):
        for name in item.salesforce_objects:
            for part, value in (
                ("hubspot_property", item.hubspot_property),
                ("salesforce_field", item.salesforce_field),
            ):
                first = seen.setdefault((part, name, value), index)
                if first != index:
                    text = (
                        f"{value} is mapped for {name} already, in mappings[{first}]. "
                        "Remove one of the two, or give them different objects."
                    )
                    yield _problem(index, part, text)


def _problem(index: int, field: str, message: str) -> FieldProblem:
    return FieldProblem(f"mappings[{index}].{field}", message)
