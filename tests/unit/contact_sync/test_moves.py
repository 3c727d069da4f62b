"""A connection that is taken to another Salesforce org: links stay where they belong."""

from datetime import timedelta

import pytest

from services.contact_sync.domain.journal import Entry, Operation, Status
from services.contact_sync.domain.model import Link, Owners
from services.contact_sync.domain.plan import Context
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.imports import start_import
from services.contact_sync.handlers.lifecycle import note_lifecycle
from services.contact_sync.handlers.note import LANE
from services.contact_sync.handlers.settle import OrgLeftError, Settlement, settle
from services.contact_sync.ports import ORG_LEFT, Parked
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished
from shared.contracts.mapping import SyncResumed, SyncStarted
from shared.db.aside import aside_id
from shared.kernel.records import Side
from tests.factories.standings import stamps
from tests.fakes.contact_sync.stage import CONNECTION, ORG, PORTAL, Stage

STAMPS = stamps()
HERE = ConnectionEstablished(
    portal_id=PORTAL,
    org_id=ORG,
    environment="sandbox",
    instance_url="https://x.test",
    hubspot_app_id="3",
    salesforce_user_id="4",
)
THERE = HERE.model_copy(update={"org_id": "00D000000000002", "moved": True})
BACK = HERE.model_copy(update={"moved": True})


async def tell(stage: Stage, *events: Event) -> None:
    for event in events:
        async with stage.store.begin() as work:
            await note_lifecycle(work, CONNECTION, event, next(STAMPS))


async def link(stage: Stage, salesforce_id: str = "003A") -> Link:
    made = Link(stage.new_id(), "1", salesforce_id, "Contact", base={"phone": "1"})
    async with stage.store.begin() as work:
        await work.links.save(CONNECTION, [made])
    return made


async def links_now(stage: Stage) -> list[Link]:
    async with stage.store.begin() as work:
        return await work.links.of(CONNECTION, ["1"], ["003A", "003B"])


def why(stage: Stage) -> str | None:
    pause = stage.store.state.mail.pauses.get(CONNECTION)
    return pause.reason if pause is not None and pause.paused else None


async def test_links_of_the_org_that_is_left_are_set_aside_and_found_again(stage: Stage) -> None:
    await tell(stage, HERE)
    first = await link(stage)
    await tell(stage, THERE)
    assert await links_now(stage) == []
    second = await link(stage, "003B")
    await tell(stage, BACK)
    assert await links_now(stage) == [first]
    await tell(stage, THERE)
    assert await links_now(stage) == [second]
    known = stage.store.state.connections[CONNECTION]
    assert (known.org_id, known.left_orgs) == ("00D000000000002", (ORG,))


async def test_the_settings_come_along(stage: Stage) -> None:
    before = stage.store.state.connections[CONNECTION].settings
    await tell(stage, THERE)
    assert stage.store.state.connections[CONNECTION].settings == before


async def test_nothing_is_written_until_the_sync_is_started_there(stage: Stage) -> None:
    await tell(stage, SyncStarted())
    assert why(stage) is None
    await tell(stage, THERE)
    assert why(stage) is not None
    assert "moved to another Salesforce org" in str(why(stage))
    await tell(stage, SyncStarted())
    assert why(stage) is None


@pytest.mark.parametrize("late", [SyncStarted(), SyncResumed()])
async def test_a_start_that_comes_late_was_for_the_org_before(stage: Stage, late: Event) -> None:
    started, moved = next(STAMPS), next(STAMPS)
    for event, at in ((THERE, moved), (late, started)):
        async with stage.store.begin() as work:
            await note_lifecycle(work, CONNECTION, event, at)
    assert not stage.store.state.connections[CONNECTION].standing.started


async def test_a_reconnect_in_the_same_org_touches_nothing(stage: Stage) -> None:
    await tell(stage, HERE, SyncStarted())
    made = await link(stage)
    await tell(stage, HERE.model_copy(update={"salesforce_user_id": "5"}))
    assert await links_now(stage) == [made]
    assert why(stage) is None


async def test_news_of_records_there_are_dropped_and_news_of_hubspot_wait(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    await stage.note(Side.SALESFORCE, "003A")
    await tell(stage, THERE)
    assert set(stage.store.state.mail.rows) == {(CONNECTION, LANE, "hubspot", "1")}


async def test_parked_records_and_open_intents_wait_with_their_org(stage: Stage) -> None:
    entry = Entry(
        id=stage.new_id(),
        side=Side.SALESFORCE,
        operation=Operation.CREATE,
        object_name="Contact",
        hubspot_id="1",
        salesforce_id=None,
        fields=(),
        cause={},
        settings_version=1,
        traceparent=None,
    )
    async with stage.store.begin() as work:
        await work.parked.add(
            CONNECTION,
            [
                Parked(Claim(Side.SALESFORCE, "003A"), "refused", "no"),
                Parked(Claim(Side.HUBSPOT, "1"), "refused", "no"),
            ],
        )
        await work.journal.add(CONNECTION, [entry])
    await tell(stage, THERE)
    aside = aside_id(CONNECTION, ORG)
    owners = {record.claim.side: owner for owner, record in stage.store.state.parked.values()}
    assert owners == {Side.SALESFORCE: aside, Side.HUBSPOT: CONNECTION}
    assert stage.store.state.journal[entry.id] == (aside, entry)
    await tell(stage, BACK)
    assert {owner for owner, _ in stage.store.state.parked.values()} == {CONNECTION}
    assert stage.store.state.journal[entry.id] == (CONNECTION, entry)
    assert entry.status is Status.INTENDED


async def test_an_import_of_the_org_that_is_left_ends_and_says_why(stage: Stage) -> None:
    for side in Side:
        await start_import(
            stage.store, import_id=stage.new_id(), connection_id=CONNECTION, side=side
        )
    await tell(stage, THERE)
    imports = {one.side: one for one, _ in stage.store.state.imports.values()}
    assert imports[Side.HUBSPOT].state == "walking"
    assert (imports[Side.SALESFORCE].state, imports[Side.SALESFORCE].problem) == (
        "failed",
        ORG_LEFT,
    )


async def test_a_batch_on_its_way_stores_nothing_in_the_org_that_was_entered(stage: Stage) -> None:
    known = stage.store.state.connections[CONNECTION]
    await tell(stage, THERE)
    context = Context(mappings=(), owners=Owners(), now=stage.clock.now())
    empty = Settlement(known, context, {}, [], [], {})
    with pytest.raises(OrgLeftError):
        await settle(stage.store, empty, stage.hash_of, stage.new_id)


async def test_a_move_in_the_middle_of_a_drain_is_noticed_and_the_record_waits(
    stage: Stage,
) -> None:
    here = stage.crms.hubspot.add(email="ada@x.test", lastname="Lovelace", company="Engines")
    await stage.note(Side.HUBSPOT, here)

    async def move() -> None:
        await tell(stage, THERE)

    stage.crms.faults.meanwhile["create_in_salesforce"] = [move]
    await stage.drain_once()
    assert stage.store.links == []
    assert stage.store.waiting == {("hubspot", here)}
    assert [entry.status for entry in stage.store.journal] == [Status.INTENDED]


async def test_other_lanes_go_on_while_this_one_is_held(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    await tell(stage, THERE)
    async with stage.store.begin() as work:
        lane = await work.mail.claim_lane(holder=stage.new_id(), lease=timedelta(minutes=1))
    assert lane is None
