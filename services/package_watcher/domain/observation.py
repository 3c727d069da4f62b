"""What a step in the org can come to."""

from dataclasses import dataclass
from enum import StrEnum

from services.package_watcher.domain.model import Failure


class Reported(StrEnum):
    """What Salesforce says of a request, in one spelling.

    Its documents and its own clients write the states differently (facts: salesforce-api 5).
    """

    IN_PROGRESS = "in_progress"
    SUCCESS = "success"
    ERROR = "error"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Accepted:
    """Salesforce took the request and calls it by this id."""

    request_id: str


@dataclass(frozen=True, slots=True)
class NotReady:
    """The request was not sent: the version is still on its way to this org's instance."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Settled:
    """The request was not sent: the org is already as it asks.

    `warning` says so where the org is further than that (a newer version is installed).
    """

    text: str
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far Salesforce is with the request; the counts are 0 where it tells none."""

    reported: Reported
    text: str = ""
    failures: tuple[Failure, ...] = ()
    components_done: int = 0
    components: int = 0


@dataclass(frozen=True, slots=True)
class Looked:
    """Whether the connected user can see the key field; `missing` names objects without it.

    `version` is the package's own version, empty where nothing tells it.
    """

    missing: tuple[str, ...] = ()
    text: str = ""
    version: str = ""

    @property
    def in_place(self) -> bool:
        """The package can be used."""
        return not self.missing


@dataclass(frozen=True, slots=True)
class Refused:
    """Salesforce refused the step itself; the same step will be refused again."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """No usable answer; nobody knows whether the step took effect. Every step can be repeated."""

    text: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """Something outside has to change first: no calls are left, or the grant is dead.

    The time until then does not count against the deadline.
    """

    text: str
    seconds: float


Observation = Accepted | NotReady | Settled | Progress | Looked | Refused | Unreachable | Held
