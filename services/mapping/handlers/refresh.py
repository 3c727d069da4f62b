"""Reads the fields of both CRMs again, keeps them, and says what is different."""

from datetime import timedelta
from uuid import UUID

from services.mapping.domain.hits import Report, report
from services.mapping.domain.kept import Taken
from services.mapping.domain.model import Catalogue
from services.mapping.domain.setup import Setup
from services.mapping.domain.standing import Standing, standing
from services.mapping.handlers.refusals import connected, known
from services.mapping.handlers.translate import wanted_of
from services.mapping.ports import Crms, FieldStore, FieldWork
from shared.kernel.errors import CausewayError, RetriableError
from shared.kernel.ids import IdSource

DAILY = timedelta(hours=24)
LEASE = timedelta(minutes=30)
"""A reading is a dozen calls of at most two minutes each, but for an org with a hundred record
types: one that takes longer is taken over, and what it brings is dropped."""
FIRST_RETRY = timedelta(minutes=15)
LONGEST_RETRY = timedelta(hours=6)
"""A grant or a quota that is gone for a day costs six tries."""
MAX_DOUBLINGS = 5
MAX_PROBLEM = 500


async def read_fields(store: FieldStore, crms: Crms, connection_id: UUID) -> Catalogue:
    """Reads the fields of both sides again and keeps them; what is different is kept as well.

    Raises:
        RefusedError: the connection is unknown, or a side is not connected.
    """
    async with store.begin() as work:
        connected(known(await work.setups.get(connection_id), connection_id))
    catalogue = await crms.read_catalogue(connection_id)
    async with store.begin() as work:
        setup = known(await work.setups.held(connection_id), connection_id)
        await keep(work, setup, catalogue)
    return catalogue


async def refresh_due(store: FieldStore, crms: Crms, new_id: IdSource) -> bool:
    """Reads the fields of the connection that is due longest; False when none is.

    A reading that fails is tried again later and later, and its problem is kept for the admin. What
    is read after the lease has passed to somebody else is dropped.
    """
    async with store.begin() as work:
        taken = await work.refreshes.take(token=new_id(), lease=LEASE, every=DAILY)
    if taken is None:
        return False
    try:
        catalogue = await crms.read_catalogue(taken.connection_id, background=True)
    except CausewayError as problem:
        async with store.begin() as work:
            text = str(problem)[:MAX_PROBLEM]
            await work.refreshes.failed(taken, text, next_in=_later(taken, problem))
        return True
    async with store.begin() as work:
        setup = await work.setups.held(taken.connection_id)
        if setup is not None and await work.refreshes.holds(taken):
            await keep(work, setup, catalogue)
    return True


async def keep(work: FieldWork, setup: Setup, catalogue: Catalogue) -> Report | None:
    """Keeps a catalogue, and what it tells against the one before; None for the first.

    The setup is held by this transaction.
    """
    connection_id = setup.connection_id
    before = await work.catalogues.get(connection_id)
    kept = await work.refreshes.get(connection_id)
    found = None
    stands = Standing(setup.version, unread=catalogue.unread)
    if before is not None:
        version = await work.versions.get(connection_id, setup.version)
        wanted = wanted_of(version.settings.mappings) if version is not None else ()
        found = report(before, catalogue, wanted)
        old = kept.standing if kept is not None else Standing()
        stands = standing(old, found, setup.version, catalogue.unread)
        if found.findings:
            await work.reports.add(connection_id, setup.version, found)
    await work.catalogues.save(connection_id, catalogue)
    await work.refreshes.done(connection_id, stands, next_in=DAILY)
    return found


def _later(taken: Taken, problem: CausewayError) -> timedelta:
    """Doubling from a quarter of an hour; not before the CRM or the quota said."""
    doubled: timedelta = FIRST_RETRY * 2 ** min(taken.attempts, MAX_DOUBLINGS)
    told = problem.retry_after if isinstance(problem, RetriableError) else None
    return min(max(min(doubled, LONGEST_RETRY), timedelta(seconds=told or 0)), DAILY)
