"""Consumers that are killed, and messages that come again: each event has its effect once."""

import asyncio
from collections.abc import Sequence

from shared.db.notify import Wakeups
from shared.messaging.envelope import Envelope
from shared.messaging.publisher import AmqpPublisher
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
    publisher = AmqpPublisher(scene.amqp_url, namespace=scene.namespace)
    await publisher.connect()
    await asyncio.gather(*(publisher.publish(message) for message in messages))
    await publisher.close()
    await scene.until_delivered(COPIES * len(QUEUES) * events)

    tale = await closing_audit(scene)

    assert tale.events == events
    assert tale.again >= (COPIES - 1) * len(QUEUES) * events
