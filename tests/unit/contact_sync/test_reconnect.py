"""A grant dies, work waits, a reconnect goes on: nothing is lost and nothing is done twice."""

from datetime import timedelta

import pytest

from services.contact_sync.handlers.lifecycle import note_lifecycle
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionBroken, ConnectionRestored
from shared.crm.errors import CrmAuthError
from shared.kernel.records import Side
from tests.factories.standings import stamps
from tests.fakes.contact_sync.stage import CONNECTION, Stage

DEAD = CrmAuthError("Salesforce says that the authorization has ended.", code="connection_broken")
STAMPS = stamps()


async def tell(stage: Stage, event: Event) -> None:
    async with stage.store.begin() as work:
        await note_lifecycle(work, CONNECTION, event, next(STAMPS))


@pytest.mark.parametrize("where", ["salesforce", "owners", "create_in_salesforce"])
async def test_work_waits_for_the_reconnect_and_then_all_of_it_is_done_once(
    stage: Stage, where: str
) -> None:
    people = [
        stage.crms.hubspot.add(email=f"{n}@x.test", lastname=f"L{n}", company="C") for n in range(9)
    ]
    await stage.note(Side.HUBSPOT, *people[:6])
    for _ in range(7):  # more tries than a record has before it is parked
        stage.crms.faults.before[where] = [DEAD]
        await stage.drain_once()
        stage.clock.advance(timedelta(minutes=2))
    assert stage.store.parked == []
    await tell(stage, ConnectionBroken(side=Side.SALESFORCE, reason="revoked"))
    await stage.note(Side.HUBSPOT, *people[6:])
    assert await stage.drain_once() == 0
    assert stage.store.waiting == {("hubspot", one) for one in people}

    stage.crms.faults.before.clear()
    await tell(stage, ConnectionRestored(side=Side.SALESFORCE))
    await stage.drain_all()

    assert {link.hubspot_id for link in stage.store.links} == set(people)
    assert len(stage.crms.salesforce.records) == len(people)
    assert (stage.store.waiting, stage.store.parked) == (set(), [])
