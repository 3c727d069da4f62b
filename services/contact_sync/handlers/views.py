"""What people may look at: links, the journal, parked records, imports. Read only."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list: its place in the list's order, and its public fields."""

    place: tuple[str, ...]
    fields: dict[str, Any]


class Views(Protocol):
    """Lists of one connection, newest first, from after `place` on."""

    async def links(
        self,
        connection_id: UUID,
        *,
        record_id: str | None = None,
        limit: int,
        after: tuple[datetime, UUID] | None,
    ) -> list[Row]:
        """Linked pairs with the time of their last sync; of one record if its id is given."""
        ...

    async def link(self, connection_id: UUID, link_id: UUID) -> dict[str, Any] | None:
        """One pair with the values that both sides agreed on."""
        ...

    async def journal(
        self, connection_id: UUID, *, record_id: str | None, limit: int, before: UUID | None
    ) -> list[Row]:
        """Writes with before, after, rule and cause."""
        ...

    async def parked(self, connection_id: UUID, *, limit: int, before: UUID | None) -> list[Row]:
        """Records that wait for a person."""
        ...

    async def imports(self, connection_id: UUID) -> list[dict[str, Any]]:
        """The latest imports with what is noted and what still waits."""
        ...

    async def waiting(self, connection_id: UUID) -> dict[str, Any]:
        """How many records wait in the mailbox, since when, and why the lane is held."""
        ...
