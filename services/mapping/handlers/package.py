"""What the events of the package watcher mean: the package's step, and the switch of the sync.

A package that is gone pauses the sync where the published settings need what is missing; the same
package back in place resumes a sync that was paused for it, and no other.
"""

from dataclasses import replace

from services.mapping.domain.setup import Package, Setup, Sync
from services.mapping.handlers.switch import resumed, switched
from services.mapping.ports import Work
from shared.contracts.base import Event
from shared.contracts.mapping import SyncPaused
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageInstallFailed,
    PackageInstallStarted,
    PackageRemoved,
)
from shared.contracts.settings import Settings

PACKAGE_EVENTS = (PackageInstallStarted, PackageInstalled, PackageInstallFailed, PackageRemoved)
ALWAYS_NEEDED = ("Contact", "Lead")
"""Every connection syncs people."""


async def note_package(work: Work, setup: Setup, event: Event, at: str) -> Setup:
    """The setup after one event of the package. Not saved.

    `at` is the event's stamp (see Standing): one that is older than the last changes nothing, as
    a package that is found missing and put back may be told of in the wrong order. An event
    without a stamp is news.
    """
    if at and at <= setup.package_heard:
        return setup
    heard = replace(setup, package_heard=at or setup.package_heard)
    match event:
        case PackageInstallStarted():
            return replace(heard, package=Package.INSTALLING, package_problem="")
        case PackageInstalled():
            there = replace(heard, package=Package.INSTALLED, package_problem="")
            return await resumed(work, there) if there.paused_for_package else there
        case PackageInstallFailed():
            return replace(heard, package=Package.FAILED, package_problem=event.reason)
        case PackageRemoved():
            gone = replace(heard, package=Package.REMOVED, package_problem=event.reason)
            return await _paused(work, gone, event)
        case _:
            return setup


def needed(settings: Settings, objects: tuple[str, ...]) -> tuple[str, ...]:
    """Which of these Salesforce objects these settings write to, in the order given."""
    activities = settings.activities
    told = any(rule.sync for rule in activities.timeline) or bool(activities.timeline_events)
    wanted = {
        "Task": activities.hubspot_tasks_to_salesforce or told,
        "Account": settings.companies.enabled,
        "Opportunity": settings.deals.enabled,
    }
    return tuple(name for name in objects if name in ALWAYS_NEEDED or wanted.get(name, False))


async def _paused(work: Work, gone: Setup, event: PackageRemoved) -> Setup:
    if gone.sync is not Sync.RUNNING:
        return gone
    version = await work.versions.get(gone.connection_id, gone.published)
    settings = version.settings if version else Settings(version=0)
    objects = needed(settings, event.objects)
    if not objects:
        return gone
    reason = (
        f"The Salesforce package is missing, and {', '.join(objects)} cannot be written without "
        f"it. {event.reason} Install the package again; the sync then goes on by itself."
    )
    paused = await switched(work, gone, Sync.PAUSED, SyncPaused(reason=reason))
    return replace(paused, paused_for_package=True)
