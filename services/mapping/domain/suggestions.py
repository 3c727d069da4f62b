"""For each Salesforce field without a mapping: a HubSpot property for it. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.mapping.domain.compatibility import HUBSPOT_OWNER, kind_of, salesforce_takes
from services.mapping.domain.model import (
    SALESFORCE_OBJECTS,
    Catalogue,
    HubSpotField,
    HubSpotFields,
    Rule,
    SalesforceField,
    Wanted,
)
from services.mapping.domain.properties import Planned, Source, plan
from services.mapping.domain.rules import possible_rule
from services.mapping.domain.shapes import holds, shape_of
from services.mapping.domain.similar import Words, score, words_of
from shared.kernel.records import ObjectType

ALIKE = 0.6
"""Two of three words: `Annual Revenue (USD)` is annual revenue, `First Name` is no last name."""

_OF_THE_SYSTEM = frozenset(
    (
        "id",
        "isdeleted",
        "masterrecordid",
        "createdbyid",
        "createddate",
        "lastmodifiedbyid",
        "lastmodifieddate",
        "systemmodstamp",
        "lastactivitydate",
        "lastvieweddate",
        "lastreferenceddate",
        "jigsaw",
        "jigsawcontactid",
        "jigsawcompanyid",
        "photourl",
        "cleanstatus",
        "individualid",
        "isemailbounced",
        "emailbouncedreason",
        "emailbounceddate",
        "isconverted",
        "converteddate",
        "convertedaccountid",
        "convertedcontactid",
        "convertedopportunityid",
        "ispriorityrecord",
        "isunreadbyowner",
        "isclosed",
        "iswon",
        "hasopportunitylineitem",
        "fiscal",
        "fiscalquarter",
        "fiscalyear",
        "forecastcategory",
        "isarchived",
        "ishighpriority",
    )
)
"""What Salesforce keeps about a record; in HubSpot it would be noise."""
_OURS = "causeway_"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One field without a mapping; the objects that share it can share the mapping.

    `existing` is the property to map it to, with how alike the names are; else `planned` says
    which one would be made, or why there can be none.
    """

    field: str
    label: str
    salesforce_objects: tuple[str, ...]
    rule: Rule
    existing: str = ""
    alike: float = 0.0
    planned: Planned | None = None

    def wanted(self, object_type: ObjectType) -> Wanted | None:
        """The mapping that is suggested, None where there is no property for it."""
        name = self.existing or (self.planned.name if self.planned is not None else "")
        if not name:
            return None
        return Wanted(name, self.field, self.rule, self.salesforce_objects, object_type)


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A field of one kind, on the objects that have it so."""

    sources: tuple[Source, ...]
    words: tuple[Words, ...]

    @property
    def objects(self) -> tuple[str, ...]:
        return tuple(source.salesforce_object for source in self.sources)

    @property
    def field(self) -> SalesforceField:
        return self.sources[0].field


def suggest(
    catalogue: Catalogue, object_type: ObjectType, wanted: Sequence[Wanted], known: HubSpotFields
) -> tuple[Suggestion, ...]:
    """A suggestion for every field of the type that `wanted` does not map, in their order.

    `known` are HubSpot's properties, archived ones too. The most alike pairs are made first, and
    no property is suggested twice for one object.
    """
    candidates = list(_candidates(catalogue, object_type, wanted))
    matched = _matched(candidates, _free(known), wanted, object_type)
    rest = [one for n, one in enumerate(candidates) if n not in matched]
    serving = {there.name for there, _ in matched.values()}
    serving |= {item.hubspot_property for item in wanted if item.object_type is object_type}
    planned = _planned(rest, known, serving)
    return tuple(
        _existing(one, *matched[n]) if n in matched else _new(one, planned)
        for n, one in enumerate(candidates)
    )


def _candidates(
    catalogue: Catalogue, object_type: ObjectType, wanted: Sequence[Wanted]
) -> Iterator[_Candidate]:
    mapped = {
        (name, item.salesforce_field)
        for item in wanted
        if item.object_type is object_type
        for name in item.salesforce_objects
    }
    groups: dict[tuple[str, str], list[Source]] = defaultdict(list)
    for name in SALESFORCE_OBJECTS[object_type]:
        for field in catalogue.fields(name).values():
            if (name, field.name) not in mapped and not _of_the_system(field):
                groups[field.name, field.type].append(Source(name, field))
    for sources in groups.values():
        field = sources[0].field
        yield _Candidate(tuple(sources), (words_of(field.name), words_of(field.label)))


def _of_the_system(field: SalesforceField) -> bool:
    name = field.name.lower()
    whole_name = name == "name" and not field.createable
    return name in _OF_THE_SYSTEM or name.startswith(_OURS) or whole_name


def _free(known: HubSpotFields) -> list[HubSpotField]:
    """What could be mapped: neither in the recycle bin nor computed."""
    return [
        one
        for one in known.values()
        if not one.archived and not one.read_only and not one.name.startswith(_OURS)
    ]


def _matched(
    candidates: Sequence[_Candidate],
    properties: Iterable[HubSpotField],
    wanted: Sequence[Wanted],
    object_type: ObjectType,
) -> dict[int, tuple[HubSpotField, float]]:
    """The property of each candidate that has one, the most alike pairs first."""
    taken = {
        (name, item.hubspot_property)
        for item in wanted
        if item.object_type is object_type
        for name in item.salesforce_objects
    }
    found: dict[int, tuple[HubSpotField, float]] = {}
    pairs = sorted(
        _pairs(candidates, properties), key=lambda pair: (-pair[2], pair[0], pair[1].name)
    )
    for number, there, alike in pairs:
        places = {(name, there.name) for name in candidates[number].objects}
        if number not in found and not places & taken:
            found[number] = (there, alike)
            taken |= places
    return found


def _pairs(
    candidates: Sequence[_Candidate], properties: Iterable[HubSpotField]
) -> Iterator[tuple[int, HubSpotField, float]]:
    """Pairs that are alike enough and fit, found by the words that they share."""
    named = [(one, (words_of(one.name), words_of(one.label))) for one in properties]
    by_word: dict[str, set[int]] = defaultdict(set)
    for number, (_, words) in enumerate(named):
        for key in {key for one in words for key in (*one.words, one.joined)}:
            by_word[key].add(number)
    for number, candidate in enumerate(candidates):
        keys = {key for one in candidate.words for key in (*one.words, one.joined)}
        for other in set().union(*(by_word.get(key, set()) for key in keys)):
            there, words = named[other]
            alike = score(candidate.words, words)
            if alike >= ALIKE and _rule(candidate, there) is not None:
                yield number, there, alike


def _rule(candidate: _Candidate, there: HubSpotField) -> Rule | None:
    """The rule for a pair, None when it does not fit on every object."""
    fields = [source.field for source in candidate.sources]
    if not all(_alike_in_kind(there, field) for field in fields):
        return None
    if len({kind_of(there, field) for field in fields}) > 1 or kind_of(there, fields[0]) is None:
        return None
    return possible_rule(
        Rule.PREFER_SALESFORCE_UNLESS_BLANK,
        hubspot=not there.read_only,
        salesforce=all(salesforce_takes(there, field) for field in fields),
    )


def _alike_in_kind(there: HubSpotField, field: SalesforceField) -> bool:
    """Whether nobody would be surprised: what needs a conversion is for a person to choose."""
    shape = shape_of(field)
    if isinstance(shape, str):
        return there.name == HUBSPOT_OWNER
    return holds(there, shape.type, shape.field_type)


def _planned(
    candidates: Sequence[_Candidate], known: HubSpotFields, serving: set[str]
) -> dict[tuple[str, str], Planned]:
    sources = [source for candidate in candidates for source in candidate.sources]
    return {
        (name, item.field): item
        for item in plan(sources, known, taken=serving)
        for name in item.salesforce_objects
    }


def _existing(candidate: _Candidate, there: HubSpotField, alike: float) -> Suggestion:
    rule = _rule(candidate, there) or Rule.ALWAYS_SALESFORCE
    field = candidate.field
    return Suggestion(field.name, field.label, candidate.objects, rule, there.name, alike)


def _new(candidate: _Candidate, planned: dict[tuple[str, str], Planned]) -> Suggestion:
    field = candidate.field
    written = all(source.field.writable for source in candidate.sources)
    rule = Rule.PREFER_SALESFORCE_UNLESS_BLANK if written else Rule.ALWAYS_SALESFORCE
    return Suggestion(
        field.name,
        field.label,
        candidate.objects,
        rule,
        planned=planned[candidate.objects[0], field.name],
    )
