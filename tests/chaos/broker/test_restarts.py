"""P11: a broker that is stopped or killed at random, amid events in flight, loses none of them."""

import asyncio

from tests.chaos.broker.audit import closing_audit
from tests.chaos.broker.scene import Scene
from tests.chaos.conftest import CHAOS

pytestmark = CHAOS


async def test_p11_a_broker_stopped_and_killed_at_random_loses_nothing(
    scene: Scene, events: int, rounds: int
) -> None:
    """In turn SIGTERM and SIGKILL; all events are on their way from the beginning."""
    scene.worker()
    producing = asyncio.create_task(scene.ledger.produce(events))
    for number, moment in enumerate(scene.moments(events, rounds)):
        await scene.until_delivered(moment)
        end = scene.controls.kill_rabbitmq if number % 2 else scene.controls.stop_rabbitmq
        await asyncio.to_thread(end)
        await asyncio.to_thread(scene.controls.start_rabbitmq)
    await producing

    tale = await closing_audit(scene)

    assert tale.events == events
