"""P9: what nobody can handle is set aside with the reason, and all of its neighbours pass."""

import asyncio
from datetime import UTC, datetime

import msgspec

from shared.messaging.envelope import Envelope, encode, envelope_for
from tests.chaos.broker.audit import closing_audit
from tests.chaos.broker.ledger import FIRST, SECOND, outgoing
from tests.chaos.broker.scene import Scene
from tests.chaos.broker.worker import CONSUMERS, DEADLY, DRAIN, RELAY
from tests.chaos.conftest import CHAOS

pytestmark = CHAOS

LARGE = 5_000_000
KEY = "causeway.contact_sync.RecordSynced.v1"
NEWER = "causeway.contact_sync.RecordSynced.v2"
MOST_CRASHES = 9
"""Two in the queue, one among the suspects with its neighbours, six there alone."""


async def test_p9_poison_dies_with_its_reason_and_its_neighbours_pass(
    scene: Scene, events: int
) -> None:
    """What kills the process, is no JSON, is too new; and 5 MB, which alone is no poison."""
    part = events // 5
    for send in (deadly_among_neighbours, no_json, large_junk, too_new):
        await scene.ledger.produce(part)
        await send(scene)
    await scene.ledger.produce(part)
    await large_but_readable(scene)
    scene.worker(RELAY)
    done = asyncio.create_task(
        closing_audit(
            scene,
            dead={
                FIRST: [
                    "event_version_unsupported",
                    "gave_up",
                    "message_malformed",
                    "message_malformed",
                ],
                SECOND: ["event_version_unsupported", "message_malformed", "message_malformed"],
            },
            unread=[DEADLY],
        )
    )

    crashes = await consumers_started_again(scene, done)

    await done
    assert 1 < crashes <= MOST_CRASHES


async def consumers_started_again(scene: Scene, done: "asyncio.Task[object]") -> int:
    """As a supervisor would, until the audit is through; answers how often they crashed."""
    crashes = 0
    consumers = scene.worker(CONSUMERS, DRAIN)
    while not done.done():
        if not consumers.alive() and not scene.stopping:
            crashes += 1
            consumers = scene.worker(CONSUMERS, DRAIN)
        await asyncio.sleep(0.05)
    return crashes


async def deadly_among_neighbours(scene: Scene) -> None:
    """In one transaction with records of its connection: so they share a message."""
    await scene.ledger.write("5", "10", "15", DEADLY, "20", "25", "30")


async def no_json(scene: Scene) -> None:
    await scene.publish(KEY, b"\xff\x00 this is no JSON")


async def large_junk(scene: Scene) -> None:
    await scene.publish(KEY, b'[{"specversion": "' + b"x" * LARGE)


async def too_new(scene: Scene) -> None:
    newer = msgspec.structs.replace(envelope(scene, "too_new"), type=NEWER)
    await scene.publish(NEWER, encode([newer]))


async def large_but_readable(scene: Scene) -> None:
    """A field that a newer minor version has, as the newest contracts would add it."""
    await scene.ledger.write("large", emit=False)
    large = envelope(scene, "large")
    padded = msgspec.structs.replace(large, data={**large.data, "padding": "x" * LARGE})
    await scene.publish(KEY, encode([padded]))


def envelope(scene: Scene, subject: str) -> Envelope:
    event = outgoing(subject, 1)
    return envelope_for(
        event.event,
        source="chaos",
        subject=subject,
        connection_id=event.connection_id,
        now=datetime.now(UTC),
        traceparent=None,
    )
