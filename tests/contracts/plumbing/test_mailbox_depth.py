"""How much waits (design: section 6), in memory and on Postgres."""

from datetime import timedelta

from tests.contracts.plumbing.acts import ONE, TWO, claim, held_lane, note, put, settle
from tests.contracts.plumbing.mailboxes import Offices


async def test_the_depth_tells_how_much_waits_and_since_when(office: Offices) -> None:
    await put(office, note("1"))
    await office.advance(timedelta(minutes=10))
    await put(office, note("2"), note("3", connection=TWO))

    deep = {(depth.connection_id, depth.lane): depth for depth in await office.depth()}

    assert {key: depth.records for key, depth in deep.items()} == {
        (ONE, "contact"): 2,
        (TWO, "contact"): 1,
    }
    first, second = (deep[connection, "contact"].oldest for connection in (ONE, TWO))
    assert first is not None
    assert second is not None
    assert second - first > timedelta(minutes=9)


async def test_a_lane_that_became_empty_is_told_as_empty(office: Offices) -> None:
    await put(office, note())
    lane = await held_lane(office)
    await settle(office, await claim(office, lane))

    assert [(d.connection_id, d.lane, d.records, d.oldest) for d in await office.depth()] == [
        (ONE, "contact", 0, None)
    ]
