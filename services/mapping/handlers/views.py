"""What pages and other services read."""

from uuid import UUID

from services.mapping.domain.model import Catalogue
from services.mapping.domain.setup import Setup, Sync
from services.mapping.handlers.refusals import known, no_settings
from services.mapping.ports import Store, Version
from shared.contracts.settings import Settings


async def setup_of(store: Store, connection_id: UUID) -> Setup:
    """How far the setup is.

    Raises:
        RefusedError: the connection is unknown.
    """
    async with store.begin() as work:
        return known(await work.setups.get(connection_id), connection_id)


async def setups_page(store: Store, *, after: UUID | None, limit: int) -> list[Setup]:
    """All setups, in the order of the connection ids."""
    async with store.begin() as work:
        return await work.setups.page(after=after, limit=limit)


async def settings_of(store: Store, connection_id: UUID) -> tuple[Settings | None, Sync]:
    """The newest version and the switch of the sync; (None, not started) for what is unknown.

    A service that starts empty asks here, perhaps before this one has heard of the connection.
    """
    async with store.begin() as work:
        setup = await work.setups.get(connection_id)
        if setup is None:
            return None, Sync.NOT_STARTED
        version = await work.versions.get(connection_id, setup.version)
        return (version.settings if version else None), setup.sync


async def newest_version(store: Store, connection_id: UUID) -> Version:
    """The newest version.

    Raises:
        RefusedError: the connection is unknown, or has no settings yet.
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        version = await work.versions.get(connection_id, setup.version)
    if version is None:
        raise no_settings()
    return version


async def history(
    store: Store, connection_id: UUID, *, before: int | None, limit: int
) -> list[Version]:
    """All versions, the newest first, older than `before`.

    Raises:
        RefusedError: the connection is unknown.
    """
    async with store.begin() as work:
        known(await work.setups.get(connection_id), connection_id)
        return await work.versions.page(connection_id, before=before, limit=limit)


async def fields_of(store: Store, connection_id: UUID) -> Catalogue:
    """The fields that can be mapped, as they were read last.

    Raises:
        RefusedError: the connection is unknown, or its fields were never read.
    """
    async with store.begin() as work:
        known(await work.setups.get(connection_id), connection_id)
        catalogue = await work.catalogues.get(connection_id)
    if catalogue is None:
        raise no_settings()
    return catalogue
