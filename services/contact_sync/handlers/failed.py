"""A record that cannot be handled, though its neighbours can: tried again, then parked."""

from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.settle import MAX_ATTEMPTS
from services.contact_sync.ports import Parked, Store
from shared.contracts.contact_sync import RecordParked
from shared.kernel.records import ObjectType, Side
from shared.outbox.back_off import back_off, code_of
from shared.outbox.dividing import failure_text
from shared.outbox.mail import Claimed, Outgoing


async def record_failed(store: Store, row: Claimed, error: Exception) -> None:
    """Lets it wait, or parks it after MAX_ATTEMPTS; its journal entries stay open for the next."""
    async with store.begin() as work:
        if row.attempts + 1 < MAX_ATTEMPTS:
            await back_off(work.mail, [row], error)
            return
        claim = Claim(Side(row.side), row.record_id, ObjectType(row.lane))
        parked = Parked(claim, code_of(error), failure_text(error))
        event = RecordParked(
            object_type=claim.object_type,
            side=claim.side,
            record_id=claim.record_id,
            code=parked.code,
            message=parked.message,
        )
        await work.parked.clear(row.connection_id, [claim])
        await work.parked.add(row.connection_id, [parked])
        await work.emit([Outgoing(row.connection_id, f"{row.lane}/{row.record_id}", event)])
        await work.mail.settle([row])
