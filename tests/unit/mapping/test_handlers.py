"""The use cases over a store and CRMs that hold state."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.mapping.domain.choices import Choices, Contacts
from services.mapping.domain.model import Rule, Wanted
from services.mapping.domain.setup import Package, Setup, Sync, Visualforce, unfinished
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.edit import change_settings, replace_settings
from services.mapping.handlers.finish import finish_setup
from services.mapping.handlers.lifecycle import note_lifecycle
from services.mapping.handlers.refresh import read_fields
from services.mapping.handlers.refusals import RefusedError
from services.mapping.handlers.switch import pause_sync, resume_sync
from services.mapping.handlers.versions import Author
from services.mapping.handlers.views import history, newest_version, settings_of, setup_of
from services.mapping.ports import Version
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.mapping import SettingsPublished
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageInstallFailed,
    PackageInstallStarted,
    VisualforceAdded,
    VisualforceRemoved,
    VisualforceSkipped,
)
from shared.contracts.settings import ContactSettings, Settings, SyncRule
from shared.kernel.records import Side
from tests.unit.mapping.catalogues import ordinary
from tests.unit.mapping.fakes import FakeCrms, FakeStore
from tests.unit.mapping.lookups import FakeLookups

ID = UUID("01890000-0000-7000-8000-000000000001")
ADMIN = Author("ada", datetime(2026, 11, 24, 12, 0, tzinfo=UTC))
ESTABLISHED = ConnectionEstablished(
    portal_id="62",
    org_id="00D1",
    environment="production",
    instance_url="https://acme.my.salesforce.com",
    hubspot_app_id="7",
    salesforce_user_id="0051",
)


async def hear(store: FakeStore, *events: Event) -> None:
    for event in events:
        async with store.begin() as work:
            await note_lifecycle(work, ID, event)


async def ready_to_finish() -> FakeStore:
    store = FakeStore()
    await hear(store, ESTABLISHED, PackageInstalled(method="deploy"), VisualforceSkipped())
    await choose_recommended(store, FakeCrms(store, ordinary()), ID, ADMIN)
    return store


async def running() -> FakeStore:
    store = await ready_to_finish()
    await finish(store)
    return store


async def finish(store: FakeStore, *acknowledged: str) -> Setup:
    """The finish, with CRMs in which all is well."""
    return await finish_setup(
        store,
        FakeCrms(store, ordinary()),
        FakeLookups(store),
        ID,
        acknowledged=acknowledged,
        author=ADMIN,
    )


async def map_only(store: FakeStore, *wanted: Wanted, expected: int) -> Version:
    return await change_settings(
        store,
        ID,
        lambda choices: replace(choices, wanted=wanted),
        expected=expected,
        author=ADMIN,
        note="mappings changed",
    )


def names(store: FakeStore) -> list[str]:
    return [type(event).__name__ for event in store.sent]


def code(error: pytest.ExceptionInfo[RefusedError]) -> str:
    return error.value.code


async def test_events_fill_the_setup_in_any_order() -> None:
    events = [ESTABLISHED, PackageInstalled(method="deploy"), VisualforceAdded()]
    expected = Setup(
        ID,
        connected=True,
        org_id="00D1",
        package=Package.INSTALLED,
        visualforce=Visualforce.ADDED,
    )
    for order in (events, events[::-1], [*events, *events]):
        store = FakeStore()
        await hear(store, *order)
        assert await setup_of(store, ID) == expected


async def test_a_window_that_was_removed_is_not_waited_for() -> None:
    store = FakeStore()
    await hear(store, ESTABLISHED, VisualforceAdded(), VisualforceRemoved(layouts=("Lead-A",)))
    assert (await setup_of(store, ID)).visualforce is Visualforce.SKIPPED


async def test_a_failed_install_says_why() -> None:
    store = FakeStore()
    await hear(store, PackageInstallStarted(method="deploy"), PackageInstallFailed(reason="no"))
    setup = await setup_of(store, ID)
    assert (setup.package, setup.package_problem) == (Package.FAILED, "no")


async def test_a_broken_side_is_shown_until_it_is_restored() -> None:
    store = FakeStore()
    await hear(store, ESTABLISHED, ConnectionBroken(side=Side.HUBSPOT, reason="revoked"))
    assert (await setup_of(store, ID)).broken == "HubSpot (revoked)"
    await hear(store, ConnectionRestored(side=Side.HUBSPOT))
    assert (await setup_of(store, ID)).broken == ""


async def test_a_disconnect_keeps_the_versions_and_stops() -> None:
    store = await running()
    await hear(store, ConnectionRemoved())
    setup = await setup_of(store, ID)
    assert (setup.connected, setup.sync, setup.version) == (False, Sync.NOT_STARTED, 1)


async def test_a_connection_that_is_back_has_only_to_be_started() -> None:
    store = await running()
    await hear(store, ConnectionRemoved(), ESTABLISHED)
    setup = await setup_of(store, ID)
    assert (setup.connected, setup.package, setup.version) == (True, Package.INSTALLED, 1)
    assert unfinished(setup) == ()
    assert setup.sync is Sync.NOT_STARTED


async def test_a_connection_that_is_back_with_another_org_needs_the_package_there() -> None:
    store = await running()
    await hear(store, ConnectionRemoved(), ESTABLISHED.model_copy(update={"org_id": "00DOTHER"}))
    setup = await setup_of(store, ID)
    assert (setup.package, setup.version, setup.sync) == (Package.WAITING, 1, Sync.NOT_STARTED)


async def test_a_removal_that_comes_late_disconnects_nothing() -> None:
    store = FakeStore()
    for event, at in ((ESTABLISHED, "2026-02"), (ConnectionRemoved(), "2026-01")):
        async with store.begin() as work:
            await note_lifecycle(work, ID, event, at=at)
    assert (await setup_of(store, ID)).connected


async def test_the_choice_drafts_a_version_and_publishes_nothing() -> None:
    store = FakeStore()
    crms = FakeCrms(store, ordinary())
    await hear(store, ESTABLISHED)
    drafted = await choose_recommended(store, crms, ID, ADMIN)
    assert drafted.version.settings.version == 1
    assert drafted.version.author == "ada"
    assert len(drafted.version.settings.mappings) == 10
    assert len(drafted.left_out) == 15
    assert crms.keys_made == {ID}
    assert store.sent == []
    assert (await settings_of(store, ID))[0] == drafted.version.settings


async def test_the_choice_needs_both_sides() -> None:
    store = FakeStore()
    crms = FakeCrms(store, ordinary())
    with pytest.raises(RefusedError) as unknown:
        await choose_recommended(store, crms, ID, ADMIN)
    await hear(store, ESTABLISHED, ConnectionBroken(side=Side.SALESFORCE, reason="expired"))
    with pytest.raises(RefusedError) as broken:
        await choose_recommended(store, crms, ID, ADMIN)
    assert (code(unknown), code(broken)) == ("unknown_connection", "not_connected")
    assert crms.keys_made == set()


async def test_a_started_sync_is_not_drafted_anew() -> None:
    store = await running()
    crms = FakeCrms(store, ordinary())
    with pytest.raises(RefusedError) as refused:
        await choose_recommended(store, crms, ID, ADMIN)
    assert code(refused) == "sync_already_started"
    assert crms.keys_made == set()
    assert (await setup_of(store, ID)).version == 1


async def test_a_choice_before_the_start_may_be_repeated() -> None:
    store = await ready_to_finish()
    again = await choose_recommended(store, FakeCrms(store, ordinary()), ID, ADMIN)
    assert again.version.settings.version == 2


async def test_finish_publishes_the_settings_then_starts() -> None:
    store = await ready_to_finish()
    setup = await finish(store)
    assert names(store) == ["SettingsPublished", "SyncStarted"]
    assert (setup.sync, setup.published) == (Sync.RUNNING, 1)
    published = store.sent[0]
    assert isinstance(published, SettingsPublished)
    assert published.settings == (await newest_version(store, ID)).settings


async def test_finish_twice_starts_once() -> None:
    store = await running()
    await finish(store)
    assert names(store) == ["SettingsPublished", "SyncStarted"]


async def test_finish_names_every_missing_step() -> None:
    store = FakeStore()
    await hear(store, ESTABLISHED)
    with pytest.raises(RefusedError) as refused:
        await finish(store)
    assert code(refused) == "setup_incomplete"
    assert [p.field for p in refused.value.problems] == [
        "steps.package",
        "steps.visualforce",
        "steps.choice",
    ]
    assert store.sent == []


async def test_finish_looks_at_the_fields_once_more() -> None:
    store = await ready_to_finish()
    shrunk = ordinary()
    await read_fields(
        store,
        FakeCrms(store, type(shrunk)({}, shrunk.salesforce)),
        ID,
    )
    with pytest.raises(RefusedError) as refused:
        await finish(store)
    assert code(refused) == "settings_invalid"
    assert len(refused.value.problems) == 10
    assert store.sent == []


async def test_a_change_is_a_new_version_and_the_old_one_stays() -> None:
    store = await ready_to_finish()
    version = await map_only(store, Wanted("lastname", "LastName", Rule.TWO_WAY), expected=1)
    assert version.settings.version == 2
    assert [m.rule for m in version.settings.mappings] == [SyncRule.TWO_WAY]
    versions = await history(store, ID, before=None, limit=10)
    assert [v.settings.version for v in versions] == [2, 1]
    assert len(versions[1].settings.mappings) == 10
    assert [v.settings.version for v in await history(store, ID, before=2, limit=10)] == [1]
    assert store.sent == []


async def test_a_change_while_the_sync_runs_goes_out_at_once() -> None:
    store = await running()
    chosen = Choices(contacts=Contacts(create_in_salesforce="lead"))
    await replace_settings(store, ID, chosen, expected=1, author=ADMIN)
    published = store.sent[-1]
    assert isinstance(published, SettingsPublished)
    assert published.settings == Settings(
        version=2, contacts=ContactSettings(create_in_salesforce="lead")
    )
    assert (await setup_of(store, ID)).published == 2


async def test_a_change_during_a_pause_goes_out_with_the_resume() -> None:
    store = await running()
    await pause_sync(store, ID, "maintenance")
    await map_only(store, expected=1)
    assert names(store)[2:] == ["SyncPaused"]
    await resume_sync(store, ID)
    assert names(store)[3:] == ["SettingsPublished", "SyncResumed"]
    assert (await setup_of(store, ID)).sync is Sync.RUNNING


async def test_pause_and_resume_twice_are_once() -> None:
    store = await running()
    for _ in range(2):
        await pause_sync(store, ID, "maintenance")
    for _ in range(2):
        await resume_sync(store, ID)
    assert names(store)[2:] == ["SyncPaused", "SyncResumed"]


async def test_only_a_started_sync_can_be_switched() -> None:
    store = await ready_to_finish()
    with pytest.raises(RefusedError) as paused:
        await pause_sync(store, ID, "why")
    with pytest.raises(RefusedError) as resumed:
        await resume_sync(store, ID)
    assert (code(paused), code(resumed)) == ("sync_not_started", "sync_not_started")


async def test_a_change_of_an_older_version_is_refused() -> None:
    store = await running()
    await map_only(store, expected=1)
    with pytest.raises(RefusedError) as refused:
        await map_only(store, expected=1)
    assert code(refused) == "version_outdated"
    assert (await setup_of(store, ID)).version == 2


async def test_an_invalid_change_changes_nothing() -> None:
    store = await running()
    with pytest.raises(RefusedError) as refused:
        await map_only(store, Wanted("nope", "Email"), expected=1)
    assert code(refused) == "settings_invalid"
    assert refused.value.problems[0].field == "mappings[0].hubspot_property"
    assert (await setup_of(store, ID)).version == 1


async def test_nothing_can_be_changed_before_the_choice() -> None:
    store = FakeStore()
    await hear(store, ESTABLISHED)
    with pytest.raises(RefusedError) as refused:
        await replace_settings(store, ID, Choices(), expected=0, author=ADMIN)
    assert code(refused) == "no_settings"


async def test_an_unknown_connection_has_no_settings_yet() -> None:
    assert await settings_of(FakeStore(), ID) == (None, Sync.NOT_STARTED)
