"""Puts letters into the queue of dead letters, and tells what is in a queue."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

import aio_pika
from aio_pika.abc import AbstractChannel

from shared.contracts.contact_sync import RecordSynced
from shared.kernel.records import ObjectType
from shared.messaging.envelope import CONTENT_TYPE, encode, envelope_for
from tests.integration.plumbing.service import QUEUE

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DEAD = f"{QUEUE}.dead"


def body_of(*subjects: str, connection: UUID | None = None) -> bytes:
    """A message with one event a subject."""
    event = RecordSynced(object_type=ObjectType.CONTACT, hubspot_id="1", salesforce_id="003A")
    connection = connection or uuid4()
    return encode(
        [
            envelope_for(
                event,
                source="contact_sync",
                subject=subject,
                connection_id=connection,
                now=NOON,
                traceparent=None,
            )
            for subject in subjects
        ]
    )


def reason(code: str) -> dict[str, str]:
    """The headers that a consumer gives a dead letter."""
    return {"x-causeway-queue": QUEUE, "x-causeway-code": code, "x-causeway-error": "Why."}


@dataclass(frozen=True)
class Broker:
    """One channel at the broker, under a namespace."""

    channel: AbstractChannel
    namespace: str

    async def put(
        self,
        body: bytes,
        *,
        queue: str = DEAD,
        headers: Mapping[str, str] | None = None,
        message_id: str | None = None,
    ) -> None:
        """Publishes one message into a queue."""
        message = aio_pika.Message(
            body,
            headers={**(reason("unexpected") if headers is None else headers)},
            content_type=CONTENT_TYPE,
            message_id=message_id,
            delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
        )
        await self.channel.default_exchange.publish(message, self.namespace + queue)

    async def bury(self, *subjects: str, code: str = "unexpected") -> None:
        """One letter a subject."""
        for subject in subjects:
            await self.put(body_of(subject), headers=reason(code), message_id=f"m-{subject}")

    async def count(self, queue: str = DEAD) -> int:
        """How many messages wait there."""
        known = await self.channel.declare_queue(self.namespace + queue, passive=True)
        return known.declaration_result.message_count or 0

    async def drain(self, queue: str = DEAD) -> Sequence[aio_pika.abc.AbstractIncomingMessage]:
        """Takes everything out of a queue, in its order."""
        found = []
        source = await self.channel.get_queue(self.namespace + queue, ensure=False)
        while (message := await source.get(fail=False, no_ack=True)) is not None:
            found.append(message)
        return found


@asynccontextmanager
async def at_broker(amqp_url: str, namespace: str) -> AsyncIterator[Broker]:
    """A channel for the length of a test."""
    async with await aio_pika.connect(amqp_url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        yield Broker(channel, namespace)
