"""Properties that mappings name and HubSpot does not have yet: foreseen, and made at the finish.

Settings that were made for one portal name the properties that Causeway made there
(`salesforce_...`); another portal gets them when the setup is finished.
"""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from uuid import UUID

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import Catalogue, HubSpotFields
from services.mapping.domain.properties import Action, Planned, Source, plan
from services.mapping.domain.review.mappings import live
from services.mapping.handlers.outcomes import as_read
from services.mapping.handlers.properties import carry_out
from services.mapping.handlers.versions import Author
from services.mapping.ports import KEYED, Crms, FieldStore
from shared.kernel.records import ObjectType

MAKING = frozenset({Action.CREATE, Action.RESTORE})


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The catalogue as it will be, and what will be made for it."""

    catalogue: Catalogue
    planned: Map[ObjectType, tuple[Planned, ...]] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the properties to be made."""
        return tuple(item.name for items in self.planned.values() for item in items)


def foresee(choices: Choices, catalogue: Catalogue) -> Foreseen:
    """The catalogue with the properties that the finish will make."""
    planned: dict[ObjectType, tuple[Planned, ...]] = {}
    hubspot = dict(catalogue.hubspot)
    for object_type, known in catalogue.hubspot.items():
        found = (
            _planned(choices, catalogue, object_type, known) if live(choices, object_type) else ()
        )
        if found:
            made = [as_read(item.new) for item in found if item.new is not None]
            planned[object_type] = found
            hubspot[object_type] = {**known, **{one.name: one for one in made}}
    return Foreseen(replace(catalogue, hubspot=hubspot), planned)


async def prepare(
    store: FieldStore,
    crms: Crms,
    connection_id: UUID,
    choices: Choices,
    *,
    catalogue: Catalogue,
    author: Author,
) -> None:
    """Makes in HubSpot what the choices need: key properties, and properties that are missing.

    A repeat makes nothing (I6). What HubSpot refuses is found when the mappings are judged again.
    """
    await ensure_keys(crms, connection_id, choices)
    for object_type in foresee(choices, catalogue).planned:
        there = await crms.read_properties(connection_id, object_type)
        planned = _planned(choices, catalogue, object_type, there)
        await carry_out(store, crms, connection_id, object_type, planned, there, author)


async def ensure_keys(crms: Crms, connection_id: UUID, choices: Choices) -> None:
    """HubSpot's key property on each type that is on and that the choice did not make it for."""
    on = [one for one in (ObjectType.COMPANY, ObjectType.DEAL) if live(choices, one)]
    added = [one for one in on if one not in KEYED]
    if added:
        await crms.ensure_key_properties(connection_id, added)


def _planned(
    choices: Choices, catalogue: Catalogue, object_type: ObjectType, known: HubSpotFields
) -> tuple[Planned, ...]:
    """What a plan makes under exactly the names that mappings ask for."""
    sources: list[Source] = []
    asked: set[str] = set()
    for wanted in choices.wanted:
        there = known.get(wanted.hubspot_property)
        if wanted.object_type is not object_type or (there is not None and not there.archived):
            continue
        asked.add(wanted.hubspot_property)
        for name in wanted.salesforce_objects:
            found = catalogue.fields(name).get(wanted.salesforce_field)
            sources += [] if found is None else [Source(name, found)]
    return tuple(one for one in plan(sources, known) if one.action in MAKING and one.name in asked)
