"""What ingress keeps of a connection's life."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from services.ingress.events import LIFECYCLE
from services.ingress.handlers.interest import interest_of
from services.ingress.handlers.lifecycle import note_lifecycle
from services.ingress.ports import Connection
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncStarted
from shared.contracts.settings import ActivitySettings
from shared.kernel.records import ObjectType, Side
from tests.factories.standings import RUNNING, stamps
from tests.fakes.clock import FixedClock
from tests.fakes.ingress.samples import connection, settings
from tests.fakes.ingress.store import FakeStore

ONE = UUID(int=1)
ESTABLISHED = ConnectionEstablished(
    portal_id="4711",
    org_id="00D1",
    environment="production",
    instance_url="https://example.my.salesforce.com",
    hubspot_app_id="222",
    salesforce_user_id="005A",
)

STAMPS = stamps()


async def told(*events: Event) -> FakeStore:
    """A store that has heard these events of one connection."""
    store = FakeStore(FixedClock())
    for event in events:
        async with store.begin() as work:
            await note_lifecycle(work, ONE, event, next(STAMPS))
    return store


async def test_a_connection_listens_once_it_has_settings_and_runs() -> None:
    store = await told(ESTABLISHED)
    assert not store.state.connections[ONE].listens

    store = await told(ESTABLISHED, SyncStarted())
    assert not store.state.connections[ONE].listens

    store = await told(ESTABLISHED, SettingsPublished(settings=settings()), SyncStarted())
    known = store.state.connections[ONE]
    assert replace(known, standing=RUNNING) == connection()
    assert store.state.connections[ONE].listens


async def test_a_reconnect_ends_the_pause_that_a_refusal_was_given() -> None:
    store = await told(ESTABLISHED, SettingsPublished(settings=settings()), SyncStarted())
    async with store.begin() as work:
        held = await work.cursors.due(Side.SALESFORCE, timedelta(minutes=2))
        await work.cursors.release(held, timedelta(minutes=5))
    for event, due in (
        (ConnectionBroken(side=Side.SALESFORCE, reason="revoked"), 0),
        (ConnectionRestored(side=Side.SALESFORCE), 4),
    ):
        async with store.begin() as work:
            await note_lifecycle(work, ONE, event, next(STAMPS))
        async with store.begin() as work:
            assert len(await work.cursors.due(Side.SALESFORCE, timedelta(minutes=2))) == due


async def test_every_polled_object_has_a_cursor() -> None:
    store = await told(ESTABLISHED, ESTABLISHED)

    assert {(side, name) for _, side, name in store.state.cursors} == {
        (Side.SALESFORCE, "Contact"),
        (Side.SALESFORCE, "Lead"),
        (Side.SALESFORCE, "Account"),
        (Side.SALESFORCE, "Task"),
        (Side.HUBSPOT, "tasks"),
    }


def test_a_pause_of_the_sync_stops_no_news() -> None:
    assert SyncStarted in LIFECYCLE
    assert SyncPaused not in LIFECYCLE


async def test_broken_until_restored_or_connected_again() -> None:
    broken = ConnectionBroken(side=Side.HUBSPOT, reason="revoked")
    restored = ConnectionRestored(side=Side.HUBSPOT)
    for events, expected in (
        ([broken], True),
        ([broken, restored], False),
        ([broken, ESTABLISHED], False),
    ):
        store = await told(*events)
        assert store.state.connections[ONE].broken is expected


async def test_an_older_version_of_the_settings_changes_nothing() -> None:
    store = await told(
        SettingsPublished(settings=settings(3)), SettingsPublished(settings=settings(2))
    )
    kept = store.state.connections[ONE].settings
    assert kept is not None
    assert kept.version == 3


async def test_a_removed_connection_keeps_its_settings_and_positions_and_hears_nothing() -> None:
    store = await told(
        ESTABLISHED, SettingsPublished(settings=settings()), SyncStarted(), ConnectionRemoved()
    )
    kept = store.state.connections[ONE]
    assert (kept.settings, kept.listens) == (settings(), False)
    assert store.state.cursors != {}
    async with store.begin() as work:
        assert await work.connections.of_portals([ESTABLISHED.portal_id]) == {}


async def test_a_connection_that_is_back_listens_when_it_is_started_again() -> None:
    history: list[Event] = [ESTABLISHED, SettingsPublished(settings=settings()), SyncStarted()]
    back = await told(*history, ConnectionRemoved(), ESTABLISHED)
    assert not back.state.connections[ONE].listens
    started = await told(*history, ConnectionRemoved(), ESTABLISHED, SyncStarted())
    assert started.state.connections[ONE].listens


def test_the_mapped_fields_matter_and_a_few_always_do() -> None:
    interest = interest_of(connection())

    assert interest.hubspot == {
        ObjectType.CONTACT: frozenset({"firstname", "email"}),
        ObjectType.TASK: frozenset(
            {
                "hs_task_subject",
                "hs_task_body",
                "hs_task_status",
                "hs_task_priority",
                "hs_timestamp",
            }
        ),
    }
    assert interest.salesforce == {
        "Contact": ("Email", "FirstName"),
        "Lead": ("Email", "FirstName"),
        "Task": ("Subject", "Description", "Status", "Priority", "ActivityDate", "WhoId"),
    }


def test_companies_matter_once_they_are_turned_on() -> None:
    interest = interest_of(connection(settings=settings(companies=True)))

    assert interest.hubspot[ObjectType.COMPANY] == {"name", "domain"}
    assert interest.hubspot[ObjectType.CONTACT] == {"firstname", "email", "associatedcompanyid"}
    assert interest.salesforce["Account"] == ("Name", "Website")
    assert interest.salesforce["Contact"] == ("Email", "FirstName", "AccountId")


def test_activities_that_are_switched_off_do_not_matter() -> None:
    off = ActivitySettings(
        salesforce_tasks_to_hubspot=False, hubspot_tasks_to_salesforce=False, timeline_events=()
    )
    interest = interest_of(connection(settings=settings(1, off)))

    assert "Task" not in interest.salesforce
    assert ObjectType.TASK not in interest.hubspot
    assert (interest.hubspot_tasks, interest.form_submissions) == (False, False)


def test_without_settings_nothing_matters() -> None:
    assert interest_of(Connection(ONE)).hubspot == {}
