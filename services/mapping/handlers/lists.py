"""Inclusion lists: which there are, and whether the chosen ones can be used."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID

from services.mapping.domain.choices import Choices, InclusionList
from services.mapping.domain.lists import unusable
from services.mapping.handlers.refusals import LIST_REFUSED, RefusedError, connected, known
from services.mapping.handlers.translate import choices_of
from services.mapping.ports import Lists, Lookups, Store
from shared.kernel.errors import FieldProblem
from shared.kernel.records import ObjectType


async def offered_lists(
    store: Store, lookups: Lookups, connection_id: UUID, object_type: ObjectType, query: str
) -> Lists:
    """HubSpot's lists of a type whose names hold `query`.

    Raises:
        RefusedError: the connection is unknown, or a side is not connected.
    """
    async with store.begin() as work:
        connected(known(await work.setups.get(connection_id), connection_id))
    return await lookups.lists(connection_id, object_type, query)


def chosen_lists(choices: Choices) -> Iterator[tuple[ObjectType, InclusionList]]:
    """The inclusion lists, by the type of record that they limit."""
    for object_type, chosen in (
        (ObjectType.CONTACT, choices.contacts.inclusion_list),
        (ObjectType.COMPANY, choices.companies.inclusion_list),
    ):
        if chosen is not None:
            yield object_type, chosen


async def with_lists(
    store: Store, lookups: Lookups, connection_id: UUID, choices: Choices
) -> Choices:
    """The choices with the names of their lists.

    Lists that the newest version has are not looked at, so that a CRM that does not answer blocks
    no other change.

    Raises:
        RefusedError: a list that is new cannot be used; or a side is not connected.
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        newest = await work.versions.get(connection_id, setup.version)
    before = dict(chosen_lists(choices_of(newest.settings))) if newest else {}
    kept: dict[ObjectType, InclusionList | None] = {}
    for object_type, chosen in chosen_lists(choices):
        old = before.get(object_type)
        same = old is not None and old.list_id == chosen.list_id
        kept[object_type] = (
            old if same else await named(store, lookups, connection_id, object_type, chosen)
        )
    return replace(
        choices,
        contacts=replace(choices.contacts, inclusion_list=kept.get(ObjectType.CONTACT)),
        companies=replace(choices.companies, inclusion_list=kept.get(ObjectType.COMPANY)),
    )


async def named(
    store: Store,
    lookups: Lookups,
    connection_id: UUID,
    object_type: ObjectType,
    chosen: InclusionList | None,
) -> InclusionList | None:
    """A list that is chosen now, with its name as HubSpot has it.

    Raises:
        RefusedError: it is static, deleted or of another type; or a side is not connected.
    """
    if chosen is None:
        return None
    async with store.begin() as work:
        connected(known(await work.setups.get(connection_id), connection_id))
    found = await lookups.list_by_id(connection_id, chosen.list_id)
    why = unusable(found, object_type)
    if why is None and found is not None:
        return InclusionList(found.id, found.name)
    text = "" if why is None else f"{why.what} {why.fix}"
    raise RefusedError(
        f"This list cannot say who syncs. {text}",
        code=LIST_REFUSED,
        problems=[FieldProblem("inclusion_list.list_id", text)],
    )
