"""A package that goes missing pauses what needs it, and its return lets that go on."""

from dataclasses import replace
from uuid import UUID

import pytest

from services.mapping.domain.setup import Package, Setup, StepState, Sync, established, steps
from services.mapping.handlers.lifecycle import note_lifecycle
from services.mapping.handlers.package import needed
from services.mapping.handlers.refusals import RefusedError
from services.mapping.handlers.switch import pause_sync, resume_sync
from services.mapping.handlers.views import setup_of
from services.mapping.ports import Version
from shared.contracts.base import Event
from shared.contracts.mapping import SettingsPublished, SyncPaused, SyncResumed
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageInstallFailed,
    PackageInstallStarted,
    PackageRemoved,
)
from shared.contracts.settings import (
    ActivitySettings,
    CompanySettings,
    DealSettings,
    Settings,
    TimelineRule,
)
from tests.unit.mapping.fakes import FakeStore
from tests.unit.mapping.test_handlers import ADMIN, ID

BACK = PackageInstalled(method="deploy")
GONE = PackageRemoved(
    reason="The field is not there.",
    missing=("Lead.Causeway_Key__c",),
    objects=("Lead",),
)
NO_ACTIVITIES = ActivitySettings(hubspot_tasks_to_salesforce=False, timeline_events=())


async def running(settings: Settings | None = None) -> FakeStore:
    store = FakeStore()
    told = settings or Settings(version=1)
    async with store.begin() as work:
        await work.versions.add(ID, Version(told, ADMIN.subject, "", ADMIN.at))
        setup = Setup(ID, connected=True, org_id="00D1", package=Package.INSTALLED)
        await work.setups.save(replace(setup, sync=Sync.RUNNING, version=1, published=1))
    return store


async def hear(store: FakeStore, *events: Event, at: str = "") -> None:
    for event in events:
        async with store.begin() as work:
            await note_lifecycle(work, ID, event, at=at)


async def switch_of(store: FakeStore) -> tuple[Package, Sync, bool]:
    setup = await setup_of(store, ID)
    return setup.package, setup.sync, setup.paused_for_package


async def test_a_missing_package_pauses_and_opens_its_step() -> None:
    store = await running()
    await hear(store, GONE, GONE)
    assert await switch_of(store) == (Package.REMOVED, Sync.PAUSED, True)
    assert store.sent == [
        SyncPaused(
            reason="The Salesforce package is missing, and Lead cannot be written without it. The "
            "field is not there. Install the package again; the sync then goes on by itself."
        )
    ]
    [step] = [one for one in steps(await setup_of(store, ID)) if one.name == "package"]
    assert step.state is StepState.OPEN
    assert step.todo == "Install the package again; it was removed. The field is not there."


async def test_its_return_resumes_what_was_paused_for_it() -> None:
    store = await running()
    await hear(store, GONE, PackageInstallStarted(method="deploy"))
    assert await switch_of(store) == (Package.INSTALLING, Sync.PAUSED, True)
    await hear(store, PackageInstallFailed(reason="no"))
    assert await switch_of(store) == (Package.FAILED, Sync.PAUSED, True)
    await hear(store, BACK, BACK)
    assert await switch_of(store) == (Package.INSTALLED, Sync.RUNNING, False)
    assert store.sent[1:] == [SyncResumed()]


async def test_settings_that_were_changed_meanwhile_are_published_first() -> None:
    store = await running()
    await hear(store, GONE)
    newer = Settings(version=2)
    async with store.begin() as work:
        await work.versions.add(ID, Version(newer, ADMIN.subject, "", ADMIN.at))
        await work.setups.save(replace(await work.setups.opened(ID), version=2))
    await hear(store, BACK)
    assert store.sent[1:] == [SettingsPublished(settings=newer), SyncResumed()]
    assert (await setup_of(store, ID)).published == 2


@pytest.mark.parametrize("first", [True, False])
async def test_an_admins_own_pause_outlasts_the_return(*, first: bool) -> None:
    store = await running()
    if first:
        await pause_sync(store, ID, "a look at the data")
        await hear(store, GONE)
    else:
        await hear(store, GONE)
        await pause_sync(store, ID, "a look at the data")
    assert await switch_of(store) == (Package.REMOVED, Sync.PAUSED, False)
    await hear(store, BACK)
    assert await switch_of(store) == (Package.INSTALLED, Sync.PAUSED, False)
    await resume_sync(store, ID)
    assert await switch_of(store) == (Package.INSTALLED, Sync.RUNNING, False)


async def test_a_sync_that_waits_for_its_package_is_not_resumed_by_hand() -> None:
    store = await running()
    await hear(store, GONE)
    with pytest.raises(RefusedError) as refused:
        await resume_sync(store, ID)
    assert refused.value.code == "setup_incomplete"
    assert [problem.field for problem in refused.value.problems] == ["steps.package"]
    assert await switch_of(store) == (Package.REMOVED, Sync.PAUSED, True)


async def test_what_nobody_needs_pauses_nothing() -> None:
    store = await running(Settings(version=1, activities=NO_ACTIVITIES))
    event = PackageRemoved(reason="x", objects=("Task", "Account", "Opportunity"))
    await hear(store, event)
    assert await switch_of(store) == (Package.REMOVED, Sync.RUNNING, False)
    assert store.sent == []
    await hear(store, BACK)
    assert await switch_of(store) == (Package.INSTALLED, Sync.RUNNING, False)


async def test_news_that_is_late_changes_nothing() -> None:
    store = await running()
    await hear(store, BACK, at="2026-11-24T12:00:02 b")
    await hear(store, GONE, at="2026-11-24T12:00:01 a")
    assert await switch_of(store) == (Package.INSTALLED, Sync.RUNNING, False)
    await hear(store, GONE, at="2026-11-24T12:00:03 c")
    assert await switch_of(store) == (Package.REMOVED, Sync.PAUSED, True)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        (Settings(version=1, activities=NO_ACTIVITIES), ("Contact", "Lead")),
        (Settings(version=1), ("Contact", "Lead", "Task")),
        (
            Settings(
                version=1,
                activities=ActivitySettings(
                    hubspot_tasks_to_salesforce=False,
                    timeline_events=(),
                    timeline=(TimelineRule(event_type="form_submission"),),
                ),
            ),
            ("Contact", "Lead", "Task"),
        ),
        (
            Settings(
                version=1,
                activities=NO_ACTIVITIES,
                companies=CompanySettings(enabled=True),
                deals=DealSettings(enabled=True),
            ),
            ("Contact", "Lead", "Account", "Opportunity"),
        ),
    ],
)
def test_what_settings_need(settings: Settings, expected: tuple[str, ...]) -> None:
    everything = ("Contact", "Lead", "Task", "Account", "Opportunity")
    assert needed(settings, everything) == expected


def test_another_org_needs_a_hand() -> None:
    waiting = Setup(
        UUID(int=1), connected=True, org_id="00D1", sync=Sync.PAUSED, paused_for_package=True
    )
    assert established(waiting, "00D1").paused_for_package
    assert not established(waiting, "00D2").paused_for_package
