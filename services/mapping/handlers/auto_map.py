"""Suggestions for the fields that have no mapping, and mappings made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.mapping.domain.model import Wanted
from services.mapping.domain.suggestions import Suggestion, suggest
from services.mapping.handlers.outcomes import Outcome, only_planned
from services.mapping.handlers.properties import carry_out, loaded
from services.mapping.handlers.versions import Author
from services.mapping.ports import Crms, FieldStore
from shared.kernel.records import ObjectType


@dataclass(frozen=True, slots=True)
class AutoMapped:
    """Mappings for fields that had none, and the fields that got none, each with the reason."""

    wanted: tuple[Wanted, ...]
    outcomes: tuple[Outcome, ...]
    left_out: tuple[tuple[str, str], ...]


async def suggestions_for(
    store: FieldStore, connection_id: UUID, object_type: ObjectType
) -> tuple[Suggestion, ...]:
    """For each Salesforce field without a mapping in the newest version: a property for it.

    By the fields as they were read last, so without a call; the recycle bin is not looked into.

    Raises:
        RefusedError: the connection is unknown, or its fields were never read.
    """
    catalogue, wanted = await loaded(store, connection_id, calling=False)
    return suggest(catalogue, object_type, wanted, catalogue.properties(object_type))


async def auto_map(
    store: FieldStore,
    crms: Crms,
    connection_id: UUID,
    object_type: ObjectType,
    wanted: Sequence[Wanted],
    *,
    author: Author,
    create: bool,
) -> AutoMapped:
    """Mappings for all fields of a type that `wanted` has none for (facts: native 1.2 step 8).

    A field gets the property that is called alike, else, with `create`, one that is made for it. No
    version and no draft is changed: the caller adds the mappings that it wants. The properties
    that were made are in the kept catalogue afterwards, so that the mappings can be judged.

    Raises:
        RefusedError: the connection is unknown, a side is not connected, or its fields were never
            read.
    """
    catalogue, _ = await loaded(store, connection_id)
    there = await crms.read_properties(connection_id, object_type)
    suggested = suggest(catalogue, object_type, wanted, there)
    planned = tuple(dict.fromkeys(one.planned for one in suggested if one.planned is not None))
    if create:
        outcomes = await carry_out(store, crms, connection_id, object_type, planned, there, author)
    else:
        outcomes = tuple(only_planned(item) for item in planned)
    return _mapped(suggested, outcomes, object_type)


def _mapped(
    suggested: Sequence[Suggestion], outcomes: Sequence[Outcome], object_type: ObjectType
) -> AutoMapped:
    by_plan = {outcome.planned: outcome for outcome in outcomes}
    wanted: list[Wanted] = []
    left_out: list[tuple[str, str]] = []
    for one in suggested:
        outcome = by_plan.get(one.planned) if one.planned is not None else None
        mapping = one.wanted(object_type)
        if mapping is not None and (outcome is None or outcome.usable):
            wanted.append(mapping)
        elif outcome is not None:
            why = outcome.problem or "HubSpot has no property for it; one would be made"
            left_out.append((one.field, why))
    return AutoMapped(tuple(wanted), tuple(outcomes), tuple(left_out))
