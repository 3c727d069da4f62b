"""The words of an installation: how it was ordered, where it is, what was seen of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Method(StrEnum):
    """How the package gets into the org."""

    DEPLOY = "deploy"
    VERSION = "version"
    MANUAL = "manual"


class Audience(StrEnum):
    """Who may use an installed package version."""

    ADMINS = "admins"
    ALL = "all"


class State(StrEnum):
    """Where an installation is.

    `absent`: nobody has ordered one; one look tells whether the package is there already.
    `checking`: Salesforce says that it is done; the fields have yet to be seen.
    """

    ABSENT = "absent"
    REQUESTED = "requested"
    INSTALLING = "installing"
    TAKING_LONG = "taking_long"
    CHECKING = "checking"
    WAITING_FOR_ADMIN = "waiting_for_admin"
    INSTALLED = "installed"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


TERMINAL = frozenset({State.INSTALLED, State.FAILED, State.TIMED_OUT})
"""Left only by an order of an operator, which starts another installation."""

RESTING = TERMINAL | {State.ABSENT}
"""States in which a new order is accepted."""


class Step(StrEnum):
    """What the watcher does next in the org."""

    SEND = "send"
    STATUS = "status"
    LOOK = "look"
    ASSIGN_AND_LOOK = "assign_and_look"


@dataclass(frozen=True, slots=True)
class Org:
    """The Salesforce org of one connection, and the user that Causeway is connected as."""

    connection_id: UUID
    org_id: str
    environment: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator asked for. `version_id` is a package version's id (04t...)."""

    method: Method
    version_id: str = ""
    audience: Audience = Audience.ADMINS
    third_party_access: bool = False


@dataclass(frozen=True, slots=True)
class Failure:
    """One component that Salesforce did not take."""

    component: str
    problem: str


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation and all that is known of it.

    `looks` counts every look, `quiet_looks` those since the last change (the cadence grows with
    them), `sends` how often the request was sent; `announced` that the others were told of the
    start. `said` is Salesforce's latest text. `wait` is
    set, in seconds, while something outside holds the watcher up (quota, a dead grant).
    """

    id: UUID
    connection_id: UUID
    order: Order
    state: State
    requested_at: datetime
    since: datetime
    deadline: datetime | None = None
    request_id: str = ""
    looks: int = 0
    quiet_looks: int = 0
    sends: int = 0
    announced: bool = False
    said: str = ""
    failures: tuple[Failure, ...] = ()
    components_done: int = 0
    components: int = 0
    wait: float | None = None
