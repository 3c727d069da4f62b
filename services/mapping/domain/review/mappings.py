"""Problems of the mappings: impossible ones, missing ones, fields that lose or say nothing."""

from collections.abc import Iterator, Sequence

from services.mapping.domain.choices import Choices
from services.mapping.domain.lists import PLURAL
from services.mapping.domain.model import SALESFORCE_OBJECTS, Catalogue, Mapping, Rule
from services.mapping.domain.review.found import Part, Problem, error, warning
from services.mapping.domain.review.values import value_problems
from services.mapping.domain.rules import writes_hubspot, writes_salesforce
from services.mapping.domain.validate import validate
from shared.kernel.errors import FieldProblem
from shared.kernel.records import ObjectType

LONG_TEXT = frozenset({"textarea", "html"})
"""HubSpot's field types that hold paragraphs."""

LINE = 255
"""Salesforce's text fields and short text areas hold no more; long text areas do."""

FILLED: dict[str, frozenset[str]] = {
    "Contact": frozenset({"LastName"}),
    "Lead": frozenset({"LastName", "Company"}),
    "Opportunity": frozenset({"StageName", "CloseDate"}),
}
"""Required fields that Causeway fills when nothing else does: of people by ADR 0015, stage and
close date of an opportunity by the settings of deals."""


def mapping_problems(
    choices: Choices, catalogue: Catalogue
) -> tuple[tuple[Mapping, ...], tuple[Problem, ...]]:
    """The mappings that are possible, and what is wrong with all of them."""
    mappings, impossible = validate(choices.wanted, catalogue)
    problems = [_impossible(problem) for problem in impossible]
    problems += _unread(choices, catalogue)
    problems += _required(choices, mappings, catalogue)
    positions = {wanted: index for index, wanted in enumerate(choices.wanted)}
    for mapping in mappings:
        if mapping.wanted.rule is Rule.DONT_SYNC or not live(choices, mapping.object_type):
            continue
        where = f"mappings[{positions[mapping.wanted]}]"
        problems += value_problems(where, mapping, catalogue)
        problems += _fields(where, mapping, catalogue)
    return mappings, tuple(problems)


def live(choices: Choices, object_type: ObjectType) -> bool:
    """Whether records of a type sync at all."""
    match object_type:
        case ObjectType.COMPANY:
            return choices.companies.enabled
        case ObjectType.DEAL:
            return choices.deals.enabled
        case _:
            return True


def _impossible(problem: FieldProblem) -> Problem:
    """A mapping that cannot be; though its objects be off, as it would come up at a bad moment."""
    read_only = problem.field.endswith(".rule")
    return error(
        "read-only" if read_only else "mapping-impossible",
        Part.MAPPINGS,
        problem.field,
        what=problem.message,
        fix="Change or remove this mapping.",
    )


def _unread(choices: Choices, catalogue: Catalogue) -> Iterator[Problem]:
    """Objects that are on, and that the connected user may not see."""
    for item in catalogue.unread:
        types = (t for t, names in SALESFORCE_OBJECTS.items() if item.object_name in names)
        object_type = next(types, None) or ObjectType(item.object_name)
        if live(choices, object_type):
            yield warning(
                "object-not-readable",
                Part.MAPPINGS,
                f"{item.side}.{item.object_name}",
                what=f"{item.object_name} cannot be read in {item.side}: {item.why}",
                fix="Give the connected user (in HubSpot: the app) the right, then read the "
                "fields again; or turn this object off.",
            )


def created_objects(choices: Choices) -> Iterator[tuple[str, ObjectType]]:
    """The Salesforce objects that records are made of."""
    people = {"contact": "Contact", "lead": "Lead"}.get(choices.contacts.create_in_salesforce)
    if people is not None:
        yield people, ObjectType.CONTACT
    if choices.companies.enabled and choices.companies.create_in_salesforce:
        yield "Account", ObjectType.COMPANY
    if choices.deals.enabled and choices.deals.create_in_salesforce:
        yield "Opportunity", ObjectType.DEAL


def _required(
    choices: Choices, mappings: Sequence[Mapping], catalogue: Catalogue
) -> Iterator[Problem]:
    for name, object_type in created_objects(choices):
        written = {
            mapping.wanted.salesforce_field
            for mapping in mappings
            if mapping.object_type is object_type
            and name in mapping.wanted.salesforce_objects
            and writes_salesforce(mapping.wanted.rule)
        }
        for field in catalogue.fields(name).values():
            if field.required and field.name not in written | FILLED.get(name, frozenset()):
                yield error(
                    "required-field-unmapped",
                    Part.MAPPINGS,
                    f"{name}.{field.name}",
                    what=f"Salesforce makes no {name} without {field.label} ({field.name}), and "
                    f"nothing fills it, so none of HubSpot's {PLURAL[object_type]} could be "
                    "created there.",
                    fix="Map a HubSpot property to it with a rule that writes to Salesforce, give "
                    "it a default in Salesforce, or do not create records there.",
                )


def _fields(where: str, mapping: Mapping, catalogue: Catalogue) -> Iterator[Problem]:
    wanted = mapping.wanted
    hubspot = catalogue.properties(wanted.object_type)[wanted.hubspot_property]
    for name in wanted.salesforce_objects:
        field = catalogue.fields(name)[wanted.salesforce_field]
        short = field.length is not None and field.length <= LINE
        if hubspot.field_type in LONG_TEXT and short and writes_salesforce(wanted.rule):
            yield warning(
                "field-too-short",
                Part.MAPPINGS,
                where,
                what=f"HubSpot's {hubspot.label} holds paragraphs, Salesforce's {name}."
                f"{field.name} only {field.length} characters.",
                fix="Make the field in Salesforce a long text area, or only sync to HubSpot.",
            )
        if field.calculated and writes_hubspot(wanted.rule):
            yield warning(
                "formula-does-not-trigger",
                Part.MAPPINGS,
                where,
                what=f"Salesforce's {name}.{field.name} is calculated. Its value reaches HubSpot "
                "when something else of the record changes, not when only the formula's result "
                "does.",
                fix="Map the fields that it is calculated from, or accept that it lags behind.",
            )
