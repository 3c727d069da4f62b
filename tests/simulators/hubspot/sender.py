"""Delivers webhook events: batched, shuffled, signed, repeated until somebody takes them."""

import asyncio
import random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from heapq import heappop, heappush

import httpx2
import msgspec

from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.signatures import signed_headers
from tests.simulators.machinery.numbers import Numbers

MAX_EVENTS = 100
"""Events of one delivery."""
MAX_IN_FLIGHT = 10
"""Deliveries under way at once, unless the app asks for another number."""
TIMEOUT_SECONDS = 5.0
"""How long HubSpot waits for an answer."""
PAUSE_SECONDS = 0.05
"""How often it looks for what is due."""
RETRY_SECONDS = (30, 60, 300, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 28_800)
"""Waits before each of ten more attempts, within 24 h; HubSpot publishes no table."""
JITTER = 0.2
"""A wait is up to so much longer or shorter."""


@dataclass(order=True, slots=True)
class _Waiting:
    due: int
    number: int
    attempt: int = field(compare=False)
    event: Json = field(compare=False)


@dataclass(slots=True)
class Mischief:
    """Shares (0 to 1) of the events that come twice, and that never come."""

    duplicates: float = 0.0
    lost: float = 0.0


class WebhookSender:
    """The queue of events and the loop that empties it."""

    NOT_KEPT = frozenset({"url", "_secret", "_retry_scale", "_in_flight"})

    def __init__(
        self,
        *,
        url: str,
        secret: str,
        retry_scale: float,
        now: Callable[[], int],
        dice: random.Random,
    ) -> None:
        self.url = url
        self.concurrency = MAX_IN_FLIGHT
        self.mischief = Mischief()
        self._secret = secret
        self._retry_scale = retry_scale
        self._now = now
        self._dice = dice
        self._queue: list[_Waiting] = []
        self._numbers = Numbers()
        self._in_flight: set[asyncio.Task[None]] = set()
        self._under_way: dict[int, _Waiting] = {}
        """By number."""
        self._given_up = 0

    def put(self, events: list[Json]) -> None:
        """Queue events; without a target nobody hears of them."""
        if self.url:
            for event in events:
                self._put_one(event)

    def _put_one(self, event: Json) -> None:
        if self._dice.random() < self.mischief.lost:
            return
        self._push(event, 0, self._now())
        if self._dice.random() < self.mischief.duplicates:
            self._push(dict(event), 0, self._now())

    def _push(self, event: Json, attempt: int, due: int) -> None:
        heappush(self._queue, _Waiting(due, next(self._numbers), attempt, event))

    def quiet(self) -> Json:
        """How much is still to come (control plane)."""
        retries = sum(1 for one in self._queue if one.attempt)
        pending = len(self._queue) - retries + len(self._under_way)
        return {
            "pending_webhooks": pending,
            "retries_waiting": retries,
            "given_up": self._given_up,
        }

    def reset(self) -> None:
        """Nothing waits any more; what is under way is not repeated."""
        self._queue.clear()
        self._given_up = 0
        self.mischief = Mischief()

    def resume(self) -> None:
        """After a snapshot: events whose delivery was under way are delivered again."""
        for one in self._under_way.values():
            heappush(self._queue, one)
        self._under_way = {}

    async def run(self) -> None:
        """Deliver what is due, for ever; cancelling it stops all deliveries."""
        async with httpx2.AsyncClient(timeout=TIMEOUT_SECONDS) as client:
            try:
                while True:
                    self._start_what_is_due(client)
                    await asyncio.sleep(PAUSE_SECONDS)
            finally:
                await self._stop()

    async def _stop(self) -> None:
        for task in self._in_flight:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._in_flight, return_exceptions=True)

    def _start_what_is_due(self, client: httpx2.AsyncClient) -> None:
        while len(self._in_flight) < self.concurrency and (batch := self._due_batch()):
            task = asyncio.create_task(self._deliver(client, batch))
            self._in_flight.add(task)
            task.add_done_callback(lambda done: self._landed(client, done))

    def _landed(self, client: httpx2.AsyncClient, task: asyncio.Task[None]) -> None:
        """A free place is used at once, not only after the next pause."""
        self._in_flight.discard(task)
        if not task.cancelled() and not client.is_closed:
            self._start_what_is_due(client)

    def _due_batch(self) -> list[_Waiting]:
        now = self._now()
        batch: list[_Waiting] = []
        while self._queue and self._queue[0].due <= now and len(batch) < MAX_EVENTS:
            batch.append(heappop(self._queue))
        self._dice.shuffle(batch)
        return batch

    async def _deliver(self, client: httpx2.AsyncClient, batch: list[_Waiting]) -> None:
        self._under_way |= {one.number: one for one in batch}
        try:
            if not await self._taken(client, batch):
                self._try_again(batch)
        finally:
            for one in batch:
                del self._under_way[one.number]

    async def _taken(self, client: httpx2.AsyncClient, batch: list[_Waiting]) -> bool:
        body = msgspec.json.encode([{**one.event, "attemptNumber": one.attempt} for one in batch])
        # By the real clock, which is the receiver's: HubSpot's own is never half an hour off.
        headers = signed_headers(self._secret, self.url, body, time.time_ns() // 1_000_000)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                answer = await client.post(self.url, content=body, headers=headers)
        except (httpx2.HTTPError, TimeoutError):
            return False
        return answer.is_success

    def _try_again(self, batch: list[_Waiting]) -> None:
        for one in batch:
            if one.attempt >= len(RETRY_SECONDS):
                self._given_up += 1
                continue
            spread = self._dice.uniform(1 - JITTER, 1 + JITTER)
            wait = RETRY_SECONDS[one.attempt] * spread * self._retry_scale
            self._push(one.event, one.attempt + 1, self._now() + int(wait * 1_000))
