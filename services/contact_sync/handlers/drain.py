"""One batch of a lane: claim, read, decide, write down the intent, write, settle.

No transaction is open while a CRM is called (I5). A crash at any point costs a wait: the
claims' leases end, the next drain looks again, and what was written is found, not repeated.
"""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from services.contact_sync.domain.journal import Entry, Operation, resolve, writes_on
from services.contact_sync.domain.outcome import Outcome, Sync, judge, with_times
from services.contact_sync.domain.pairing import Unit, units
from services.contact_sync.domain.plan import Context
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.execute import execute
from services.contact_sync.handlers.failed import record_failed
from services.contact_sync.handlers.observe import observe
from services.contact_sync.handlers.settle import Settlement, settle
from services.contact_sync.handlers.translate import mappings_of, owner_pairs, policy_of
from services.contact_sync.ports import Connection, Crm, Crms, HashOf, Settled, Store
from shared.contracts.settings import Settings
from shared.crm.errors import CrmAuthError, until_reconnected
from shared.kernel.clock import Clock
from shared.kernel.errors import RetriableError
from shared.kernel.ids import IdSource
from shared.kernel.records import Side
from shared.outbox.back_off import back_off
from shared.outbox.dividing import divided
from shared.outbox.mail import Claimed, Lane, Priority, traces_of
from shared.telemetry.traces import batch_span

BATCH = 200
"""One Salesforce Collections call takes 200 records; HubSpot's batches are half of that."""

NO_SETTINGS = RetriableError("no settings yet", code="no_settings", retry_after=30.0)
"""Changes that arrive before the settings wait this long; the settings' arrival ends it."""


@dataclass(frozen=True, slots=True)
class Drain:
    """What draining needs; `lease` is how long a crashed worker's claims stay held."""

    store: Store
    crms: Crms
    clock: Clock
    new_id: IdSource
    hash_of: HashOf
    lease: timedelta


async def drain_batch(drain: Drain, lane: Lane) -> int:
    """Handles one batch of the lane's due rows; answers how many rows it claimed."""
    async with drain.store.begin() as work:
        connection = await work.connections.get(lane.connection_id)
        claimed = await work.mail.claim(lane, limit=BATCH, lease=drain.lease)
    if not claimed:
        return 0
    if connection is None or connection.settings is None:
        async with drain.store.begin() as work:
            await back_off(work.mail, claimed, NO_SETTINGS)
        return len(claimed)
    batch = Batch(drain, connection, connection.settings, by_claim(claimed))

    async def handle(rows: Sequence[Claimed]) -> None:
        with batch_span("drain", traces_of(rows), lane=lane.lane, records=len(rows)):
            try:
                await _handle(replace(batch, by_claim=by_claim(rows)))
            except CrmAuthError as dead:
                raise until_reconnected(dead) from None

    left, error = await divided(claimed, handle, partial(record_failed, drain.store))
    if error is not None:
        async with drain.store.begin() as work:
            await back_off(work.mail, left, error)
    return len(claimed)


def by_claim(rows: Sequence[Claimed]) -> Map[Claim, Claimed]:
    """Claimed rows by the record that they are about."""
    return {Claim(Side(row.side), row.record_id): row for row in rows}


@dataclass(frozen=True, slots=True)
class Batch:
    """The claims of one batch, under the settings that were in force when they were claimed."""

    drain: Drain
    connection: Connection
    settings: Settings
    by_claim: Map[Claim, Claimed]

    @property
    def purpose(self) -> str:
        """What the calls are for, so that quota can keep a reserve for live work."""
        imported = all(row.priority >= Priority.IMPORT for row in self.by_claim.values())
        return "import" if imported else "live"


