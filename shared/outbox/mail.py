"""Plain values of the mailbox. No I/O and no framework here, so that use cases may hold them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Protocol
from uuid import UUID

from shared.contracts.base import Event
from shared.kernel.errors import RetriableError


class Priority(IntEnum):
    """What goes first: a person who waits, then live changes, then retries, then imports."""

    INTERACTIVE = 0
    LIVE = 10
    RETRY = 20
    IMPORT = 30


@dataclass(frozen=True, slots=True)
class Note:
    """News of one record. `cause` is kept for the journal and holds no personal value."""

    connection_id: UUID
    lane: str
    side: str
    record_id: str
    priority: int = Priority.LIVE
    cause: dict[str, str] = field(default_factory=dict)
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """One mailbox row held by `token` until its lease ends."""

    connection_id: UUID
    lane: str
    side: str
    record_id: str
    generation: int
    attempts: int
    priority: int
    first_seen_at: datetime
    cause: dict[str, str]
    traceparent: str | None
    token: UUID


def traces_of(claimed: Sequence[Claimed]) -> list[str | None]:
    """The traces that a batch goes on with, that of the change that waited longest first."""
    return [row.traceparent for row in sorted(claimed, key=lambda row: row.first_seen_at)]


@dataclass(frozen=True, slots=True)
class Lane:
    """The work of one connection and one object type, held by one worker; `fence` only grows."""

    connection_id: UUID
    lane: str
    fence: int
    holder: UUID


class LaneLostError(RetriableError):
    """Another worker holds the lane by now: stop, its rows are in good hands."""

    def __init__(self, lane: Lane) -> None:
        super().__init__(
            f"The lane {lane.lane} of {lane.connection_id} went to another worker.",
            code="lane_lost",
        )


@dataclass(frozen=True, slots=True)
class Depth:
    """How much waits in one lane, and since when (None when nothing does); parked rows apart."""

    connection_id: UUID
    lane: str
    records: int
    oldest: datetime | None
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way into the outbox. `subject` names the record or thing it is about.

    `traceparent` is the trace that it belongs to, where that is not the current one.
    """

    connection_id: UUID
    subject: str
    event: Event
    traceparent: str | None = None


class Mail(Protocol):
    """The mailbox within one transaction, as use cases see it (see Mailbox for the promises)."""

    async def note(self, notes: Sequence[Note]) -> None:
        """Puts news into the mailbox; a record that waits already gets no second row."""
        ...

    async def pause(self, connection_id: UUID, reason: str) -> None:
        """Holds all lanes of a connection."""
        ...

    async def resume(self, connection_id: UUID) -> None:
        """Frees the lanes of a connection; what waited is due at once, unless it is parked."""
        ...

    async def postpone_connection(self, connection_id: UUID, until: datetime) -> None:
        """Lets everything that waits of a connection wait until then."""
        ...

    async def claim_lane(self, *, holder: UUID, lease: timedelta) -> Lane | None:
        """The due lane that was served longest ago, or None."""
        ...

    async def release_lane(self, lane: Lane) -> None:
        """Gives a lane back before its lease ends."""
        ...

    async def claim(self, lane: Lane, *, limit: int, lease: timedelta) -> list[Claimed]:
        """Due rows of a lane, held until the lease ends."""
        ...

    async def settle(self, done: Sequence[Claimed]) -> None:
        """Deletes rows that have not changed since they were claimed."""
        ...

    async def postpone(
        self,
        claimed: Sequence[Claimed],
        *,
        due_in: timedelta,
        reason: str,
        count_attempt: bool,
    ) -> None:
        """Lets claimed rows wait; a counted attempt is one of a bounded number."""
        ...
