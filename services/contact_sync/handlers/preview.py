"""Settings tried on real records: everything that a drain would do, up to the first write.

Nothing is stored and nothing is sent to a CRM but questions; what is left out is what makes a
drain's work lasting (intend, execute, settle).
"""

from collections import Counter
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from services.contact_sync.domain.allowance import Left, formula
from services.contact_sync.domain.cost import Resync, Seen, Sizes, resync, write_calls
from services.contact_sync.domain.preview import Foreseen, foreseen
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.decide import Decided, decided
from services.contact_sync.handlers.drain import BATCH
from services.contact_sync.handlers.execute import grouped
from services.contact_sync.handlers.imports import PAGE
from services.contact_sync.handlers.sample import Sample, sampled
from services.contact_sync.ports import Around, Connection, CrmReads, Crms, Store
from shared.contracts.settings import Settings
from shared.contracts.standing import SYNC, Standing
from shared.crm.errors import CrmAuthError
from shared.crm.hubspot.batch import BATCH_SIZE
from shared.crm.hubspot.reading import READ_SIZE
from shared.crm.salesforce.collections import COLLECTION_SIZE
from shared.kernel.clock import Clock
from shared.kernel.errors import FatalError
from shared.kernel.records import Side

MOST_RECORDS = BATCH
"""A preview is one batch of a drain, so it costs what one batch costs."""

PURPOSE = "setup"
SIZES = Sizes(
    batch=BATCH,
    page=PAGE,
    hubspot_read=READ_SIZE,
    write={Side.HUBSPOT: BATCH_SIZE, Side.SALESFORCE: COLLECTION_SIZE},
)


class UnknownConnectionError(FatalError):
    """There is no such connection."""


class PreviewRefusedError(FatalError):
    """The connection is in no state to be looked at; the code says in which it is."""


@dataclass(frozen=True, slots=True)
class Previewer:
    """What previews need."""

    store: Store
    crms: Crms
    around: Around
    clock: Clock


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be tried. Without `settings` those that the connection has.

    `while_paused` says that somebody knows of the pause and wants the calls to be made anyhow.
    """

    connection_id: UUID
    sample: Sample
    settings: Settings | None = None
    while_paused: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, and what it costs. `calls` were made for the preview itself."""

    sampled: int
    found: Sequence[Foreseen]
    settings_version: int
    calls: Map[Side, int]
    write_calls: Map[Side, int]
    resync: Resync
    formula: str
    left: Map[Side, Left]
    pages: Map[Side, str]


async def preview(previewer: Previewer, asked: Asked) -> Preview:
    """Reads the sample and both sides' sizes, decides, and tells.

    Raises:
        UnknownConnectionError, PreviewRefusedError: it cannot be looked at; the text says why.
        RetriableError: quota grants no calls now, or a CRM does not answer.
        FatalError: a CRM refuses the reading, such as a field that it does not have.
    """
    connection, settings = await _connection(previewer.store, asked)
    try:
        async with previewer.crms.open(connection, purpose=PURPOSE) as crm:
            claims = await sampled(crm, asked.sample)
            found, reads = await _decided(previewer, crm, connection, settings, claims)
            records = await crm.counts()
            calls = dict(crm.calls)
        pages = await previewer.around.pages(connection)
    except CrmAuthError as dead:
        raise PreviewRefusedError(str(dead), code="connection_broken") from None
    left = await previewer.around.left(connection.id)
    told = [foreseen(outcome) for outcome in found.outcomes]
    by_side = Counter(claim.side for claim in claims)
    seen = Seen({side: by_side[side] for side in Side}, reads, told)
    estimate = resync(records, seen, SIZES)
    rows = {group: len(some) for group, some in grouped(connection, found.syncs).items()}
    return Preview(
        sampled=len(claims),
        found=told,
        settings_version=settings.version,
        calls=calls,
        write_calls=write_calls(rows, SIZES),
        resync=estimate,
        formula=formula(estimate, SIZES, reads),
        left=left,
        pages=pages,
    )


async def _decided(
    previewer: Previewer,
    crm: CrmReads,
    connection: Connection,
    settings: Settings,
    claims: Sequence[Claim],
) -> tuple[Decided, Map[Side, int]]:
    """The decisions, and the calls that a batch costs each time.

    Owners are kept for a quarter of an hour, so they are read apart.
    """
    await crm.owners()
    before = dict(crm.calls)
    found = await decided(
        previewer.store, crm, connection, settings, claims=claims, clock=previewer.clock
    )
    return found, {side: crm.calls[side] - before[side] for side in Side}


async def _connection(store: Store, asked: Asked) -> tuple[Connection, Settings]:
    """The connection as if it had the settings that are tried."""
    async with store.begin() as work:
        known = await work.connections.get(asked.connection_id)
    if known is None:
        raise UnknownConnectionError(
            "No such connection is known here. Check the id; a new one is known when both CRMs "
            "are connected.",
            code="unknown_connection",
        )
    _check_standing(known, while_paused=asked.while_paused)
    settings = asked.settings or known.settings
    if settings is None:
        raise PreviewRefusedError(
            "This connection has no settings yet. Send the draft's as `settings`.",
            code="no_settings",
        )
    return replace(known, settings=settings), settings


def _check_standing(known: Connection, *, while_paused: bool) -> None:
    standing = known.standing
    if standing.removed or standing.broken:
        code = "connection_removed" if standing.removed else "connection_broken"
        raise PreviewRefusedError(
            f"Nothing can be read: {standing.waits_for}. Connect it again on the connection's "
            "page, then repeat the preview.",
            code=code,
        )
    if not known.portal_id or not known.org_id:
        raise PreviewRefusedError(
            "Connect both CRMs first: a preview reads both.", code="connection_incomplete"
        )
    if _paused(standing) and not while_paused:
        raise PreviewRefusedError(
            "The sync is paused, and a preview makes API calls. Resume the sync, or send "
            "`while_paused`: true to look all the same; nothing is written either way.",
            code="sync_paused",
        )


def _paused(standing: Standing) -> bool:
    """Paused by somebody; a sync that was never started is not."""
    return SYNC in standing.heard and not standing.running
