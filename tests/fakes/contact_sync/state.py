"""What the fake store holds: plain dictionaries of frozen values, copied for each transaction."""

from dataclasses import dataclass, field, fields
from datetime import datetime
from uuid import UUID

from services.contact_sync.domain.journal import Entry
from services.contact_sync.domain.model import Link
from services.contact_sync.ports import Connection, Import, Parked
from shared.outbox.mail import Outgoing

MailKey = tuple[UUID, str, str, str]
LaneKey = tuple[UUID, str]


class UniqueViolationError(Exception):
    """What Postgres raises when a row would be there twice."""


@dataclass(frozen=True, slots=True)
class MailRow:
    """One record with changes waiting."""

    generation: int
    attempts: int
    priority: int
    first_seen_at: datetime
    due_at: datetime
    cause: dict[str, str]
    traceparent: str | None
    reason: str = ""
    token: UUID | None = None
    held_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class LaneRow:
    """One lane; `served` orders lanes by when they were served last."""

    fence: int = 0
    holder: UUID | None = None
    held_until: datetime | None = None
    served: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Why and until when a connection is held."""

    paused: bool = False
    reason: str = ""
    until: datetime | None = None


@dataclass
class State:
    """All tables. Values are frozen, so a copy of the dictionaries is a snapshot."""

    connections: dict[UUID, Connection] = field(default_factory=dict)
    links: dict[UUID, tuple[UUID, Link]] = field(default_factory=dict)
    journal: dict[UUID, tuple[UUID, Entry]] = field(default_factory=dict)
    parked: dict[UUID, tuple[UUID, Parked]] = field(default_factory=dict)
    imports: dict[UUID, tuple[Import, datetime | None]] = field(default_factory=dict)
    mailbox: dict[MailKey, MailRow] = field(default_factory=dict)
    lanes: dict[LaneKey, LaneRow] = field(default_factory=dict)
    pauses: dict[UUID, Pause] = field(default_factory=dict)
    outbox: dict[int, Outgoing] = field(default_factory=dict)

    def copy(self) -> "State":
        """A snapshot that can be changed without changing this one."""
        return State(**{item.name: dict(getattr(self, item.name)) for item in fields(self)})
