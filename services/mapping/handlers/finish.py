"""The finish: the draft becomes a version, and the sync starts."""

from collections.abc import Collection
from uuid import UUID

from services.mapping.domain.review import Problem
from services.mapping.domain.setup import Setup, Sync, unfinished
from services.mapping.handlers.drafts import closed, subject_of
from services.mapping.handlers.edit import judged
from services.mapping.handlers.missing import prepare
from services.mapping.handlers.refusals import (
    DRAFT_BEHIND,
    INCOMPLETE,
    MOVED,
    UNACKNOWLEDGED,
    RefusedError,
    invalid,
    known,
)
from services.mapping.handlers.review import review_setup
from services.mapping.handlers.switch import switched
from services.mapping.handlers.translate import choices_of
from services.mapping.handlers.versions import Author, add_version, publish
from services.mapping.ports import Crms, Draft, FieldStore, Lookups, Work
from shared.contracts.mapping import SyncStarted
from shared.contracts.settings import Settings
from shared.kernel.errors import FieldProblem

NAMED = 3
"""Warnings that the refusal's sentence tells; all are in its list."""


async def finish_setup(
    store: FieldStore,
    crms: Crms,
    lookups: Lookups,
    connection_id: UUID,
    *,
    acknowledged: Collection[str],
    author: Author,
) -> Setup:
    """Reviews, makes the open draft the next version, publishes it and starts the sync.

    What HubSpot lacks is made first (key properties, properties that mappings name). Without a
    draft, the newest version is published as it is. A repeat after the start changes nothing; a
    draft that was made after the start becomes the next version. `acknowledged` are codes of
    warnings that the admin has seen.

    Raises:
        RefusedError: a step is not done; the review finds errors, or warnings that were not
            acknowledged; or the settings changed while it was made.
    """
    async with store.begin() as work:
        before = known(await work.setups.get(connection_id), connection_id)
    if _done(before):
        return before
    _check_steps(before)
    reviewed = await review_setup(store, lookups, connection_id)
    _check(reviewed.review.errors, reviewed.review.warnings, acknowledged)
    await prepare(
        store,
        crms,
        connection_id,
        reviewed.choices,
        catalogue=reviewed.catalogue,
        author=author,
    )
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        if _done(setup):
            return setup
        _check_steps(setup)
        _unmoved(reviewed.setup, setup)
        return await _finished(work, setup, author)


def _done(setup: Setup) -> bool:
    return setup.sync is not Sync.NOT_STARTED and not setup.drafting


async def _finished(work: Work, setup: Setup, author: Author) -> Setup:
    draft = await subject_of(work, setup)
    settings = draft.settings
    complete = await judged(work, setup.connection_id, choices_of(settings))
    if setup.drafting:
        settings = await _version_of(work, setup, draft, complete, author)
        setup = known(await work.setups.held(setup.connection_id), setup.connection_id)
        if setup.sync is not Sync.NOT_STARTED:
            return setup
    told = await publish(work, setup, settings)
    started = await switched(work, told, Sync.RUNNING, SyncStarted())
    await work.setups.save(started)
    return started


async def _version_of(
    work: Work, setup: Setup, draft: Draft, settings: Settings, author: Author
) -> Settings:
    """The draft as the next version; while the sync runs it goes out at once."""
    if draft.base_version != setup.version:
        raise RefusedError(
            f"The draft was begun from version {draft.base_version}, and the settings are at "
            f"version {setup.version} now. Throw the draft away (DELETE "
            "/api/v1/setup/{connection_id}/draft) and make the change again.",
            code=DRAFT_BEHIND,
        )
    closing = await closed(work, setup)
    version = await add_version(work, closing, settings, author=author, note="setup finished")
    return version.settings


def _check_steps(setup: Setup) -> None:
    missing = unfinished(setup)
    if setup.sync is Sync.NOT_STARTED and missing:
        raise RefusedError(
            f"The setup is not complete. Next: {missing[0].todo}",
            code=INCOMPLETE,
            problems=[FieldProblem(f"steps.{step.name}", step.todo) for step in missing],
        )


def _check(
    errors: Collection[Problem], warnings: Collection[Problem], acknowledged: Collection[str]
) -> None:
    if errors:
        raise invalid(errors)
    unseen = [problem for problem in warnings if problem.code not in acknowledged]
    if unseen:
        codes = ", ".join(dict.fromkeys(problem.code for problem in unseen))
        first = " ".join(problem.what for problem in unseen[:NAMED])
        raise RefusedError(
            f"The review warns of {len(unseen)} thing(s). {first} Read them, change what should be "
            f"otherwise, and acknowledge the rest by their codes: {codes}.",
            code=UNACKNOWLEDGED,
            problems=[FieldProblem(p.where, f"{p.code}: {p.what} {p.fix}") for p in unseen],
        )


def _unmoved(reviewed: Setup, now: Setup) -> None:
    """Passes when nobody changed the settings since the review."""
    if (reviewed.version, reviewed.draft_revision) != (now.version, now.draft_revision):
        raise RefusedError(
            "The settings changed while they were reviewed. Look at the review again, then finish.",
            code=MOVED,
        )
