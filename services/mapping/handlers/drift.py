"""What changed in the CRMs since the mappings were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from services.mapping.domain.kept import KeptReport, Refresh
from services.mapping.handlers.refusals import known
from services.mapping.ports import FieldStore


@dataclass(frozen=True, slots=True)
class Drift:
    """The readings of one connection; `version` is the newest version of its settings."""

    version: int
    refresh: Refresh | None
    reports: tuple[KeptReport, ...]


async def drift_of(
    store: FieldStore, connection_id: UUID, *, before: int | None, limit: int
) -> Drift:
    """A page of reports, the newest first, and what stands.

    Raises:
        RefusedError: the connection is unknown.
    """
    async with store.begin() as work:
        setup = known(await work.setups.get(connection_id), connection_id)
        refresh = await work.refreshes.get(connection_id)
        reports = await work.reports.page(connection_id, before=before, limit=limit)
    return Drift(setup.version, refresh, tuple(reports))


async def warnings_of(store: FieldStore, connection_id: UUID, version: int) -> tuple[str, ...]:
    """What an admin should know of the settings of a version; none for an unknown connection."""
    async with store.begin() as work:
        refresh = await work.refreshes.get(connection_id)
    return refresh.standing.warnings(version) if refresh is not None else ()


async def hits_of_all(store: FieldStore) -> Mapping[UUID, int]:
    """How many mappings of each connection are hit by what changed in the CRMs."""
    async with store.begin() as work:
        return await work.refreshes.hit()
