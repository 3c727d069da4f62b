"""HubSpot's own association types, each with its reverse (facts: section 7). Pure."""

from dataclasses import dataclass

from tests.simulators.hubspot.model import ObjectType
from tests.simulators.hubspot.object_types import (
    CALL,
    COMPANY,
    CONTACT,
    DEAL,
    EMAIL_MESSAGE,
    MEETING,
    NOTE,
    TASK,
)

HUBSPOT_DEFINED = "HUBSPOT_DEFINED"
USER_DEFINED = "USER_DEFINED"
FIRST_CUSTOM_ID = 1


@dataclass(frozen=True, slots=True)
class AssociationType:
    """One meaning of "A belongs to B", and the id that B's side of it has."""

    source: ObjectType
    target: ObjectType
    id: int
    reverse_id: int
    label: str | None = None
    """None for the plain association, which every pair has beside its labels."""
    category: str = HUBSPOT_DEFINED

    def reversed(self) -> "AssociationType":
        """The same association seen from the other end."""
        return AssociationType(
            self.target, self.source, self.reverse_id, self.id, self.label, self.category
        )

    @property
    def name(self) -> str:
        """How the inline associations of a record call it."""
        plain = f"{self.source.singular}_to_{self.target.singular}"
        return plain if self.label or self.id not in UNLABELED_TWINS else f"{plain}_unlabeled"


UNLABELED_TWINS = {279, 280, 341, 342}
"""Plain types of pairs that also have a "Primary" one, which got the shorter name."""

_ONE_WAY = (
    AssociationType(CONTACT, COMPANY, 279, 280),
    AssociationType(CONTACT, COMPANY, 1, 2, "Primary"),
    AssociationType(DEAL, CONTACT, 3, 4),
    AssociationType(DEAL, COMPANY, 341, 342),
    AssociationType(DEAL, COMPANY, 5, 6, "Primary"),
    AssociationType(COMPANY, COMPANY, 450, 450),
    AssociationType(COMPANY, COMPANY, 13, 14, "Parent Company"),
    AssociationType(CONTACT, CONTACT, 449, 449),
    AssociationType(DEAL, DEAL, 451, 451),
    AssociationType(TASK, CONTACT, 204, 203),
    AssociationType(TASK, COMPANY, 192, 191),
    AssociationType(TASK, DEAL, 216, 215),
    AssociationType(NOTE, CONTACT, 202, 201),
    AssociationType(NOTE, COMPANY, 190, 189),
    AssociationType(NOTE, DEAL, 214, 213),
    AssociationType(CALL, CONTACT, 194, 193),
    AssociationType(CALL, COMPANY, 182, 181),
    AssociationType(CALL, DEAL, 206, 205),
    AssociationType(EMAIL_MESSAGE, CONTACT, 198, 197),
    AssociationType(EMAIL_MESSAGE, COMPANY, 186, 185),
    AssociationType(EMAIL_MESSAGE, DEAL, 210, 209),
    AssociationType(MEETING, CONTACT, 200, 199),
    AssociationType(MEETING, COMPANY, 188, 187),
    AssociationType(MEETING, DEAL, 212, 211),
)
HUBSPOT_TYPES = (
    *_ONE_WAY,
    *(one.reversed() for one in _ONE_WAY if one.id != one.reverse_id),
)


class AssociationTypes:
    """The types of one portal: HubSpot's and those that its users defined."""

    def __init__(self) -> None:
        self._types = {(one.category, one.id): one for one in HUBSPOT_TYPES}
        self._next_id = FIRST_CUSTOM_ID
        self._between: dict[tuple[str, str], list[AssociationType]] = {}
        """Worked out once after each new label."""

    def get(self, category: str, type_id: int) -> AssociationType | None:
        """The type with this id."""
        return self._types.get((category, type_id))

    def between(self, source: ObjectType, target: ObjectType) -> list[AssociationType]:
        """The types from ``source`` to ``target``, the plain one first; empty if none exist."""
        pair = (source.type_id, target.type_id)
        if pair not in self._between:
            found = [
                one for one in self._types.values() if one.source is source and one.target is target
            ]
            self._between[pair] = sorted(found, key=lambda one: one.label is not None)
        return self._between[pair]

    def reverse(self, one: AssociationType) -> AssociationType:
        """The same association seen from the other end; always the same object for one type."""
        return self._types[one.category, one.reverse_id]

    def define(self, source: ObjectType, target: ObjectType, label: str) -> list[AssociationType]:
        """A user's label for a pair, and its reverse."""
        there = AssociationType(
            source, target, self._next_id, self._next_id + 1, label, USER_DEFINED
        )
        self._next_id += 2
        both = [there, there.reversed()]
        self._types |= {(one.category, one.id): one for one in both}
        self._between.clear()
        return both
