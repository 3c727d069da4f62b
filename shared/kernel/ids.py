"""Identifiers. UUIDv7, so that rows made later sort later."""

from collections.abc import Callable
from typing import NewType
from uuid import UUID

from uuid_utils.compat import uuid7

ConnectionId = NewType("ConnectionId", UUID)
IdSource = Callable[[], UUID]


def new_id() -> UUID:
    """A new time-ordered identifier."""
    return uuid7()
