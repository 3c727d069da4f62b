"""Consumers that are killed, and messages that come again: each event has its effect once."""

import asyncio
from collections.abc import Sequence

from shared.db.notify import Wakeups
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import AmqpPublisher, PublishFailedError
from shared.outbox.relay import Relay
from tests.chaos.broker.audit import closing_audit
from tests.chaos.broker.ledger import QUEUES
from tests.chaos.broker.scene import Scene
from tests.chaos.broker.worker import CONSUMERS, DRAIN, RELAY
from tests.chaos.conftest import CHAOS

pytestmark = CHAOS

COPIES = 3


async def test_p3_i3_consumers_killed_amid_messages_apply_each_event_once(
    scene: Scene, events: int, rounds: int
) -> None:
    scene.worker(RELAY)
    consumers = scene.worker(CONSUMERS, DRAIN)
    producing = asyncio.create_task(scene.ledger.produce(events))
    for moment in scene.moments(events, rounds):
        await scene.until_delivered(moment)
        consumers.kill()
        consumers = scene.worker(CONSUMERS, DRAIN)
    await producing

    tale = await closing_audit(scene)

    assert tale.events == events


class Tap:
    """Takes what the relay publishes, and lets it out later."""

    def __init__(self) -> None:
        self.held: list[Sequence[Envelope]] = []

    async def publish(self, batch: Sequence[Envelope]) -> None:
        self.held.append(batch)


async def unconfirmed(
    scene: Scene, messages: Sequence[Sequence[Envelope]]
) -> list[Sequence[Envelope]]:
    """Publishes all; answers what has to be published again, as a relay does on a busy machine."""
    publisher = AmqpPublisher(scene.amqp_url, namespace=scene.namespace)
    await publisher.connect()
    sending = (publisher.publish(message) for message in messages)
    ends = await asyncio.gather(*sending, return_exceptions=True)
    await publisher.close()
    for end in ends:
        assert end is None or isinstance(end, PublishFailedError), end
    return [message for message, end in zip(messages, ends, strict=True) if end is not None]


async def test_p5_every_message_three_times_in_any_order_has_one_effect(
    scene: Scene, events: int
) -> None:
    """Two consumer processes beside each other, so that copies of one event meet."""
    tap, ledger = Tap(), scene.ledger
    await ledger.produce(events)
    relay = Relay(ledger.database, ledger.outbox, tap, Wakeups(ledger.database.url))
    while await relay.relay_some():
        pass
    messages = tap.held * COPIES
    scene.dice.shuffle(messages)
    for _ in range(2):
        scene.worker(CONSUMERS, DRAIN)
    while messages:
        messages = await unconfirmed(scene, messages)
    await scene.until_delivered(COPIES * len(QUEUES) * events)

    tale = await closing_audit(scene)

    assert tale.events == events
    assert tale.again >= (COPIES - 1) * len(QUEUES) * events
