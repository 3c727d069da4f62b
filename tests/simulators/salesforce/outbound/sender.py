"""Delivers outbound messages while the org runs."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

import httpx2

from tests.simulators.salesforce.outbound.acks import refusal
from tests.simulators.salesforce.outbound.envelope import envelope
from tests.simulators.salesforce.outbound.messages import Notification, OutboundMessage
from tests.simulators.salesforce.outbound.queue import OutboundQueue

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

PAUSE_SECONDS = 0.05
"""How often it looks for what is due."""
MAX_IN_FLIGHT = 4
"""Envelopes under way at once."""
HEADERS = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": '""'}


class OutboundSender:
    """The loop that empties the org's queue, whichever queue the org has after a reset."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._queue: OutboundQueue = org.outbound
        self._in_flight: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Deliver what is due, for ever; cancelling it stops all deliveries."""
        async with httpx2.AsyncClient(timeout=None, trust_env=False) as client:
            try:
                while True:
                    await self._look(client)
                    await asyncio.sleep(PAUSE_SECONDS)
            finally:
                await self._stop()

    async def _look(self, client: httpx2.AsyncClient) -> None:
        if self._queue is not self._org.outbound:
            await self._stop()
            self._queue = self._org.outbound
        if not self._queue.messages:
            return
        # Bulk jobs write while nobody asks for them, and their writes fire rules.
        self._org.settle()
        self._queue.collect()
        while len(self._in_flight) < MAX_IN_FLIGHT and (due := self._queue.take_due()):
            task = asyncio.create_task(self._deliver(client, *due))
            self._in_flight.add(task)
            task.add_done_callback(self._in_flight.discard)

    async def _stop(self) -> None:
        for task in self._in_flight:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*self._in_flight, return_exceptions=True)

    async def _deliver(
        self, client: httpx2.AsyncClient, message: OutboundMessage, batch: list[Notification]
    ) -> None:
        queue = self._queue
        text, sent = self._written(queue, message, batch)
        if sent:
            queue.settle(sent, await self._attempt(client, message.endpoint_url, text))

    def _written(
        self, queue: OutboundQueue, message: OutboundMessage, batch: list[Notification]
    ) -> tuple[str, list[Notification]]:
        parts = []
        for one in batch:
            record = self._org.store.get(message.object, one.record_id)
            if record is None or record.deleted_at is not None:
                queue.give_up(one)
            else:
                parts.append((one, record))
        text = envelope(
            message,
            parts,
            org_id=self._org.settings.org_id,
            session_id=self._session() if message.include_session and parts else "",
        )
        return text, [one for one, _ in parts]

    def _session(self) -> str:
        user = self._org.members[0]
        opened = self._org.grants.open_session(user, ("api",), None, self._org.settings.org_id)
        return opened.token

    async def _attempt(self, client: httpx2.AsyncClient, url: str, text: str) -> str:
        seconds = self._org.switches.outbound_timeout_seconds
        try:
            async with asyncio.timeout(seconds):
                answer = await client.post(url, content=text.encode(), headers=HEADERS)
        except TimeoutError:
            return f"no answer within {seconds:g} s"
        except httpx2.HTTPError as problem:
            return type(problem).__name__
        return refusal(answer.status_code, answer.headers.get("content-type", ""), answer.content)
