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
from services.contact_sync.domain.objects import ALL_OBJECTS, Objects
from services.contact_sync.domain.outcome import Sync
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.decide import Decided, decided
from services.contact_sync.handlers.execute import execute
from services.contact_sync.handlers.failed import record_failed
from services.contact_sync.handlers.settle import Settlement, settle
from services.contact_sync.handlers.translate import is_on
from services.contact_sync.ports import Connection, Crms, HashOf, Settled, Store
from shared.contracts.settings import Settings
from shared.crm.errors import CrmAuthError, until_reconnected
from shared.kernel.clock import Clock
from shared.kernel.errors import RetriableError
from shared.kernel.ids import IdSource
from shared.kernel.records import ObjectType, Side
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
    object_type = ObjectType(lane.lane)
    if not is_on(connection.settings, object_type):
        async with drain.store.begin() as work:
            await work.mail.settle(claimed)
        return len(claimed)
    batch = Batch(
        drain, connection, connection.settings, by_claim(claimed), ALL_OBJECTS[object_type]
    )

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
    return {Claim(Side(row.side), row.record_id, ObjectType(row.lane)): row for row in rows}


@dataclass(frozen=True, slots=True)
class Batch:
    """The claims of one batch, under the settings that were in force when they were claimed."""

    drain: Drain
    connection: Connection
    settings: Settings
    by_claim: Map[Claim, Claimed]
    objects: Objects

    @property
    def purpose(self) -> str:
        """What the calls are for, so that quota can keep a reserve for live work."""
        imported = all(row.priority >= Priority.IMPORT for row in self.by_claim.values())
        return "import" if imported else "live"


async def _handle(batch: Batch) -> None:
    drain, connection = batch.drain, batch.connection
    object_type = batch.objects.object_type
    opened = drain.crms.open(connection, purpose=batch.purpose, object_type=object_type)
    async with opened as crm:
        found = await decided(
            drain.store,
            crm,
            connection,
            batch.settings,
            claims=batch.by_claim,
            clock=drain.clock,
            object_type=object_type,
        )
        entries = await _intend(batch, found)
        executed = await execute(connection, crm, found.syncs)
    context = replace(found.context, now=drain.clock.now())
    settlement = Settlement(connection, context, batch.by_claim, found.outcomes, executed, entries)
    await settle(drain.store, settlement, drain.hash_of, drain.new_id)


async def _intend(batch: Batch, found: Decided) -> dict[tuple[int, Side], Entry]:
    """Resolves what a crash left open, then stores this batch's intents, in one transaction."""
    connection_id = batch.connection.id
    entries = {
        (index, side): _entry(batch, sync, side)
        for index, sync in enumerate(found.syncs)
        for side in Side
        if sync.create is side or writes_on(sync, side)
    }
    async with batch.drain.store.begin() as work:
        open_entries = await work.journal.open_entries(
            connection_id,
            {u.pair.hubspot.id for u in found.units if u.pair.hubspot},
            {u.pair.salesforce.id for u in found.units if u.pair.salesforce},
            batch.objects.object_type,
        )
        await work.journal.settle(connection_id, _resolved(open_entries, found))
        await work.journal.add(connection_id, list(entries.values()))
    return entries


def _entry(batch: Batch, sync: Sync, side: Side) -> Entry:
    pair, row = sync.unit.pair, batch.by_claim[sync.unit.claims[0]]
    return Entry(
        id=batch.drain.new_id(),
        side=side,
        operation=Operation.CREATE if sync.create is side else Operation.UPDATE,
        object_name=batch.objects.hubspot if side is Side.HUBSPOT else sync.object_name,
        hubspot_id=pair.hubspot.id if pair.hubspot else None,
        salesforce_id=pair.salesforce.id if pair.salesforce else None,
        fields=writes_on(sync, side),
        cause=row.cause,
        settings_version=batch.settings.version,
        traceparent=row.traceparent,
    )


def _resolved(open_entries: Sequence[Entry], found: Decided) -> list[Settled]:
    context = found.context
    pairs = [unit.pair for unit in found.units]
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
