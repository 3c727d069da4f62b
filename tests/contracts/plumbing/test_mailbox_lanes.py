"""Who drains a lane, and which one is next (design: section 6), in memory and on Postgres."""

from datetime import timedelta

import pytest

from shared.outbox.mail import LaneLostError
from tests.contracts.plumbing.acts import LEASE, ONE, TWO, claim, held_lane, lane_of, note, put
from tests.contracts.plumbing.mailboxes import Offices


async def test_nothing_due_means_no_lane(office: Offices) -> None:
    assert await lane_of(office) is None


async def test_a_worker_that_lost_its_lane_is_told(office: Offices) -> None:
    await put(office, note())
    slow = await held_lane(office)
    await office.advance(LEASE + timedelta(seconds=1))
    quick = await held_lane(office)

    assert quick.fence == slow.fence + 1
    with pytest.raises(LaneLostError):
        await claim(office, slow)
    assert len(await claim(office, quick)) == 1


async def test_a_lane_that_expired_unnoticed_can_be_worked_on(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    await office.advance(LEASE + timedelta(seconds=1))

    assert len(await claim(office, lane)) == 1
    assert await lane_of(office) is None


async def test_a_released_lane_is_free_at_once(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    async with office.begin() as mail:
        await mail.release_lane(lane)

    assert (await held_lane(office)).fence == lane.fence + 1


async def test_releasing_a_lane_that_was_lost_changes_nothing(office: Offices) -> None:
    await put(office, note())
    slow = await held_lane(office)
    await office.advance(LEASE + timedelta(seconds=1))
    await held_lane(office)
    async with office.begin() as mail:
        await mail.release_lane(slow)

    assert await lane_of(office) is None


async def test_a_busy_connection_holds_up_nobody(office: Offices) -> None:
    await put(office, *(note(str(n)) for n in range(50)), note(connection=TWO))
    served = []
    for _ in range(3):
        lane = await held_lane(office)
        served.append(lane.connection_id)
        await claim(office, lane, limit=5)
        async with office.begin() as mail:
            await mail.release_lane(lane)

    assert set(served[:2]) == {ONE, TWO}
    assert served[2] == ONE


async def test_two_workers_take_two_lanes(office: Offices) -> None:
    await put(office, note(), note(lane="company"))

    assert {(await held_lane(office)).lane for _ in range(2)} == {"contact", "company"}
