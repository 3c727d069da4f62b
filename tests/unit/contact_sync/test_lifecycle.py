"""What the events of other services do to a connection's lanes."""

from datetime import timedelta

import pytest

from services.contact_sync.domain.model import Link
from services.contact_sync.handlers.lifecycle import note_lifecycle
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncResumed, SyncStarted
from shared.contracts.quota import QuotaExhausted, QuotaRestored
from shared.contracts.settings import Settings
from shared.kernel.records import Side
from tests.factories.standings import stamps
from tests.fakes.contact_sync.stage import CONNECTION, Stage

ESTABLISHED = ConnectionEstablished(
    portal_id="1",
    org_id="2",
    environment="production",
    instance_url="https://x.test",
    hubspot_app_id="3",
    salesforce_user_id="4",
)

STAMPS = stamps()


async def tell(stage: Stage, *events: Event) -> None:
    for event in events:
        async with stage.store.begin() as work:
            await note_lifecycle(work, CONNECTION, event, next(STAMPS))


async def linked(stage: Stage) -> bool:
    async with stage.store.begin() as work:
        return bool(await work.links.of(CONNECTION, ["1"], []))


async def lane_is_free(stage: Stage) -> bool:
    async with stage.store.begin() as work:
        lane = await work.mail.claim_lane(holder=stage.new_id(), lease=timedelta(minutes=1))
        if lane is not None:
            await work.mail.release_lane(lane)
    return lane is not None


@pytest.fixture
async def empty(stage: Stage) -> Stage:
    """A store that has never heard of the connection, with one change waiting."""
    stage.store.state.connections.clear()
    await stage.note(Side.HUBSPOT, "1")
    return stage


async def test_a_setup_in_any_order_ends_with_a_running_sync(empty: Stage) -> None:
    settings = SettingsPublished(settings=Settings(version=1))
    for order in (
        (ESTABLISHED, settings, SyncStarted()),
        (SyncStarted(), settings, ESTABLISHED),
        (settings, ESTABLISHED, SyncStarted()),
    ):
        empty.store.state.connections.clear()
        await tell(empty, *order)

        known = empty.store.state.connections[CONNECTION]
        assert (known.portal_id, known.org_id, known.standing.running) == ("1", "2", True)
        assert known.settings == Settings(version=1)
        assert await lane_is_free(empty)


async def test_nothing_is_drained_before_the_start(empty: Stage) -> None:
    await tell(empty, ESTABLISHED, SettingsPublished(settings=Settings(version=1)))

    assert not await lane_is_free(empty)


async def test_an_older_version_never_replaces_a_newer_one(empty: Stage) -> None:
    for version in (2, 1):
        await tell(empty, SettingsPublished(settings=Settings(version=version)))

    settings = empty.store.state.connections[CONNECTION].settings
    assert settings is not None
    assert settings.version == 2


async def test_a_pause_holds_the_lane_and_its_end_frees_it(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    await tell(stage, SyncPaused(reason="an admin"))
    assert not await lane_is_free(stage)

    await tell(stage, SyncResumed())
    assert await lane_is_free(stage)


async def test_a_broken_side_holds_the_lane_until_it_is_restored(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    await tell(stage, ConnectionBroken(side=Side.SALESFORCE, reason="revoked"))
    assert not await lane_is_free(stage)
    assert (
        stage.store.state.mail.pauses[CONNECTION].reason == "salesforce has to be connected again"
    )

    await tell(stage, ConnectionRestored(side=Side.SALESFORCE))
    assert await lane_is_free(stage)


@pytest.mark.parametrize("first", list(Side))
async def test_with_both_sides_broken_both_have_to_be_restored(stage: Stage, first: Side) -> None:
    await stage.note(Side.HUBSPOT, "1")
    for side in Side:
        await tell(stage, ConnectionBroken(side=side, reason="revoked"))
    await tell(stage, ConnectionRestored(side=first))
    assert not await lane_is_free(stage)

    await tell(stage, ConnectionRestored(side=first.other))
    assert await lane_is_free(stage)


async def test_a_restored_side_does_not_end_an_admins_pause(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    await tell(
        stage,
        SyncPaused(reason="an admin"),
        ConnectionBroken(side=Side.HUBSPOT, reason="revoked"),
        ConnectionRestored(side=Side.HUBSPOT),
    )

    assert not await lane_is_free(stage)


async def test_used_up_calls_hold_the_lane_until_their_time(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    until = stage.clock.now() + timedelta(hours=2)
    await tell(stage, QuotaExhausted(side=Side.SALESFORCE, until=until))
    assert not await lane_is_free(stage)

    stage.clock.advance(timedelta(hours=3))
    assert await lane_is_free(stage)


async def test_restored_calls_free_the_lane_at_once(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    until = stage.clock.now() + timedelta(hours=2)
    await tell(
        stage,
        QuotaExhausted(side=Side.SALESFORCE, until=until),
        QuotaRestored(side=Side.SALESFORCE),
    )

    assert await lane_is_free(stage)


async def test_a_removed_connection_keeps_its_links_and_is_held(stage: Stage) -> None:
    await save_link(stage)
    await stage.note(Side.HUBSPOT, "1")
    await tell(stage, ConnectionRemoved())

    assert not await lane_is_free(stage)
    assert len(stage.store.links) == 1
    assert not stage.store.state.connections[CONNECTION].standing.started


async def test_a_connection_that_is_back_has_its_links_and_waits_for_a_start(stage: Stage) -> None:
    await tell(stage, ESTABLISHED, SettingsPublished(settings=Settings(version=9)), SyncStarted())
    await save_link(stage)
    await stage.note(Side.HUBSPOT, "1")
    await tell(stage, ConnectionRemoved(), ESTABLISHED)

    back = stage.store.state.connections[CONNECTION]
    assert back.settings is not None
    assert back.settings.version == 9
    assert await linked(stage)
    assert not await lane_is_free(stage)
    await tell(stage, SyncStarted())
    assert await lane_is_free(stage)


async def test_a_connection_that_is_back_with_another_org_finds_its_links_later(
    stage: Stage,
) -> None:
    await tell(stage, ESTABLISHED)
    await save_link(stage)
    there = ESTABLISHED.model_copy(update={"org_id": "00DOTHER", "moved": True})
    await tell(stage, ConnectionRemoved(), there)
    assert not await linked(stage)
    await tell(stage, ConnectionRemoved(), ESTABLISHED.model_copy(update={"moved": True}))
    assert await linked(stage)


async def test_a_resume_that_comes_late_does_not_end_a_newer_pause(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    earlier, later = next(STAMPS), next(STAMPS)
    async with stage.store.begin() as work:
        await note_lifecycle(work, CONNECTION, SyncPaused(reason="an admin"), later)
        await note_lifecycle(work, CONNECTION, SyncResumed(), earlier)

    assert not await lane_is_free(stage)


async def test_other_news_do_not_end_the_wait_for_calls(stage: Stage) -> None:
    await stage.note(Side.HUBSPOT, "1")
    until = stage.clock.now() + timedelta(hours=2)
    await tell(stage, QuotaExhausted(side=Side.SALESFORCE, until=until))
    await tell(stage, SettingsPublished(settings=Settings(version=7)), SyncResumed())
    assert not await lane_is_free(stage)

    await tell(stage, QuotaRestored(side=Side.SALESFORCE))
    assert await lane_is_free(stage)


async def save_link(stage: Stage) -> None:
    async with stage.store.begin() as work:
        await work.links.save(CONNECTION, [Link(stage.new_id(), "1", "003A", "Contact")])
