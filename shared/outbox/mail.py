"""Plain values of the mailbox. No I/O and no framework here, so that use cases may hold them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from shared.contracts.base import Event


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


@dataclass(frozen=True, slots=True)
class Lane:
    """The work of one connection and one object type, held by one worker; `fence` only grows."""

    connection_id: UUID
    lane: str
    fence: int
    holder: UUID


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event on its way into the outbox. `subject` names the record or thing it is about."""

    connection_id: UUID
    subject: str
    event: Event
