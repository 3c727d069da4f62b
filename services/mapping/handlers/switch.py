"""The switch of the sync: pause and resume."""

from dataclasses import replace
from uuid import UUID

from services.mapping.domain.setup import Setup, Sync, steps
from services.mapping.handlers.refusals import (
    INCOMPLETE,
    NOT_STARTED,
    RefusedError,
    known,
    no_settings,
)
from services.mapping.handlers.versions import publish
from services.mapping.ports import Store, Work
from shared.contracts.base import Event
from shared.contracts.mapping import SyncPaused, SyncResumed
from shared.contracts.settings import Settings
from shared.kernel.errors import FieldProblem
from shared.outbox.mail import Outgoing


async def pause_sync(store: Store, connection_id: UUID, reason: str) -> Setup:
    """Nothing is written to either CRM until it is resumed. A repeat changes nothing.

    Raises:
        RefusedError: the sync was never started.
    """
    async with store.begin() as work:
        setup = _started(known(await work.setups.held(connection_id), connection_id))
        if setup.sync is Sync.PAUSED:
            return await _kept(work, setup)
        paused = await switched(work, setup, Sync.PAUSED, SyncPaused(reason=reason))
        return await _kept(work, paused)


async def resume_sync(store: Store, connection_id: UUID) -> Setup:
    """Goes on, with the newest version. A repeat changes nothing.

    Raises:
        RefusedError: the sync was never started, or it waits for the package.
    """
    async with store.begin() as work:
        setup = _started(known(await work.setups.held(connection_id), connection_id))
        if setup.sync is Sync.RUNNING:
            return setup
        if setup.paused_for_package:
            raise _waits_for_package(setup)
        going = await resumed(work, setup)
        await work.setups.save(going)
        return going


async def resumed(work: Work, setup: Setup) -> Setup:
    """The sync goes on, with the newest version, whatever it was paused for. Not saved."""
    free = replace(setup, paused_for_package=False)
    if free.sync is not Sync.PAUSED:
        return free
    if free.version > free.published:
        free = await publish(work, free, await _newest(work, free))
    return await switched(work, free, Sync.RUNNING, SyncResumed())


async def switched(work: Work, setup: Setup, to: Sync, event: Event) -> Setup:
    """Moves the switch and tells the others. Not saved."""
    await work.emit([Outgoing(setup.connection_id, "sync", event)])
    return replace(setup, sync=to)


async def _kept(work: Work, setup: Setup) -> Setup:
    """An admin's own pause outlasts the return of the package."""
    mine = replace(setup, paused_for_package=False)
    await work.setups.save(mine)
    return mine


def _waits_for_package(setup: Setup) -> RefusedError:
    [package] = [step for step in steps(setup) if step.name == "package"]
    todo = package.todo or "Wait for the check of the package."
    return RefusedError(
        f"The sync waits for the Salesforce package and goes on by itself once it is there. {todo}",
        code=INCOMPLETE,
        problems=[FieldProblem("steps.package", todo)],
    )


async def _newest(work: Work, setup: Setup) -> Settings:
    version = await work.versions.get(setup.connection_id, setup.version)
    if version is None:
        raise no_settings()
    return version.settings


def _started(setup: Setup) -> Setup:
    if setup.sync is Sync.NOT_STARTED:
        raise RefusedError(
            "The sync of this connection was never started. Finish its setup first.",
            code=NOT_STARTED,
        )
    return setup
