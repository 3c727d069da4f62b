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

    async def timeline(
        self, connection_id: UUID, contact_id: str, *, limit: int
    ) -> list[dict[str, Any]]:
        """Events of one HubSpot contact that crossed over: their kind, and when they happened."""
        ...

    async def parked(
        self, connection_id: UUID, *, limit: int, before: UUID | None
    ) -> list[dict[str, Any]]:
        """Activities that wait for a person or for a link."""
        ...
