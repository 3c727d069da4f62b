"""Changes of the settings: judged against the catalogues, kept as a new version."""

from collections.abc import Sequence
from uuid import UUID

from services.mapping.domain.model import Mapping, Wanted
from services.mapping.domain.validate import validate
from services.mapping.handlers.refusals import INVALID, RefusedError, known, no_settings
from services.mapping.handlers.translate import contract_of
from services.mapping.handlers.versions import Author, add_version, expect
from services.mapping.ports import Store, Version, Work
from shared.contracts.settings import Settings


async def replace_settings(
    store: Store,
    connection_id: UUID,
    settings: Settings,
    wanted: Sequence[Wanted],
    *,
    expected: int,
    author: Author,
) -> Version:
    """Everything anew: `settings` without its mappings, and the mappings that are wanted.

    Raises:
        RefusedError: unknown connection, nothing to change yet, changed meanwhile, or invalid
            (then `problems` names each field).
    """
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        expect(setup, expected)
        mappings = await judged(work, connection_id, wanted)
        complete = settings.model_copy(update={"mappings": contract_of(mappings)})
        return await add_version(work, setup, complete, author=author, note="settings changed")


async def replace_mappings(
    store: Store,
    connection_id: UUID,
    wanted: Sequence[Wanted],
    *,
    expected: int,
    author: Author,
) -> Version:
    """Only the mappings anew; the rest stays as it was.

    Raises:
        RefusedError: as `replace_settings`.
    """
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        expect(setup, expected)
        current = await work.versions.get(connection_id, setup.version)
        if current is None:
            raise no_settings()
        mappings = await judged(work, connection_id, wanted)
        changed = current.settings.model_copy(update={"mappings": contract_of(mappings)})
        return await add_version(work, setup, changed, author=author, note="mappings changed")


async def judged(work: Work, connection_id: UUID, wanted: Sequence[Wanted]) -> tuple[Mapping, ...]:
    """The mappings as the kept catalogues complete them.

    Raises:
        RefusedError: no catalogues were read yet, or a mapping is not possible.
    """
    catalogue = await work.catalogues.get(connection_id)
    if catalogue is None:
        raise no_settings()
    mappings, problems = validate(wanted, catalogue)
    if problems:
        raise RefusedError(
            f"{len(problems)} things are wrong with the mappings. Correct what `errors` lists; "
            "nothing was changed.",
            code=INVALID,
            problems=problems,
        )
    return mappings
