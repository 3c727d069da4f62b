"""Which mappings a change hits, and what that means for the records. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.mapping.domain.changes import Change, Kind, changes_of
from services.mapping.domain.drift import Difference, Place, What, differences
from services.mapping.domain.model import SALESFORCE_OBJECTS, Catalogue, Rule, Wanted
from services.mapping.domain.partners import lost, writes
from services.mapping.domain.validate import validate
from shared.kernel.records import ObjectType, Side

MAX_FINDINGS = 1_000
"""Of one refresh. More differences than that are another org; the number of the rest is told."""
MAX_VALUES = 20
"""Of one finding and one hit: enough to see which list it is."""
_INDEX = re.compile(r"mappings\[(\d+)\]")


class Effect(StrEnum):
    """What a change does to a mapping.

    `refused`: the mapping is not possible any more. `values`: records with some values stop.
    `unfilled`: new records are refused, as nothing fills a field that is needed now.
    """

    REFUSED = "refused"
    VALUES = "values"
    UNFILLED = "unfilled"


Pair = tuple[ObjectType, str, str]
"""A mapping by its object type, its property and its field."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One mapping that a change hits; no names where none fills the field."""

    effect: Effect
    object_type: ObjectType
    hubspot_property: str
    salesforce_field: str
    text: str

    @property
    def pair(self) -> Pair:
        """The mapping that is hit."""
        return self.object_type, self.hubspot_property, self.salesforce_field


@dataclass(frozen=True, slots=True)
class Finding:
    """One change of one field, object or pipeline, with the mappings that it hits."""

    place: Place
    kind: Kind
    label: str = ""
    detail: str = ""
    values: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """What a refresh found; `more` findings were left out, those without hits first.

    `refused` are all mappings that are not possible now, whatever changed.
    """

    findings: tuple[Finding, ...]
    more: int = 0
    refused: frozenset[Pair] = frozenset()

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All hits."""
        return tuple(hit for finding in self.findings for hit in finding.hits)


def report(before: Catalogue, after: Catalogue, wanted: Sequence[Wanted]) -> Report:
    """Everything that changed, and what it does to the mappings in use."""
    refused = _refused(wanted, after)
    judge = _Judge(after, wanted, refused)
    found = [
        Finding(
            place=difference.place,
            kind=change.kind,
            label=_label(difference),
            detail=change.detail,
            values=change.values[:MAX_VALUES],
            hits=tuple(judge.hits(difference.place, change)),
        )
        for difference in differences(before, after)
        for change in changes_of(difference)
    ]
    kept = sorted(found, key=lambda finding: not finding.hits)[:MAX_FINDINGS]
    pairs = {(w.object_type, w.hubspot_property, w.salesforce_field) for w in _at(wanted, refused)}
    return Report(tuple(kept), len(found) - len(kept), frozenset(pairs))


def _refused(wanted: Sequence[Wanted], after: Catalogue) -> dict[int, str]:
    """The first problem of each mapping that is not possible any more, by its place."""
    found: dict[int, str] = {}
    for problem in validate(wanted, after)[1]:
        place = _INDEX.match(problem.field)
        if place is not None:
            found.setdefault(int(place[1]), problem.message)
    return found


def _at(wanted: Sequence[Wanted], places: Iterable[int]) -> Iterator[Wanted]:
    return (wanted[index] for index in places)


def _label(difference: Difference) -> str:
    one = difference.after or difference.before
    return getattr(one, "label", "")


@dataclass(frozen=True, slots=True)
class _Judge:
    """The mappings in use against the catalogue of now."""

    after: Catalogue
    wanted: Sequence[Wanted]
    refused: dict[int, str]

    def hits(self, place: Place, change: Change) -> Iterator[Hit]:
        """What a change at a place does."""
        concerned = [
            (index, wanted)
            for index, wanted in enumerate(self.wanted)
            if wanted.rule is not Rule.DONT_SYNC and _concerns(wanted, place)
        ]
        for index, wanted in concerned:
            if index in self.refused:
                yield _hit(Effect.REFUSED, wanted, self.refused[index])
            else:
                text = self._consequence(wanted, place, change)
                if text:
                    yield _hit(Effect.VALUES, wanted, text)
        if change.kind is Kind.REQUIRED and not concerned:
            yield from self._unfilled(place)

    def _unfilled(self, place: Place) -> Iterator[Hit]:
        """A field that Salesforce needs now, of an object that is synced."""
        if place.side is not Side.SALESFORCE or not _in_use(place.object_name, self.wanted):
            return
        text = (
            f"Salesforce refuses a new {place.object_name} without {place.name}, and no mapping "
            "fills it. Map it, or give it a default in Salesforce."
        )
        object_type = _type_of(place.object_name)
        yield Hit(Effect.UNFILLED, object_type, "", place.name, text)

    def _consequence(self, wanted: Wanted, place: Place, change: Change) -> str:
        if change.kind in {Kind.SHORTER, Kind.NARROWER} and writes(wanted, Side.SALESFORCE):
            return f"Salesforce refuses what does not fit ({change.detail})."
        return lost(self.after, wanted, place.side, change)


def _concerns(wanted: Wanted, place: Place) -> bool:
    """Whether a mapping reads or writes what is at a place."""
    if place.what is What.PIPELINE:
        return False
    if place.side is Side.HUBSPOT:
        here, name = wanted.object_type.value == place.object_name, wanted.hubspot_property
    else:
        here, name = place.object_name in wanted.salesforce_objects, wanted.salesforce_field
    return here and (place.what is What.OBJECT or place.name == name)


def _in_use(salesforce_object: str, wanted: Sequence[Wanted]) -> bool:
    return any(salesforce_object in item.salesforce_objects for item in wanted)


def _type_of(salesforce_object: str) -> ObjectType:
    return next(
        object_type
        for object_type, names in SALESFORCE_OBJECTS.items()
        if salesforce_object in names
    )


def _hit(effect: Effect, wanted: Wanted, text: str) -> Hit:
    return Hit(effect, wanted.object_type, wanted.hubspot_property, wanted.salesforce_field, text)
