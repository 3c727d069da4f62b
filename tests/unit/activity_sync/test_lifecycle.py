"""What the events of other services mean for the lanes."""

from datetime import timedelta

from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.contact_sync import RecordLinked, RecordUnlinked
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncResumed, SyncStarted
from shared.contracts.quota import QuotaExhausted, QuotaRestored
from shared.contracts.settings import Settings
from shared.kernel.records import ObjectType, Side
from tests.fakes.activity_sync.stage import (
    ADA,
    ADA_THERE,
    CONNECTION,
    GRACE,
    GRACE_THERE,
    Stage,
    form,
)

ESTABLISHED = ConnectionEstablished(
    portal_id="4711",
    org_id="00D2",
    environment="production",
    instance_url="https://example.my.salesforce.com",
    hubspot_app_id="9",
    salesforce_user_id="005A",
)


def held(stage: Stage) -> str | None:
    """Why the lanes are held, None when they are not."""
    pause = stage.store.state.mail.pauses.get(CONNECTION)
    return pause.reason if pause is not None and pause.paused else None


async def test_a_connection_waits_until_its_sync_is_started(stage: Stage) -> None:
    del stage.store.state.connections[CONNECTION]

    await stage.hear(ESTABLISHED)
    await stage.hear(SettingsPublished(settings=Settings(version=1)))
    assert held(stage) == "the sync has not been started"
    await stage.hear(SyncStarted())

    assert held(stage) is None
    known = stage.store.state.connections[CONNECTION]
    assert (known.portal_id, known.org_id, known.standing.running) == ("4711", "00D2", True)


async def test_a_broken_side_holds_the_lanes_until_it_is_restored(stage: Stage) -> None:
    await stage.hear(ConnectionBroken(side=Side.SALESFORCE, reason="revoked"))
    assert held(stage) == "salesforce has to be connected again"

    await stage.hear(SyncResumed())
    assert held(stage) == "salesforce has to be connected again"

    await stage.hear(ConnectionRestored(side=Side.SALESFORCE))
    assert held(stage) is None


async def test_with_both_sides_broken_both_have_to_be_restored(stage: Stage) -> None:
    for side in Side:
        await stage.hear(ConnectionBroken(side=side, reason="revoked"))
    await stage.hear(ConnectionRestored(side=Side.HUBSPOT))
    assert held(stage) == "salesforce has to be connected again"

    await stage.hear(ConnectionRestored(side=Side.SALESFORCE))
    assert held(stage) is None


async def test_a_pause_holds_the_lanes_and_news_goes_on_being_noted(stage: Stage) -> None:
    await stage.hear(SyncPaused(reason="holiday"))
    stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    await stage.tell_all()
    assert await stage.drain_once() == 0

    await stage.hear(SyncResumed())
    await stage.drain_all()

    assert len(stage.salesforce.tasks) == 1


async def test_an_older_version_of_the_settings_changes_nothing(stage: Stage) -> None:
    await stage.hear(SettingsPublished(settings=Settings(version=3)))
    await stage.hear(SettingsPublished(settings=Settings(version=2)))

    settings = stage.store.state.connections[CONNECTION].settings
    assert settings is not None
    assert settings.version == 3


async def test_an_empty_quota_holds_the_lanes_until_then(stage: Stage) -> None:
    until = stage.clock.now() + timedelta(hours=1)
    stage.hubspot.make({"hs_task_subject": "Call"}, ADA)
    await stage.tell_all()

    await stage.hear(QuotaExhausted(side=Side.SALESFORCE, until=until))
    assert await stage.drain_once() == 0
    await stage.hear(QuotaRestored(side=Side.SALESFORCE))

    assert await stage.drain_once() == 1


async def test_a_removed_connection_stops_and_keeps_its_data(stage: Stage) -> None:
    await stage.pair()
    await stage.hear(ConnectionRemoved())

    assert held(stage) == "the connection was removed"
    assert len(stage.store.links) == 1


async def test_a_connection_that_is_back_has_its_tasks_and_waits_for_a_start(stage: Stage) -> None:
    await stage.pair()
    before = stage.store.state.connections[CONNECTION]
    await stage.hear(ConnectionRemoved())
    await stage.hear(ESTABLISHED)

    back = stage.store.state.connections[CONNECTION]
    assert back.settings == before.settings
    assert held(stage) == back.standing.waits_for
    assert "was not started again since" in back.standing.waits_for
    assert len(stage.store.links) == 1
    await stage.hear(SyncStarted())
    assert held(stage) is None


async def test_a_link_of_people_wakes_what_waited_for_them(stage: Stage) -> None:
    here = stage.hubspot.make({"hs_task_subject": "Call"}, GRACE)
    there = stage.salesforce.make({"Subject": "Offer"}, GRACE_THERE)
    await stage.notice(form(contact=GRACE))
    await stage.tell_all()
    await stage.drain_all()
    assert {parked.record.id for parked in stage.store.parked} == {here, there, "form:4711:101:1"}
    assert stage.store.waiting == set()

    await stage.link(GRACE, GRACE_THERE)

    assert stage.store.parked == []
    assert stage.store.waiting == {
        ("task", here),
        ("task", there),
        ("timeline", "form:4711:101:1"),
    }
    await stage.settle_down()
    assert sorted(str(t.values["Subject"]) for t in stage.salesforce.tasks.values()) == [
        "Call",
        "HubSpot form submission: unknown form",
        "Offer",
    ]


async def test_links_of_others_wake_nobody(stage: Stage) -> None:
    stage.hubspot.make({"hs_task_subject": "Call"}, GRACE)
    await stage.tell_all()
    await stage.drain_all()

    await stage.link("103", "003X")
    await stage.hear(
        RecordLinked(
            object_type=ObjectType.COMPANY,
            hubspot_id=GRACE,
            salesforce_id=GRACE_THERE,
            salesforce_object="Account",
        )
    )

    assert len(stage.store.parked) == 1
    assert (CONNECTION, GRACE) not in stage.store.state.people


async def test_an_unlinked_person_is_forgotten(stage: Stage) -> None:
    gone = RecordUnlinked(object_type=ObjectType.CONTACT, hubspot_id=ADA, salesforce_id=ADA_THERE)
    other = gone.model_copy(update={"salesforce_id": "003X"})

    await stage.hear(other)
    assert (CONNECTION, ADA) in stage.store.state.people
    await stage.hear(gone.model_copy(update={"object_type": ObjectType.DEAL}))
    assert (CONNECTION, ADA) in stage.store.state.people
    await stage.hear(gone)
    assert (CONNECTION, ADA) not in stage.store.state.people
