"""What people may look at: activities that crossed over, and those that wait."""

from typing import Any, Protocol
from uuid import UUID


class Views(Protocol):
    """Lists of one connection, newest first, older than `before`."""

    async def journal(
        self, connection_id: UUID, *, limit: int, before: UUID | None
    ) -> list[dict[str, Any]]:
        """Writes with before, after and cause."""
        ...

    async def parked(
        self, connection_id: UUID, *, limit: int, before: UUID | None
    ) -> list[dict[str, Any]]:
        """Activities that wait for a person or for a link."""
        ...
