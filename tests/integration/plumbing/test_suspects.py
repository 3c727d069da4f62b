"""A suspect that comes back is taken apart, so that its neighbours do not die with it."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import aio_pika

from shared.contracts.contact_sync import RecordSynced
from shared.messaging.envelope import Envelope, encode, envelope_for
from shared.messaging.topology import Subscription
from tests.contracts.plumbing.buses import consuming
from tests.fakes.broker import topology
from tests.fakes.clock import NOON
from tests.integration.plumbing.service import PATIENCE, outgoing

CONNECTION = UUID(int=9)


async def test_p9_i7_a_suspect_that_comes_back_is_tried_event_by_event(
    amqp_url: str, namespace: str
) -> None:
    """As after a handler that ended the process: nobody knows which event it was."""
    heard: list[list[str]] = []
    all_heard = asyncio.Event()

    async def hear(batch: Sequence[Envelope]) -> None:
        heard.append([envelope.subject for envelope in batch])
        if len(heard) == 3:
            all_heard.set()

    wanted = Subscription("plumbing.suspicious", (RecordSynced,), hear)
    async with topology(amqp_url, [wanted], namespace=namespace):
        async with await aio_pika.connect(amqp_url) as connection:
            channel = await connection.channel()
            name = namespace + wanted.suspect_queue
            await channel.default_exchange.publish(aio_pika.Message(together("1", "2", "3")), name)
            taken = await (await channel.get_queue(name)).get(timeout=5)
            await taken.reject(requeue=True)
        async with asyncio.timeout(PATIENCE), consuming(amqp_url, namespace, [wanted]):
            await all_heard.wait()

    assert heard == [["1"], ["2"], ["3"]]


def together(*subjects: str) -> bytes:
    return encode(
        [
            envelope_for(
                each.event,
                source="plumbing",
                subject=each.subject,
                connection_id=CONNECTION,
                now=NOON,
                traceparent=None,
            )
            for each in outgoing(CONNECTION, *subjects)
        ]
    )
