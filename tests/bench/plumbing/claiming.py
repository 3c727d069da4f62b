"""The mailbox: eight drains side by side, as `LaneServer` runs them, until nothing is left."""

import asyncio
import time
from datetime import timedelta

from shared.kernel.ids import new_id
from shared.outbox.mail import Lane
from tests.bench.comparing import Run
from tests.bench.plumbing.scene import MAILBOX, Scene, noted

DRAINS = 8
BATCH = 200
"""As contact_sync's drain claims."""

LEASE = timedelta(seconds=60)


async def claim(scene: Scene, items: int) -> Run:
    """Each drain claims a batch of a lane, settles it, and gives the lane back for the next."""
    await noted(scene, items)
    await scene.settle()
    started = time.perf_counter()
    settled = await asyncio.gather(*(_drain(scene) for _ in range(DRAINS)))
    seconds = time.perf_counter() - started
    return Run(items, sum(settled) - await scene.rows(MAILBOX.mailbox), seconds)


async def _drain(scene: Scene) -> int:
    """Until no lane has anything due: what is left by then is in another drain's hands."""
    mailbox, settled = scene.mailbox, 0
    lane: Lane | None = None
    while True:
        async with scene.database.begin() as conn:
            if lane is not None:
                await mailbox.release_lane(conn, lane)
            lane = await mailbox.claim_lane(conn, holder=new_id(), lease=LEASE)
        if lane is None:
            return settled
        async with scene.database.begin() as conn:
            rows = await mailbox.claim(conn, lane, limit=BATCH, lease=LEASE)
        async with scene.database.begin() as conn:
            settled += len(await mailbox.settle(conn, rows))
