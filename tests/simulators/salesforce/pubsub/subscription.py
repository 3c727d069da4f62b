"""One stream of events to one subscriber: what it asked for, what it gets, when it ends."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.simulators.salesforce.pubsub.door import existing_topic, hidden_fields
from tests.simulators.salesforce.pubsub.messages import Delivered, Fetch
from tests.simulators.salesforce.pubsub.refusals import (
    MAX_WANTED,
    RefusedError,
    dropped,
    nothing_wanted,
    other_topic,
    too_many_deliveries,
)

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

MAX_BATCH = 40
"""Events of one response, so that a large request gets several."""
PAUSE_SECONDS = 0.05
"""How long it sleeps at the most: the virtual clock wakes nobody up."""


class Subscription:
    """RefusedError from any call ends the stream with it."""

    def __init__(self, org: "Org", user_id: str, first: Fetch, rpc_id: str) -> None:
        self._org = org
        self._home = org.capture
        self._user_id = user_id
        self.rpc_id = rpc_id
        self.topic = existing_topic(org, first.topic)
        self._refuse_over_limit()
        self._place = self._home.bus.start(first.preset, first.replay_id)
        self.pending = 0
        self.delivered = 0
        self._problem: RefusedError | None = None
        self._closed = False
        self._wake = asyncio.Event()
        self._spoke_at = org.clock.seconds()
        self.ask(first)

    def _refuse_over_limit(self) -> None:
        if self._allowance() <= 0:
            raise too_many_deliveries()

    def _allowance(self) -> int:
        used = self._home.deliveries.used(self._org.clock.seconds())
        return self._home.allowed - used

    def ask(self, request: Fetch) -> None:
        """The subscriber is ready for more events."""
        if request.topic and request.topic != self.topic:
            raise other_topic()
        if request.wanted <= 0:
            raise nothing_wanted()
        self.pending += min(request.wanted, MAX_WANTED)
        self._spoke_at = self._org.clock.seconds()
        self._wake.set()

    def end(self, problem: RefusedError | None = None) -> None:
        """The subscriber asks for nothing any more, or the stream is to break."""
        self._problem = self._problem or problem
        self._closed = True
        self._wake.set()

    def drop(self) -> None:
        """Break the stream."""
        self.end(dropped())

    @property
    def over(self) -> bool:
        """Whether the stream ends, in peace: its subscriber is gone or has been silent too long."""
        if self._org.capture is not self._home:
            raise dropped()
        if self._problem is not None:
            raise self._problem
        idle = self._org.switches.pubsub_idle_seconds
        return self.pending == 0 and (self._closed or self._silence() >= idle)

    def _silence(self) -> float:
        return self._org.clock.seconds() - self._spoke_at

    def take(self) -> list[Delivered]:
        """The next events, which count as delivered by this; none if there are none."""
        most = min(self.pending, MAX_BATCH)
        found = self._home.bus.after(self._place, self.topic, most) if most else []
        if not found:
            return []
        self._refuse_over_limit()
        batch = found[: self._allowance()]
        self._place = batch[-1][0].number
        self.pending -= len(batch)
        self.delivered += len(batch)
        now = self._spoke_at = self._org.clock.seconds()
        self._home.deliveries.add(now, len(batch))
        return [
            Delivered(
                event.id,
                event.draft.schema.id,
                event.payload(hidden_fields(self._org, event.draft.schema.object, self._user_id)),
                position.replay_id,
            )
            for position, event in batch
        ]

    def keepalive(self) -> bytes:
        """A fresh replay id when it is time for a sign of life, else nothing.

        Only a subscriber who waits gets one: all events before it have been delivered.
        """
        if not self.pending or self._silence() < self._org.switches.pubsub_keepalive_seconds:
            return b""
        self._spoke_at = self._org.clock.seconds()
        return self._home.bus.tip()

    async def wait(self) -> None:
        """Until something may have happened."""
        listeners = self._home.bus.listeners
        listeners.add(self._wake)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(PAUSE_SECONDS):
                    await self._wake.wait()
        finally:
            listeners.discard(self._wake)
        self._wake.clear()

    @property
    def undelivered(self) -> int:
        """Events on the bus that are still to come."""
        return len(self._home.bus.after(self._place, self.topic, self._home.bus.retained))

    def as_json(self) -> dict[str, object]:
        """What the control plane shows."""
        return {
            "rpc_id": self.rpc_id,
            "topic": self.topic,
            "pending": self.pending,
            "delivered": self.delivered,
            "undelivered": self.undelivered,
        }
