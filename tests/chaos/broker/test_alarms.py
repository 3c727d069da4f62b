"""P12: a broker without disk or memory hangs nothing: publishes fail, readiness says so."""

import asyncio

import httpx2
import pytest

from deploy.local.probe import free_port
from tests.chaos.broker.audit import closing_audit
from tests.chaos.broker.ledger import OUTBOX
from tests.chaos.broker.scene import Scene
from tests.chaos.conftest import CHAOS, EVENTS, FULL_EVENTS

pytestmark = CHAOS

DISK = ("set_disk_free_limit", "100000GB"), ("set_disk_free_limit", "50MB")
MEMORY = ("set_vm_memory_high_watermark", "0"), ("set_vm_memory_high_watermark", "0.4")
ALARMS = {"disk": DISK, "memory": MEMORY} if EVENTS >= FULL_EVENTS else {"disk": DISK}
"""Each costs a publish's whole patience; a quick run does with one."""

Words = tuple[str, ...]


@pytest.mark.parametrize(("alarm", "clear"), list(ALARMS.values()), ids=list(ALARMS))
async def test_p12_under_an_alarm_publishes_fail_in_time_and_later_all_drains(
    scene: Scene, events: int, alarm: Words, clear: Words
) -> None:
    port = free_port()
    scene.worker(port=port)
    await scene.ledger.produce(events // 2)
    await scene.until_delivered(1)

    await asyncio.to_thread(scene.controls.control_rabbitmq, *alarm)
    try:
        await scene.ledger.produce(events - events // 2)
        await scene.until(lambda: says(port, "blocked"))
        assert await scene.ledger.rows(OUTBOX) > 0
    finally:
        await asyncio.to_thread(scene.controls.control_rabbitmq, *clear)

    tale = await closing_audit(scene)
    assert tale.events == events


async def says(port: int, words: str) -> bool:
    """Whether the worker is not ready for this reason."""
    async with httpx2.AsyncClient() as client:
        answer = await client.get(f"http://127.0.0.1:{port}/readyz")
    return answer.status_code == 503 and words in answer.json()["checks"]["chaos.relay"]
