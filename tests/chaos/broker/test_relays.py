"""P4: relays that are killed between a confirm and the delete, two at once, on a failing broker.

The relay promises that nothing is lost, not that order holds: what a killed relay had confirmed is
published again after newer events, and so does a broker's restart. Order comes from the mailbox
(design: section 5): an event only says that a record changed, and whoever acts on it reads the
record as it is by then. So the audit counts effects and compares the newest states; how often a
sequence went back at a consumer is told, not judged.
"""

import asyncio
from functools import partial

from deploy.stack.process import Child
from tests.chaos.broker.audit import closing_audit
from tests.chaos.broker.ledger import OUTBOX
from tests.chaos.broker.scene import Scene
from tests.chaos.broker.worker import CONSUMERS, DRAIN, FRAGILE_RELAY
from tests.chaos.conftest import CHAOS

pytestmark = CHAOS

RESTART_EACH = 3
"""In every third round the broker is killed as well."""


async def test_p4_relays_killed_between_publish_and_delete_lose_nothing(
    scene: Scene, events: int, rounds: int
) -> None:
    scene.worker(CONSUMERS, DRAIN)
    killed, part = 0, events // rounds
    for number in range(rounds):
        left = events - number * part if number == rounds - 1 else part
        relays = [fragile(scene, part) for _ in range(2)]
        seen = scene.delivered()
        producing = asyncio.create_task(scene.ledger.produce(left))
        if number % RESTART_EACH == 1:
            await scene.until_delivered(seen + 1)
            await asyncio.to_thread(scene.controls.kill_rabbitmq)
            await asyncio.to_thread(scene.controls.start_rabbitmq)
        await producing
        await scene.until(partial(nothing_left_to_do, scene, relays))
        for relay in relays:
            killed += not relay.alive()
            if relay.alive():
                relay.stop()
    scene.worker(FRAGILE_RELAY)

    tale = await closing_audit(scene)

    assert tale.events == events
    assert killed >= rounds
    assert tale.again > 0


def fragile(scene: Scene, part: int) -> Child:
    """A relay that dies after some messages: two of them cannot outlive a part together."""
    return scene.worker(FRAGILE_RELAY, publishes=1 + scene.dice.randrange(part // 4))


async def nothing_left_to_do(scene: Scene, relays: list[Child]) -> bool:
    """Both are dead, or one has emptied the outbox."""
    if not any(relay.alive() for relay in relays):
        return True
    return await scene.ledger.rows(OUTBOX) == 0
