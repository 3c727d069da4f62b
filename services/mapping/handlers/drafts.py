"""The draft: the next version of the settings, made page by page before it counts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import UUID

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import Catalogue
from services.mapping.domain.pages import recommended
from services.mapping.domain.review import Part, Problem, judge
from services.mapping.domain.setup import Setup
from services.mapping.handlers.missing import foresee
from services.mapping.handlers.refresh import keep
from services.mapping.handlers.refusals import (
    OUTDATED,
    RefusedError,
    connected,
    known,
    no_settings,
)
from services.mapping.handlers.translate import choices_of, settings_of
from services.mapping.handlers.versions import Author
from services.mapping.ports import Crms, Draft, FieldStore, Store, Work

Change = Callable[[Choices, Catalogue], Choices]
"""What a page changes; the catalogue completes what it turns on."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A draft as it stands: `revision` is its ETag, `problems` what the catalogues say of it."""

    draft: Draft
    revision: int
    problems: tuple[Problem, ...] = ()

    def of(self, part: Part) -> tuple[Problem, ...]:
        """The problems of one part."""
        return tuple(problem for problem in self.problems if problem.part is part)


async def begin_draft(store: FieldStore, crms: Crms, connection_id: UUID, author: Author) -> Opened:
    """Opens a draft of the newest version, or of the recommended settings where there is none.

    A draft that is open goes on as it is: an interrupted setup resumes. Reads both CRMs and makes
    the key property, as the recommended choice does; no transaction is open meanwhile (I5).

    Raises:
        RefusedError: the connection is unknown, or a side is not connected.
    """
    async with store.begin() as work:
        setup = connected(known(await work.setups.get(connection_id), connection_id))
        if setup.drafting:
            return await _opened(work, setup)
    await crms.ensure_key_properties(connection_id)
    catalogue = await crms.read_catalogue(connection_id)
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        await keep(work, setup, catalogue)
        if setup.drafting:
            return await _opened(work, setup)
        newest = await work.versions.get(connection_id, setup.version)
        choices = choices_of(newest.settings) if newest else recommended(catalogue)
        return await _keep(work, setup, choices, base_version=setup.version, author=author)


async def draft_of(store: Store, connection_id: UUID) -> Opened:
    """The open draft; without one the newest version, which the first change makes a draft of.

    Raises:
        RefusedError: the connection is unknown, or has no settings yet.
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        return await _opened(work, setup)


async def change_draft(
    store: Store, connection_id: UUID, change: Change, *, expected: int, author: Author
) -> Opened:
    """Saves one page. What does not fit the CRMs is saved too, and told as a problem.

    Raises:
        RefusedError: unknown connection, nothing to change yet, or changed meanwhile.
    """
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        expect_revision(setup, expected)
        current = (await _opened(work, setup)).draft
        choices = change(choices_of(current.settings), await catalogue_of(work, connection_id))
        return await _keep(work, setup, choices, base_version=current.base_version, author=author)


async def discard_draft(store: Store, connection_id: UUID, *, expected: int) -> None:
    """Throws the draft away; the newest version stays as it is.

    Raises:
        RefusedError: unknown connection, or changed meanwhile.
    """
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        expect_revision(setup, expected)
        await work.setups.save(await closed(work, setup))


async def closed(work: Work, setup: Setup) -> Setup:
    """The setup without its draft. Not saved."""
    await work.drafts.drop(setup.connection_id)
    return replace(setup, drafting=False, draft_revision=setup.draft_revision + 1)


async def subject_of(work: Work, setup: Setup) -> Draft:
    """The draft that is open, else the newest version as one.

    Raises:
        RefusedError: there is neither.
    """
    draft = await work.drafts.get(setup.connection_id) if setup.drafting else None
    if draft is not None:
        return draft
    newest = await work.versions.get(setup.connection_id, setup.version)
    if newest is None:
        raise no_settings()
    return Draft(newest.settings, setup.version, newest.author, newest.made_at)


async def catalogue_of(work: Work, connection_id: UUID) -> Catalogue:
    """The kept catalogues.

    Raises:
        RefusedError: none were read yet.
    """
    catalogue = await work.catalogues.get(connection_id)
    if catalogue is None:
        raise no_settings()
    return catalogue


def expect_revision(setup: Setup, revision: int) -> None:
    """Passes when `revision` is the newest of the draft.

    Raises:
        RefusedError: somebody else changed the draft meanwhile.
    """
    if setup.draft_revision != revision:
        raise RefusedError(
            f"The draft is at revision {setup.draft_revision}, this change was made for "
            f"{revision}. Load the draft again, repeat the change and send it with the new ETag.",
            code=OUTDATED,
        )


async def _opened(work: Work, setup: Setup) -> Opened:
    draft = await subject_of(work, setup)
    choices = choices_of(draft.settings)
    catalogue = await catalogue_of(work, setup.connection_id)
    _, problems = judge(choices, foresee(choices, catalogue).catalogue)
    return Opened(draft, setup.draft_revision, problems)


async def _keep(
    work: Work, setup: Setup, choices: Choices, *, base_version: int, author: Author
) -> Opened:
    catalogue = await catalogue_of(work, setup.connection_id)
    mappings, problems = judge(choices, foresee(choices, catalogue).catalogue)
    settings = settings_of(choices, mappings)
    draft = Draft(settings, base_version, author.subject, author.at)
    grown = replace(setup, drafting=True, draft_revision=setup.draft_revision + 1)
    await work.drafts.save(setup.connection_id, draft)
    await work.setups.save(grown)
    return Opened(draft, grown.draft_revision, problems)
