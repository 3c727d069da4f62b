"""Serves the lanes of a mailbox, one batch after the other, the longest-waiting lane first."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from shared.db.notify import Wakeups
from shared.kernel.ids import IdSource
from shared.outbox.mail import Lane, Mail

QUIET_POLL_SECONDS = 1.0
"""A notification wakes the drain; this poll finds rows whose time has come."""


class HasMail(Protocol):
    """A unit of work with a mailbox in it."""

    @property
    def mail(self) -> Mail:
        """The mailbox within this transaction."""
        ...


class MailStore(Protocol):
    """A service's store, as far as its mailbox goes."""

    def begin(self) -> AbstractAsyncContextManager[HasMail]:
        """A transaction, committed when the context ends without an error."""
        ...


@dataclass(frozen=True, slots=True)
class LaneServer:
    """Drains whatever lane is due. `serve` handles one batch and answers how many rows it had.

    A lane is given back after each batch, so that a busy connection delays another one by one
    batch at the most; `lease` is how long a crashed worker's lane stays held.
    """

    store: MailStore
    serve: Callable[[Lane], Awaitable[int]]
    wakeups: Wakeups
    channel: str
    lease: timedelta
    new_id: IdSource

    async def run(self, stop: asyncio.Event) -> None:
        """Serves until told to stop, and finishes the batch in hand (I8)."""
        lane: Lane | None = None
        try:
            while not stop.is_set():
                lane = await self._next(lane)
                if lane is not None and await self.serve(lane):
                    continue
                await self._give_back(lane)
                lane = None
                await self.wakeups.wait(self.channel, QUIET_POLL_SECONDS)
        finally:
            await self._give_back(lane)

    async def _next(self, lane: Lane | None) -> Lane | None:
        """The lane that has waited longest, in one transaction with giving back the last one."""
        async with self.store.begin() as work:
            if lane is not None:
                await work.mail.release_lane(lane)
            return await work.mail.claim_lane(holder=self.new_id(), lease=self.lease)

    async def _give_back(self, lane: Lane | None) -> None:
        if lane is not None:
            async with self.store.begin() as work:
                await work.mail.release_lane(lane)
