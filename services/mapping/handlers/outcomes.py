"""What became of each field that a property was wanted for."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.mapping.domain.model import HubSpotField, HubSpotFields
from services.mapping.domain.properties import GROUP, Action, Creation, Planned
from services.mapping.domain.shapes import NewProperty


class Became(StrEnum):
    """What became of a field. `planned`: nothing was made, as only a plan was asked for."""

    PLANNED = "planned"
    CREATED = "created"
    RESTORED = "restored"
    EXISTS = "exists"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One field's plan and what became of it; `problem` says why nothing did."""

    planned: Planned
    became: Became
    problem: str = ""

    @property
    def usable(self) -> bool:
        """Whether the field can be mapped to the property now."""
        return self.became in {Became.CREATED, Became.RESTORED, Became.EXISTS}


def only_planned(item: Planned) -> Outcome:
    """What a plan says of a field, with nothing made."""
    became = {Action.EXISTS: Became.EXISTS, Action.REFUSED: Became.REFUSED}
    return Outcome(item, became.get(item.action, Became.PLANNED), _problem(item))


def _problem(item: Planned) -> str:
    return item.reason if item.action is Action.REFUSED else ""


def outcome_of(item: Planned, results: Mapping[str, Creation], there: HubSpotFields) -> Outcome:
    """What became of a field whose property was asked for."""
    if item.new is None:
        return only_planned(item)
    result = results.get(item.name)
    if result is None:
        return Outcome(item, Became.FAILED, "HubSpot did not say what became of it; try again.")
    if result.created:
        restored = item.action is Action.RESTORE
        return Outcome(item, Became.RESTORED if restored else Became.CREATED)
    if result.problem:
        return Outcome(item, Became.FAILED, result.problem)
    now = there.get(item.name)
    if now is not None and (now.type, now.field_type) == (item.new.type, item.new.field_type):
        return Outcome(item, Became.EXISTS)
    text = "Somebody made a property of this name and of another type meanwhile; try again."
    return Outcome(item, Became.FAILED, text)


def as_read(item: NewProperty) -> HubSpotField:
    """How HubSpot will show it; its list may lag behind by a second (facts: hubspot-api 6)."""
    return HubSpotField(
        item.name, item.label, item.type, item.field_type, options=item.options, group=GROUP
    )
