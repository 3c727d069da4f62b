"""Runs a pre-flight: looks into both CRMs, judges, keeps the result."""

import asyncio
from collections.abc import Collection, Mapping
from uuid import UUID

from services.connection.domain.connection import Connection, Grant
from services.connection.domain.features import Feature, objects_for, rights_for
from services.connection.domain.preflight import Preflight, check, compared
from services.connection.domain.seen import HubSpotSeen, SalesforceSeen
from services.connection.handlers.find import found, view
from services.connection.ports import Scout, Store
from shared.kernel.errors import FatalError
from shared.kernel.records import Side

# What the recommended set-up starts with (facts: native 0: contacts are always part of it).
DEFAULT_FEATURES = (Feature.CONTACTS,)


class NeverRunError(FatalError):
    """This connection has had no pre-flight."""


async def run_preflight(
    store: Store, scout: Scout, connection_id: UUID, features: Collection[Feature]
) -> Preflight:
    """The checklist for these features as things are now; it replaces the latest one.

    Four calls to the CRMs, two to each. A side that is not connected, or
    does not answer, makes unknown items, no error.

    Raises:
        UnknownConnectionError: there is no such connection.
    """
    connection, grants = await view(store, connection_id)
    seen = await _look(scout, connection, grants, features)
    async with store.begin() as work:
        await found(work, connection_id)
        before = (await work.preflights([connection_id])).get(connection_id)
        now = await work.now()
        run = compared(before, check(connection, grants, features, seen, now=now))
        await work.save_preflight(run)
    return run


async def run_again(store: Store, scout: Scout, connection_id: UUID) -> Preflight:
    """The same features as last time, because somebody else is connected now."""
    async with store.begin() as work:
        before = (await work.preflights([connection_id])).get(connection_id)
    features = before.features if before else DEFAULT_FEATURES
    return await run_preflight(store, scout, connection_id, features)


async def latest_preflight(store: Store, connection_id: UUID) -> Preflight:
    """The latest pre-flight.

    Raises:
        UnknownConnectionError, NeverRunError: there is none.
    """
    async with store.begin() as work:
        await found(work, connection_id)
        run = (await work.preflights([connection_id])).get(connection_id)
    if run is None:
        raise NeverRunError(
            f"No pre-flight of connection {connection_id} was run. POST the same address to run "
            "one.",
            code="preflight-never-run",
        )
    return run


async def _look(
    scout: Scout,
    connection: Connection,
    grants: Mapping[Side, Grant],
    features: Collection[Feature],
) -> tuple[HubSpotSeen | None, SalesforceSeen | None]:
    """Both sides at once; None for one that nobody connected, or whose grant is dead."""

    async def hubspot() -> HubSpotSeen | None:
        if not _alive(grants.get(Side.HUBSPOT)):
            return None
        return await scout.hubspot(connection.id)

    async def salesforce() -> SalesforceSeen | None:
        if not _alive(grants.get(Side.SALESFORCE)):
            return None
        return await scout.salesforce(
            connection.id, rights=rights_for(features), objects=objects_for(features)
        )

    return await asyncio.gather(hubspot(), salesforce())


def _alive(grant: Grant | None) -> bool:
    return grant is not None and grant.broken_reason is None
