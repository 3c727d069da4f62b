"""The difference between two sets of choices, in words. Pure."""

from services.mapping.domain.wording.changes import Change, Kind
from services.mapping.domain.wording.labels import Labels
from services.mapping.domain.wording.whole import differ

__all__ = ["Change", "Kind", "Labels", "differ"]
