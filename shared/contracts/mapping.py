"""Events of the mapping service: settings as immutable versions, and the switch of the sync."""

from typing import ClassVar

from shared.contracts.base import Event
from shared.contracts.settings import Settings


class SettingsPublished(Event):
    """A new version of a connection's settings; it replaces the one before as a whole."""

    owner: ClassVar[str] = "mapping"

    settings: Settings


class SyncStarted(Event):
    """The setup is finished and the sync runs for the first time."""

    owner: ClassVar[str] = "mapping"


class SyncPaused(Event):
    """Stop writing to both CRMs; changes go on being noted."""

    owner: ClassVar[str] = "mapping"

    reason: str


class SyncResumed(Event):
    """Go on with what was noted during the pause."""

    owner: ClassVar[str] = "mapping"
