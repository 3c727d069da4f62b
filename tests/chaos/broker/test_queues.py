"""P13: a queue that was deleted, or that a crash left dead, is built anew by the topology step."""

import asyncio

import aio_pika

from shared.messaging.topology import declare
from shared.outbox.mail import Note
from shared.outbox.mailbox import Mailbox
from tests.chaos.broker.audit import closing_audit
from tests.chaos.broker.ledger import FIRST, MAILBOX, connection_of
from tests.chaos.broker.scene import Scene
from tests.chaos.conftest import CHAOS
from tests.fakes.broker import remove

pytestmark = CHAOS

ONE_OF = 4
"""Of so many rounds: finding six dead queues takes the step a while."""


async def test_p13_a_queue_deleted_under_load_is_built_anew_and_its_neighbour_misses_nothing(
    scene: Scene, events: int
) -> None:
    """What the queue held is gone with it, and so is what came while it was missing.

    No broker gives that back. The promise is the rest: nobody else misses anything, all that comes
    after the step arrives, nothing is applied twice, and an import finds what was told of.
    """
    scene.worker()
    await scene.ledger.produce(events // 2)
    (moment,) = scene.moments(events // 2, 1)
    await scene.until_delivered(moment)
    async with await aio_pika.connect(scene.amqp_url) as connection:
        await (await connection.channel()).queue_delete(scene.namespace + FIRST)
    await scene.ledger.produce(events // 10)
    await declare(scene.amqp_url, scene.subscriptions, namespace=scene.namespace)
    before = frozenset(await scene.ledger.written())
    await scene.ledger.produce(events - events // 2 - events // 10)
    await imported(scene)

    tale = await closing_audit(scene, forgiven=before)

    assert tale.events == events


async def imported(scene: Scene) -> None:
    """Every record is noted, as an import does it."""
    subjects = sorted({subject for subject, _ in await scene.ledger.written()})
    notes = [Note(connection_of(s), "contact", "hubspot", s) for s in subjects]
    async with scene.ledger.database.begin() as conn:
        await Mailbox(MAILBOX).note(conn, notes)


async def test_p13_a_broker_killed_right_after_a_declaration_loses_nothing(
    scene: Scene, events: int, rounds: int
) -> None:
    """Workers run all the while. Confirms fail until the step has made the dead queues anew."""
    rounds = max(1, rounds // ONE_OF)
    scene.worker()
    for _ in range(rounds):
        await remove(scene.amqp_url, scene.subscriptions, namespace=scene.namespace)
        await declare(scene.amqp_url, scene.subscriptions, namespace=scene.namespace, settle=0)
        await asyncio.to_thread(scene.controls.kill_rabbitmq)
        producing = asyncio.create_task(scene.ledger.produce(events // rounds))
        await asyncio.to_thread(scene.controls.start_rabbitmq)
        await declare(scene.amqp_url, scene.subscriptions, namespace=scene.namespace)
        await producing
        await closing_audit(scene)
        scene.stopping = False
        scene.worker()

    tale = await closing_audit(scene)
    assert tale.events == events // rounds * rounds
