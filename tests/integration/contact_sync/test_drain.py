"""Draining against Postgres: both ways, twice, and with a death at every commit."""

import pytest

from services.contact_sync.store.views import PostgresViews
from shared.kernel.errors import RetriableError
from shared.kernel.records import Side
from tests.fakes.contact_sync.stage import CONNECTION
from tests.fakes.contact_sync.store import WorkerDiedError
from tests.integration.contact_sync.workshop import Workshop

COMMITS = 7
"""Claim, links, open entries, links twice, intents, settling."""


async def test_people_cross_over_both_ways_and_a_second_drain_writes_nothing(
    workshop: Workshop, views: PostgresViews
) -> None:
    world = workshop.crms
    left = world.hubspot.add(email="l@x.test", lastname="L", phone="1")
    right = world.salesforce.add("Lead", Email="r@x.test", Phone="2")
    await workshop.note(Side.HUBSPOT, left)
    await workshop.note(Side.SALESFORCE, right)
    await workshop.drain_all()

    found = await views.links(CONNECTION, limit=10, after=None)
    pairs = {(row.fields["hubspot_id"], row.fields["salesforce_id"]) for row in found}
    (made_left,) = set(world.hubspot.contacts) - {left}
    (made_right,) = set(world.salesforce.records) - {right}
    assert pairs == {(left, made_right), (made_left, right)}
    assert world.hubspot.value(made_left, "phone") == "2"
    assert world.salesforce.value(made_right, "Phone") == "1"
    kinds = [kind.rsplit(".", 2)[1] for kind, _ in await workshop.behind.events()]
    assert sorted(kinds) == ["RecordLinked", "RecordLinked", "RecordSynced", "RecordSynced"]

    writes = len(world.writes)
    await workshop.note(Side.HUBSPOT, left, made_left)
    await workshop.note(Side.SALESFORCE, right, made_right)
    await workshop.drain_all()
    assert len(world.writes) == writes
    assert (await views.waiting(CONNECTION))["records"] == 0


@pytest.mark.parametrize("commit", range(1, COMMITS + 1))
async def test_a_death_at_any_commit_makes_nothing_twice(workshop: Workshop, commit: int) -> None:
    world = workshop.crms
    left = world.hubspot.add(email="l@x.test", lastname="L")
    right = world.salesforce.add(Email="r@x.test")
    await workshop.note(Side.HUBSPOT, left)
    await workshop.note(Side.SALESFORCE, right)
    workshop.store.commits_left = 1 + commit  # the first one takes the lane
    with pytest.raises(WorkerDiedError):
        await workshop.drain_once()
    assert await workshop.drain_once() == 0

    await workshop.leases_end()
    await workshop.drain_all()

    assert len(world.hubspot.contacts) == len(world.salesforce.records) == 2
    statuses = {status for status, _ in await workshop.behind.statuses()}
    assert statuses == ({"confirmed"} if commit == COMMITS else {"done"})


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_lost_answer_is_found_out(workshop: Workshop, when: str) -> None:
    world = workshop.crms
    await workshop.note(Side.HUBSPOT, world.hubspot.add(email="l@x.test", lastname="L"))
    lost = RetriableError("the answer was lost", code="timeout")
    getattr(world.faults, when)["create_in_salesforce"] = [lost]
    await workshop.drain_once()
    await workshop.leases_end()
    await workshop.drain_all()

    assert len(world.salesforce.records) == 1
    statuses = [status for status, _ in await workshop.behind.statuses()]
    assert statuses == (["confirmed"] if when == "after" else ["not_made", "done"])


async def test_a_salesforce_merge_and_a_conversion_move_their_links(
    workshop: Workshop, views: PostgresViews
) -> None:
    """The unique halves of the table allow the move within one transaction."""
    world = workshop.crms
    loser = world.salesforce.add(Email="m@x.test")
    lead = world.salesforce.add("Lead", Email="c@x.test")
    await workshop.note(Side.SALESFORCE, loser, lead)
    await workshop.drain_all()
    winner = world.salesforce.add(Email="m@x.test")
    world.salesforce.delete(loser)
    contact = world.salesforce.convert(lead)
    await workshop.note(Side.SALESFORCE, loser, winner, lead, contact)
    await workshop.drain_all()

    found = await views.links(CONNECTION, limit=10, after=None)
    assert {row.fields["salesforce_id"] for row in found} == {winner, contact}
    assert len(world.hubspot.contacts) == 2
    assert await workshop.behind.parked() == []
