"""The draft with mappings for the fields that have none."""

from dataclasses import dataclass, replace
from uuid import UUID

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import Catalogue
from services.mapping.handlers.auto_map import auto_map
from services.mapping.handlers.drafts import Opened, change_draft, expect_revision, subject_of
from services.mapping.handlers.refusals import connected, known
from services.mapping.handlers.translate import wanted_of
from services.mapping.handlers.versions import Author
from services.mapping.ports import Crms, FieldStore
from shared.kernel.records import ObjectType


@dataclass(frozen=True, slots=True)
class Mapped:
    """The draft afterwards; `left_out` are fields without a mapping, each with the reason."""

    opened: Opened
    added: int
    left_out: tuple[tuple[str, str], ...]


async def map_rest(
    store: FieldStore,
    crms: Crms,
    connection_id: UUID,
    object_type: ObjectType,
    *,
    create: bool,
    expected: int,
    author: Author,
) -> Mapped:
    """Adds a mapping for every field of a type that has none; with `create` makes properties too.

    Properties that were made stay when the draft was changed meanwhile: a repeat uses them.

    Raises:
        RefusedError: unknown connection, a side is not connected, nothing to change yet, or
            changed meanwhile.
    """
    async with store.begin() as work:
        setup = connected(known(await work.setups.get(connection_id), connection_id))
        expect_revision(setup, expected)
        wanted = wanted_of((await subject_of(work, setup)).settings.mappings)
    found = await auto_map(
        store, crms, connection_id, object_type, wanted, author=author, create=create
    )

    def more(choices: Choices, _: Catalogue) -> Choices:
        return replace(choices, wanted=(*choices.wanted, *found.wanted))

    opened = await change_draft(store, connection_id, more, expected=expected, author=author)
    return Mapped(opened, len(found.wanted), found.left_out)
