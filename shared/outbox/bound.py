"""The mailbox bound to one transaction: what a unit of work hands to its use case."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from shared.outbox.mail import Claimed, Lane, Note
from shared.outbox.mailbox import Mailbox


class BoundMailbox:
    """The `Mail` port over a mailbox and somebody else's transaction. Empty lists cost nothing."""

    def __init__(self, mailbox: Mailbox, conn: AsyncConnection) -> None:
        self._mailbox = mailbox
        self._conn = conn

    async def note(self, notes: Sequence[Note]) -> None:
        """Puts news into the mailbox."""
        if notes:
            await self._mailbox.note(self._conn, notes)

    async def pause(self, connection_id: UUID, reason: str) -> None:
        """Holds all lanes of a connection."""
        await self._mailbox.pause(self._conn, connection_id, reason)

    async def resume(self, connection_id: UUID) -> None:
        """Frees the lanes of a connection."""
        await self._mailbox.resume(self._conn, connection_id)

    async def postpone_connection(self, connection_id: UUID, until: datetime) -> None:
        """Lets everything that waits of a connection wait until then."""
        await self._mailbox.postpone_connection(self._conn, connection_id, until)

    async def claim_lane(self, *, holder: UUID, lease: timedelta) -> Lane | None:
        """The due lane that was served longest ago, or None."""
        return await self._mailbox.claim_lane(self._conn, holder=holder, lease=lease)

    async def release_lane(self, lane: Lane) -> None:
        """Gives a lane back before its lease ends."""
        await self._mailbox.release_lane(self._conn, lane)

    async def claim(self, lane: Lane, *, limit: int, lease: timedelta) -> list[Claimed]:
        """Due rows of a lane, held until the lease ends."""
        return await self._mailbox.claim(self._conn, lane, limit=limit, lease=lease)

    async def settle(self, done: Sequence[Claimed]) -> None:
        """Deletes rows that have not changed since they were claimed."""
        if done:
            await self._mailbox.settle(self._conn, done)

    async def postpone(
        self,
        claimed: Sequence[Claimed],
        *,
        due_in: timedelta,
        reason: str,
        count_attempt: bool,
    ) -> None:
        """Lets claimed rows wait."""
        if claimed:
            await self._mailbox.postpone(
                self._conn,
                claimed,
                due_in=due_in,
                reason=reason,
                count_attempt=count_attempt,
            )
