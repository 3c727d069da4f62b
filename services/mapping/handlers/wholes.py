"""A whole set of settings put in place at once: an old version again, or a document."""

from dataclasses import dataclass
from uuid import UUID

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import Catalogue
from services.mapping.domain.review import Problem, Severity, judge
from services.mapping.domain.setup import Setup
from services.mapping.domain.wording import Change, Labels, differ
from services.mapping.handlers.drafts import catalogue_of, subject_of
from services.mapping.handlers.edit import judged
from services.mapping.handlers.lists import with_lists
from services.mapping.handlers.missing import foresee, prepare
from services.mapping.handlers.refusals import invalid, known, no_settings
from services.mapping.handlers.translate import choices_of, settings_of
from services.mapping.handlers.versions import Author, add_version, expect
from services.mapping.ports import Crms, FieldStore, Lookups, Store, Version, Work


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a set of choices would be here: as it is completed, against what is there now.

    `creating` are the HubSpot properties that would be made for it.
    """

    choices: Choices
    changes: tuple[Change, ...]
    problems: tuple[Problem, ...]
    creating: tuple[str, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What no version may have."""
        return tuple(one for one in self.problems if one.severity is Severity.ERROR)


def outlook(choices: Choices, current: Choices, catalogue: Catalogue) -> Outlook:
    """The choices as the catalogue completes them, and how they differ from the current ones."""
    foreseen = foresee(choices, catalogue)
    mappings, problems = judge(choices, foreseen.catalogue)
    complete = choices_of(settings_of(choices, mappings))
    changes = differ(current, complete, Labels.of(catalogue))
    return Outlook(complete, changes, problems, foreseen.names)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is compared with and written from: before the start the open draft."""

    setup: Setup
    choices: Choices
    catalogue: Catalogue


async def subject_now(store: Store, connection_id: UUID) -> Subject:
    """The draft that is open before the start, else the newest version.

    Raises:
        RefusedError: the connection is unknown, or has no settings yet.
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        if started(setup):
            newest = await version_of(work, connection_id, setup.version)
            choices = choices_of(newest.settings)
        else:
            choices = choices_of((await subject_of(work, setup)).settings)
        return Subject(setup, choices, await catalogue_of(work, connection_id))


def started(setup: Setup) -> bool:
    """Whether changes are versions at once; before the start they go into a draft."""
    return setup.sync.value != "not_started"


async def version_of(work: Work, connection_id: UUID, version: int) -> Version:
    """One version.

    Raises:
        RefusedError: there is none of that number.
    """
    found = await work.versions.get(connection_id, version)
    if found is None:
        raise no_settings()
    return found


async def put_in_place(
    store: FieldStore,
    crms: Crms,
    lookups: Lookups,
    connection_id: UUID,
    choices: Choices,
    *,
    expected: int,
    author: Author,
    note: str,
) -> Version:
    """Stores everything anew as a version; HubSpot properties that it names are made first.

    No transaction is open while the CRMs are asked (I5).

    Raises:
        RefusedError: unknown connection, nothing to change yet, changed meanwhile, a list that
            cannot be used, or invalid (then `problems` names each field).
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        expect(setup, expected)
        catalogue = await catalogue_of(work, connection_id)
    errors = outlook(choices, choices, catalogue).errors
    if errors:
        raise invalid(errors)
    named = await with_lists(store, lookups, connection_id, choices)
    await prepare(store, crms, connection_id, named, catalogue=catalogue, author=author)
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        expect(setup, expected)
        settings = await judged(work, connection_id, named)
        return await add_version(work, setup, settings, author=author, note=note)
