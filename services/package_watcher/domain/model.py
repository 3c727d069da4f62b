"""The words of an installation: how it was ordered, where it is, what was seen of it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class Kind(StrEnum):
    """What an order is about.

    `upgrade`: the package was in place when it was ordered, and stays there whatever happens.
    """

    INSTALL = "install"
    UPGRADE = "upgrade"
    UNINSTALL = "uninstall"


class Method(StrEnum):
    """How the package gets into the org, or out of it."""

    DEPLOY = "deploy"
    VERSION = "version"
    MANUAL = "manual"


class Audience(StrEnum):
    """Who may use an installed package version."""

    ADMINS = "admins"
    ALL = "all"


class NameConflict(StrEnum):
    """What a package version does to a component of the org that has the name of one of its own."""

    BLOCK = "block"
    RENAME = "rename"


class State(StrEnum):
    """Where an installation is.

    `absent`: nobody has ordered one; one look tells whether the package is there already.
    `checking`: Salesforce says that it is done; the fields have yet to be seen (or be gone).
    """

    ABSENT = "absent"
    REQUESTED = "requested"
    INSTALLING = "installing"
    UNINSTALLING = "uninstalling"
    TAKING_LONG = "taking_long"
    CHECKING = "checking"
    WAITING_FOR_ADMIN = "waiting_for_admin"
    INSTALLED = "installed"
    UNINSTALLED = "uninstalled"
    FAILED = "failed"
    TIMED_OUT = "timed_out"


TERMINAL = frozenset({State.INSTALLED, State.UNINSTALLED, State.FAILED, State.TIMED_OUT})
"""Left only by an order of an operator: a new installation, or `resume` after a deadline."""

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
    """The Salesforce org of one connection, and the user that Causeway is connected as.

    `instance_url` is where the org lives (its My Domain), empty where it is not known yet. One that
    is not `connected` is kept for the day when it is again; `heard` is the stamp (see Standing) of
    the latest event that said which it is.
    """

    connection_id: UUID
    org_id: str
    environment: str
    user_id: str
    instance_url: str = ""
    connected: bool = True
    heard: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What an operator asked for. `version_id` is a package version's id (04t...).

    `sealed_password` is the version's installation key, encrypted for this installation.
    """

    method: Method
    version_id: str = ""
    audience: Audience = Audience.ADMINS
    third_party_access: bool = False
    kind: Kind = Kind.INSTALL
    name_conflict: NameConflict = NameConflict.BLOCK
    sealed_password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Failure:
    """One component that Salesforce did not take."""

    component: str
    problem: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One line of an installation's history: what was asked, what came back, and where that led.

    The same answer again only counts up `times`, so that an hour of waiting is one line.
    """

    asked: str
    answer: str
    said: str
    state: State
    first_at: datetime
    last_at: datetime
    times: int = 1


@dataclass(frozen=True, slots=True)
class Installation:
    """One installation and all that is known of it.

    `looks` counts every look, `quiet_looks` those since the last change (the cadence grows with
    them), `sends` how often the request was sent; `announced` that the others were told of the
    start. `said` is Salesforce's latest text. `wait` is set, in seconds, while something outside
    holds the watcher up (quota, a dead grant). `latest` is the time beyond which not even that
    moves the deadline. `ended_in` is where it was when it failed or timed out. `version` is the
    package's own version as it was found in the org, `warning` what an admin should know of it.
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
    latest: datetime | None = None
    ended_in: State | None = None
    version: str = ""
    warning: str = ""
    history: tuple[Seen, ...] = ()