async def _handle(batch: Batch) -> None:
    drain, connection = batch.drain, batch.connection
    async with drain.crms.open(connection, purpose=batch.purpose) as crm:
        world = await observe(drain.store, crm, connection, list(batch.by_claim))
        context = await _context(batch, crm)
        found = units(batch.by_claim, world)
        outcomes = await _judge(batch, crm, context, found)
        syncs = [outcome for outcome in outcomes if isinstance(outcome, Sync)]
        entries = await _intend(batch, context, found, syncs)
        executed = await execute(connection, crm, syncs)
    context = replace(context, now=drain.clock.now())
    settlement = Settlement(connection, context, batch.by_claim, outcomes, executed, entries)
    await settle(drain.store, settlement, drain.hash_of, drain.new_id)


async def _context(batch: Batch, crm: Crm) -> Context:
    return Context(
        mappings=mappings_of(batch.settings),
        owners=(await crm.owners()).paired(owner_pairs(batch.settings)),
        now=batch.drain.clock.now(),
        salesforce_wins_undecided=batch.settings.contacts.undecidable == "salesforce_wins",
    )


async def _judge(
    batch: Batch,
    crm: Crm,
    context: Context,
    found: Sequence[Unit],
) -> list[Outcome]:
    """All outcomes; property histories are read once, and only for records in conflict."""
    policy = policy_of(batch.settings)
    outcomes = [judge(unit, context, policy) for unit in found]
    wanted = {
        outcome.unit.pair.hubspot.id: outcome.plan.needs_times
        for outcome in outcomes
        if isinstance(outcome, Sync) and outcome.plan.needs_times and outcome.unit.pair.hubspot
    }
    if not wanted:
        return outcomes
    times = await crm.hubspot_times(wanted)
    return [
        with_times(o, times.get(o.unit.pair.hubspot.id, {}), context)
        if isinstance(o, Sync) and o.unit.pair.hubspot and o.plan.needs_times
        else o
        for o in outcomes
    ]


async def _intend(
    batch: Batch,
    context: Context,
    found: Sequence[Unit],
    syncs: Sequence[Sync],
) -> dict[tuple[int, Side], Entry]:
    """Resolves what a crash left open, then stores this batch's intents, in one transaction."""
    connection_id = batch.connection.id
    entries = {
        (index, side): _entry(batch, sync, side)
        for index, sync in enumerate(syncs)
        for side in Side
        if sync.create is side or writes_on(sync, side)
    }
    async with batch.drain.store.begin() as work:
        open_entries = await work.journal.open_entries(
            connection_id,
            {u.pair.hubspot.id for u in found if u.pair.hubspot},
            {u.pair.salesforce.id for u in found if u.pair.salesforce},
        )
        await work.journal.settle(connection_id, _resolved(open_entries, found, context))
        await work.journal.add(connection_id, list(entries.values()))
    return entries


def _entry(batch: Batch, sync: Sync, side: Side) -> Entry:
    pair, row = sync.unit.pair, batch.by_claim[sync.unit.claims[0]]
    return Entry(
        id=batch.drain.new_id(),
        side=side,
        operation=Operation.CREATE if sync.create is side else Operation.UPDATE,
        object_name="contacts" if side is Side.HUBSPOT else sync.object_name,
        hubspot_id=pair.hubspot.id if pair.hubspot else None,
        salesforce_id=pair.salesforce.id if pair.salesforce else None,
        fields=writes_on(sync, side),
        cause=row.cause,
        settings_version=batch.settings.version,
        traceparent=row.traceparent,
    )


def _resolved(
    open_entries: Sequence[Entry],
    found: Sequence[Unit],
    context: Context,
) -> list[Settled]:
    pairs = [unit.pair for unit in found]
    by_hubspot = {pair.hubspot.id: pair for pair in pairs if pair.hubspot}
    by_salesforce = {pair.salesforce.id: pair for pair in pairs if pair.salesforce}
    settled = []
    for entry in open_entries:
        pair = by_hubspot.get(entry.hubspot_id or "") or by_salesforce.get(
            entry.salesforce_id or "",
        )
        if pair is not None:
            status = resolve(entry, pair, context.mappings, context.owners)
            settled.append(
                Settled(
                    entry.id,
                    status,
                    hubspot_id=pair.hubspot.id if pair.hubspot else None,
                    salesforce_id=pair.salesforce.id if pair.salesforce else None,
                ),
            )
    return settled
