"""P11: a broker that is stopped or killed at random, amid events in flight, loses none of them."""

import asyncio
from statistics import median

from tests.chaos.broker.audit import closing_audit
from tests.chaos.broker.ledger import OUTBOX
from tests.chaos.broker.scene import Scene
from tests.chaos.conftest import CHAOS

pytestmark = CHAOS


async def test_p11_a_broker_stopped_and_killed_at_random_loses_nothing(
    scene: Scene, events: int, rounds: int
) -> None:
    """In turn SIGTERM and SIGKILL: half of the events on their way, others come meanwhile."""
    scene.worker()
    share = events // 2 // rounds
    producing = asyncio.create_task(scene.ledger.produce(events - share * rounds))
    outages = []
    for number, moment in enumerate(scene.moments(events, rounds)):
        await scene.until_delivered(moment)
        end = scene.controls.kill_rabbitmq if number % 2 else scene.controls.stop_rabbitmq
        await asyncio.to_thread(end)
        await producing
        await scene.ledger.produce(share)
        await asyncio.to_thread(scene.controls.start_rabbitmq)
        outages.append(await seconds_until_events_leave(scene))

    tale = await closing_audit(scene)

    assert tale.events == events
    scene.tell(
        f"{rounds} ends of the broker; events left again {median(outages):.1f} s (median) and at "
        f"the latest {max(outages):.1f} s after it was back"
    )


async def seconds_until_events_leave(scene: Scene) -> float:
    """How long the relay takes to notice that the broker is back."""
    clock = asyncio.get_running_loop().time
    back, waiting = clock(), await scene.ledger.rows(OUTBOX)

    async def leaving() -> bool:
        return await scene.ledger.rows(OUTBOX) < waiting

    await scene.until(leaving)
    return clock() - back
