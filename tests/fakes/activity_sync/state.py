"""What the fake store holds: dictionaries of frozen values, copied for each transaction."""

from copy import copy
from dataclasses import dataclass, field, fields, replace
from uuid import UUID

from services.activity_sync.domain.timeline import TimelineEvent
from services.activity_sync.ports import Connection, Entry, Parked, PersonLink, Record, TaskLink
from shared.outbox.mail import Outgoing
from tests.fakes.mailbox import FakeMailbox

Scoped = tuple[UUID, str]


class UniqueViolationError(Exception):
    """What Postgres raises when a row would be there twice."""


@dataclass
class State:
    """All tables; the mailbox' own are in `mail`."""

    mail: FakeMailbox
    connections: dict[UUID, Connection] = field(default_factory=dict)
    people: dict[Scoped, PersonLink] = field(default_factory=dict)
    links: dict[UUID, tuple[UUID, TaskLink]] = field(default_factory=dict)
    timeline: dict[Scoped, TimelineEvent] = field(default_factory=dict)
    journal: dict[UUID, tuple[UUID, Entry]] = field(default_factory=dict)
    parked: dict[tuple[UUID, Record, str], Parked] = field(default_factory=dict)
    outbox: dict[int, Outgoing] = field(default_factory=dict)

    def copy(self) -> "State":
        """A snapshot that can be changed without changing this one."""
        tables = {f.name: dict(getattr(self, f.name)) for f in fields(self) if f.name != "mail"}
        mail = replace(
            self.mail,
            rows={key: copy(row) for key, row in self.mail.rows.items()},
            lanes={key: copy(lane) for key, lane in self.mail.lanes.items()},
            pauses={key: copy(pause) for key, pause in self.mail.pauses.items()},
        )
        return State(mail=mail, **tables)
