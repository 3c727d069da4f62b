"""How far a connection's setup is, and how the Salesforce package is."""

from dataclasses import dataclass
from datetime import datetime

from services.console.domain.answers import Json, items, mapping, moment, text, whole

DONE = "done"
OPEN = "open"
UNDER_WAY = frozenset({"requested", "installing", "taking_long", "checking", "waiting_for_admin"})
"""Package states that change without anybody doing something here."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `todo` says what to do, empty when it is done."""

    name: str
    state: str
    todo: str


@dataclass(frozen=True, slots=True)
class Setup:
    """The steps in order, and the switch of the sync."""

    steps: tuple[Step, ...]
    sync: str
    version: int

    @property
    def next_step(self) -> Step | None:
        """The step that somebody has to do now."""
        return next((step for step in self.steps if step.state == OPEN), None)

    @property
    def done(self) -> int:
        """How many steps are done."""
        return sum(step.state == DONE for step in self.steps)

    @property
    def complete(self) -> bool:
        """Whether nothing is left to do."""
        return bool(self.steps) and self.done == len(self.steps)

    def state_of(self, name: str) -> str:
        """The state of a step, empty for one that the service does not have."""
        return next((step.state for step in self.steps if step.name == name), "")


@dataclass(frozen=True, slots=True)
class Failure:
    """One component that Salesforce did not take, and what to do about it."""

    component: str
    problem: str
    hint: str


@dataclass(frozen=True, slots=True)
class Package:
    """The package in the org: `said` is Salesforce's own text, `todo` what to do about it.

    `install_link` is where an admin installs it by hand, empty when there is no such place.
    """

    state: str
    percent: int
    todo: str
    said: str
    install_link: str
    failures: tuple[Failure, ...]
    looked_at: datetime | None
    next_look_at: datetime | None
    deadline: datetime | None

    @property
    def under_way(self) -> bool:
        """Whether it changes by itself, so that looking again is worth it."""
        return self.state in UNDER_WAY


def setup_of(answer: object) -> Setup:
    """The setup as the mapping service tells it."""
    json = mapping(answer)
    return Setup(
        steps=tuple(
            Step(text(step, "name"), text(step, "state"), text(step, "todo"))
            for step in items(json.get("steps"))
        ),
        sync=text(json, "sync"),
        version=whole(json, "version") or 0,
    )


def unheard(*, connected: bool) -> Setup:
    """The setup of a connection that the mapping service has not heard of yet."""
    todo = (
        "Wait a few seconds: the connection has just been made."
        if connected
        else "Connect HubSpot and Salesforce: get a link for each side and allow access."
    )
    return Setup((Step("connect", OPEN, todo),), sync="not_started", version=0)


def package_of(answer: object) -> Package:
    """The package as the package watcher tells of it."""
    json = mapping(answer)
    return Package(
        state=text(json, "state"),
        percent=max(0, min(100, whole(json, "percent") or 0)),
        todo=text(json, "todo"),
        said=text(json, "salesforce_said"),
        install_link=text(json, "install_link"),
        failures=tuple(_failure(failure) for failure in items(json.get("failures"))),
        looked_at=moment(json, "looked_at"),
        next_look_at=moment(json, "next_look_at"),
        deadline=moment(json, "deadline"),
    )


def _failure(json: Json) -> Failure:
    return Failure(text(json, "component"), text(json, "problem"), text(json, "hint"))
