"""What is wrong with a set of mappings that an admin asks for, field by field."""

from collections.abc import Iterator, Sequence

from services.mapping.domain.compatibility import kind_of
from services.mapping.domain.model import SALESFORCE_OBJECTS, Catalogue, Mapping, Wanted
from services.mapping.domain.recommend import described, type_clash
from services.mapping.domain.rules import unwritable
from shared.kernel.errors import FieldProblem


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
    kinds = {kind_of(hubspot, item) for item in fields.values()}
    for name, item in fields.items():
        if kind_of(hubspot, item) is None:
            text = f"{type_clash(hubspot, item)}. Pick another field for {name}."
            problems.append(_problem(index, "salesforce_field", text))
    if not problems and len(kinds) > 1:
        text = (
            f"{wanted.salesforce_field} has different types on "
            f"{' and '.join(fields)}. Make one mapping for each object."
        )
        problems.append(_problem(index, "salesforce_objects", text))
    if problems:
        return None, problems
    mapping = described(wanted, hubspot, fields)
    return mapping, [*_read_only(index, mapping)]


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
