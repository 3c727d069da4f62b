"""The switch of the sync: finish the setup, pause, resume."""

from dataclasses import replace
from uuid import UUID

from services.mapping.domain.setup import Setup, Sync, unfinished
from services.mapping.handlers.edit import judged
from services.mapping.handlers.refusals import (
    INCOMPLETE,
    NOT_STARTED,
    RefusedError,
    known,
    no_settings,
)
from services.mapping.handlers.translate import wanted_of
from services.mapping.handlers.versions import publish
from services.mapping.ports import Store, Work
from shared.contracts.base import Event
from shared.contracts.mapping import SyncPaused, SyncResumed, SyncStarted
from shared.contracts.settings import Settings
from shared.kernel.errors import FieldProblem
from shared.outbox.mail import Outgoing


async def finish_setup(store: Store, connection_id: UUID) -> Setup:
    """Checks every step, then publishes the newest version and starts the sync.

    A repeat after the start changes nothing.

    Raises:
        RefusedError: a step is not done, or the newest version no longer fits the fields.
    """
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        if setup.sync is not Sync.NOT_STARTED:
            return setup
        _check_steps(setup)
        settings = await _newest(work, setup)
        await judged(work, connection_id, wanted_of(settings.mappings))
        told = await publish(work, setup, settings)
        return await _switch(work, told, Sync.RUNNING, SyncStarted())


async def pause_sync(store: Store, connection_id: UUID, reason: str) -> Setup:
    """Nothing is written to either CRM until it is resumed. A repeat changes nothing.

    Raises:
        RefusedError: the sync was never started.
    """
    async with store.begin() as work:
        setup = _started(known(await work.setups.held(connection_id), connection_id))
        if setup.sync is Sync.PAUSED:
            return setup
        return await _switch(work, setup, Sync.PAUSED, SyncPaused(reason=reason))


async def resume_sync(store: Store, connection_id: UUID) -> Setup:
    """Goes on, with the newest version. A repeat changes nothing.

    Raises:
        RefusedError: the sync was never started.
    """
    async with store.begin() as work:
        setup = _started(known(await work.setups.held(connection_id), connection_id))
        if setup.sync is Sync.RUNNING:
            return setup
        if setup.version > setup.published:
            setup = await publish(work, setup, await _newest(work, setup))
        return await _switch(work, setup, Sync.RUNNING, SyncResumed())


async def _switch(work: Work, setup: Setup, to: Sync, event: Event) -> Setup:
    switched = replace(setup, sync=to)
    await work.setups.save(switched)
    await work.emit([Outgoing(setup.connection_id, "sync", event)])
    return switched


async def _newest(work: Work, setup: Setup) -> Settings:
    version = await work.versions.get(setup.connection_id, setup.version)
    if version is None:
        raise no_settings()
    return version.settings


def _check_steps(setup: Setup) -> None:
    missing = unfinished(setup)
    if missing:
        raise RefusedError(
            f"The setup is not complete. Next: {missing[0].todo}",
            code=INCOMPLETE,
            problems=[FieldProblem(f"steps.{step.name}", step.todo) for step in missing],
        )


def _started(setup: Setup) -> Setup:
    if setup.sync is Sync.NOT_STARTED:
        raise RefusedError(
            "The sync of this connection was never started. Finish its setup first.",
            code=NOT_STARTED,
        )
    return setup
