"""A connection that is held, or held until a moment comes, in memory and on Postgres."""

from datetime import timedelta

from tests.contracts.plumbing.acts import ONE, TWO, claim, held_lane, lane_of, note, postpone, put
from tests.contracts.plumbing.mailboxes import Offices


async def test_a_paused_connection_waits_and_resumes(office: Offices) -> None:
    await put(office, note())
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")
    assert await lane_of(office) is None

    async with office.begin() as mail:
        await mail.resume(ONE)

    assert len(await claim(office, await held_lane(office))) == 1


async def test_what_waited_for_another_try_is_due_when_its_connection_resumes(
    office: Offices,
) -> None:
    await put(office, note(), note(connection=TWO))
    for _ in range(2):
        lane = await held_lane(office)
        await postpone(office, await claim(office, lane))
        async with office.begin() as mail:
            await mail.release_lane(lane)

    async with office.begin() as mail:
        await mail.resume(ONE)

    lane = await held_lane(office)
    assert (lane.connection_id, len(await claim(office, lane))) == (ONE, 1)
    assert await lane_of(office) is None


async def test_a_pause_also_stops_a_worker_that_holds_the_lane(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")

    assert await claim(office, lane) == []


async def test_a_paused_connection_holds_up_nobody_else(office: Offices) -> None:
    await put(office, note(), note(connection=TWO))
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")

    assert (await held_lane(office)).connection_id == TWO


async def test_i7_changes_during_a_pause_are_kept(office: Offices) -> None:
    async with office.begin() as mail:
        await mail.pause(ONE, "an admin paused it")
    await put(office, note("1"), note("2"))
    async with office.begin() as mail:
        await mail.resume(ONE)

    assert len(await claim(office, await held_lane(office))) == 2


async def test_a_full_quota_only_moves_the_time(office: Offices) -> None:
    await put(office, note())
    async with office.begin() as mail:
        await mail.postpone_connection(ONE, await office.now() + timedelta(hours=1))
    assert await lane_of(office) is None

    await office.advance(timedelta(hours=1, seconds=1))

    (row,) = await claim(office, await held_lane(office))
    assert row.attempts == 0
