"""What the fake store holds: plain dictionaries of frozen values, copied for each transaction."""

from copy import copy
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from uuid import UUID

from services.contact_sync.domain.journal import Entry
from services.contact_sync.domain.model import Link
from services.contact_sync.domain.world import Waiting
from services.contact_sync.ports import Connection, Import, Parked
from shared.outbox.mail import Outgoing
from tests.fakes.mailbox import FakeMailbox


class UniqueViolationError(Exception):
    """What Postgres raises when a row would be there twice."""


@dataclass
class State:
    """All tables. Values are frozen, so a copy of the dictionaries is a snapshot."""

    mail: FakeMailbox
    connections: dict[UUID, Connection] = field(default_factory=dict)
    links: dict[UUID, tuple[UUID, Link]] = field(default_factory=dict)
    journal: dict[UUID, tuple[UUID, Entry]] = field(default_factory=dict)
    parked: dict[UUID, tuple[UUID, Parked]] = field(default_factory=dict)
    members: dict[tuple[UUID, Waiting], None] = field(default_factory=dict)
    imports: dict[UUID, tuple[Import, datetime | None]] = field(default_factory=dict)
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
