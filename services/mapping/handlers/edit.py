"""Changes of the settings: judged against the catalogues, kept as a new version."""

from collections.abc import Callable
from uuid import UUID

from services.mapping.domain.choices import Choices
from services.mapping.domain.review import Severity, judge
from services.mapping.handlers.drafts import catalogue_of
from services.mapping.handlers.refusals import invalid, known, no_settings
from services.mapping.handlers.translate import choices_of, settings_of
from services.mapping.handlers.versions import Author, add_version, expect
from services.mapping.ports import Store, Version, Work
from shared.contracts.settings import Settings


async def replace_settings(
    store: Store, connection_id: UUID, choices: Choices, *, expected: int, author: Author
) -> Version:
    """Everything anew.

    Raises:
        RefusedError: unknown connection, nothing to change yet, changed meanwhile, or invalid
            (then `problems` names each field).
    """
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        expect(setup, expected)
        settings = await judged(work, connection_id, choices)
        return await add_version(work, setup, settings, author=author, note="settings changed")


async def change_settings(
    store: Store,
    connection_id: UUID,
    change: Callable[[Choices], Choices],
    *,
    expected: int,
    author: Author,
    note: str,
) -> Version:
    """A part anew; the rest stays as it was.

    Raises:
        RefusedError: as `replace_settings`.
    """
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        expect(setup, expected)
        current = await work.versions.get(connection_id, setup.version)
        if current is None:
            raise no_settings()
        settings = await judged(work, connection_id, change(choices_of(current.settings)))
        return await add_version(work, setup, settings, author=author, note=note)


async def judged(work: Work, connection_id: UUID, choices: Choices) -> Settings:
    """The choices as the kept catalogues complete them.

    Raises:
        RefusedError: no catalogues were read yet, or something is not possible.
    """
    mappings, problems = judge(choices, await catalogue_of(work, connection_id))
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if errors:
        raise invalid(errors)
    return settings_of(choices, mappings)
