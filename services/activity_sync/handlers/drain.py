"""One batch of a lane of activity_sync."""

from collections.abc import Sequence
from functools import partial

from services.activity_sync.handlers.batch import Batch, Drain, record_failed
from services.activity_sync.handlers.note import TIMELINE
from services.activity_sync.handlers.tasks import drain_tasks
from services.activity_sync.handlers.timeline import drain_timeline
from services.activity_sync.ports import Connection, Record
from shared.crm.errors import CrmAuthError, until_reconnected
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from shared.outbox.back_off import back_off
from shared.outbox.dividing import divided
from shared.outbox.mail import Claimed, Lane, traces_of
from shared.telemetry.traces import batch_span

BATCH = 100
"""HubSpot's batch size; Salesforce would take 200."""

NO_SETTINGS = RetriableError("no settings yet", code="no_settings", retry_after=30.0)


async def drain_batch(drain: Drain, lane: Lane) -> int:
    """Handles one batch of the lane's due rows; answers how many rows it claimed."""
    async with drain.store.begin() as work:
        connection = await work.connections.get(lane.connection_id)
        rows = await work.mail.claim(lane, limit=BATCH, lease=drain.lease)
    if not rows:
        return 0
    if connection is None or connection.settings is None:
        async with drain.store.begin() as work:
            await back_off(work.mail, rows, NO_SETTINGS)
        return len(rows)
    handle_some = partial(_handle, drain, connection, lane)
    left, error = await divided(rows, handle_some, partial(record_failed, drain.store))
    if error is not None:
        async with drain.store.begin() as work:
            await back_off(work.mail, left, error)
    return len(rows)


async def _handle(
    drain: Drain, connection: Connection, lane: Lane, rows: Sequence[Claimed]
) -> None:
    by_record = {Record(Side(row.side), row.record_id): row for row in rows}
    batch = Batch(drain, connection, lane.lane, by_record)
    with batch_span("drain", traces_of(rows), lane=lane.lane, records=len(rows)):
        try:
            await (drain_timeline(batch) if lane.lane == TIMELINE else drain_tasks(batch))
        except CrmAuthError as dead:
            raise until_reconnected(dead) from None
