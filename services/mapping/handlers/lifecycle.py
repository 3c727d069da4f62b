"""What the events of other services mean for the setup of a connection."""

from dataclasses import replace
from uuid import UUID

from services.mapping.domain.setup import Setup, Visualforce, established, removed
from services.mapping.handlers.package import PACKAGE_EVENTS, note_package
from services.mapping.ports import Work
from shared.contracts.base import Event
from shared.contracts.connection import (
    ConnectionBroken,
    ConnectionEstablished,
    ConnectionRemoved,
    ConnectionRestored,
)
from shared.contracts.package_watcher import (
    VisualforceAdded,
    VisualforceRemoved,
    VisualforceSkipped,
)

_SIDES = {"hubspot": "HubSpot", "salesforce": "Salesforce"}


async def note_lifecycle(work: Work, connection_id: UUID, event: Event, *, at: str = "") -> None:
    """Moves the setup on by one event. Events come in any order and may come twice.

    `at` is the event's stamp (see Standing), empty where nobody stamped it. A purge is the inbox's.
    """
    setup = await work.setups.opened(connection_id)
    if isinstance(event, PACKAGE_EVENTS):
        changed = await note_package(work, setup, event, at)
    else:
        changed = _changed(setup, event, at)
    if changed != setup:
        await work.setups.save(changed)


def _changed(setup: Setup, event: Event, at: str) -> Setup:
    match event:
        case ConnectionEstablished() | ConnectionRemoved() if at and at <= setup.connection_heard:
            return setup
        case ConnectionEstablished():
            return replace(
                established(setup, event.org_id), connection_heard=at or setup.connection_heard
            )
        case ConnectionBroken():
            return replace(setup, broken=f"{_SIDES[event.side.value]} ({event.reason})")
        case ConnectionRestored():
            return replace(setup, broken="")
        case ConnectionRemoved():
            return replace(removed(setup), connection_heard=at or setup.connection_heard)
        case VisualforceAdded():
            return replace(setup, visualforce=Visualforce.ADDED)
        case VisualforceSkipped() | VisualforceRemoved():
            return replace(setup, visualforce=Visualforce.SKIPPED)
        case _:
            return setup
