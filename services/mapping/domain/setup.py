"""The setup of one connection as a value: what has happened, and which step is next."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID


class Sync(StrEnum):
    """The switch of the sync."""

    NOT_STARTED = "not_started"
    RUNNING = "running"
    PAUSED = "paused"


class Package(StrEnum):
    """How far the Salesforce package is."""

    WAITING = "waiting"
    INSTALLING = "installing"
    FAILED = "failed"
    INSTALLED = "installed"
    REMOVED = "removed"


class Visualforce(StrEnum):
    """What became of the in-record window."""

    WAITING = "waiting"
    ADDED = "added"
    SKIPPED = "skipped"


class StepState(StrEnum):
    """`open` is the one that somebody has to do now; `later` waits for one before it."""

    DONE = "done"
    OPEN = "open"
    LATER = "later"


@dataclass(frozen=True, slots=True)
class Setup:
    """What the mapping service knows of one connection.

    `broken` says which grant died and why, empty while both work. `version` is the newest
    version of the settings and `published` the newest that the other services were told of,
    0 for none. `paused_for_package`: the sync was paused because the package went missing, and
    goes on when it is back. `package_heard` is the stamp of the latest news of the package.
    `connection_heard` is that of the latest event that said whether it is connected.
    `drafting`: the next version is being made; `draft_revision` counts the changes of drafts and
    never goes back.
    """

    connection_id: UUID
    connected: bool = False
    org_id: str = ""
    broken: str = ""
    package: Package = Package.WAITING
    package_problem: str = ""
    visualforce: Visualforce = Visualforce.WAITING
    sync: Sync = Sync.NOT_STARTED
    version: int = 0
    published: int = 0
    paused_for_package: bool = False
    package_heard: str = ""
    drafting: bool = False
    draft_revision: int = 0
    connection_heard: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the setup; `todo` tells an admin what to do, empty when it is done."""

    name: str
    state: StepState
    todo: str = ""


def established(setup: Setup, org_id: str) -> Setup:
    """Both grants are in place.

    Another org than before needs the package again, and a start of its own: versions and the open
    draft come along.
    """
    moved = bool(setup.org_id) and setup.org_id != org_id
    fresh = Setup(setup.connection_id) if moved else setup
    return replace(
        setup,
        connected=True,
        broken="",
        org_id=org_id,
        package=fresh.package,
        package_problem=fresh.package_problem,
        visualforce=fresh.visualforce,
        sync=fresh.sync,
        paused_for_package=fresh.paused_for_package,
    )


def removed(setup: Setup) -> Setup:
    """An admin disconnected: the sync is off until it is started anew; everything else stays.

    If the same org is connected again, its package and its window are where they were.
    """
    return replace(
        setup, connected=False, broken="", sync=Sync.NOT_STARTED, paused_for_package=False
    )


def steps(setup: Setup) -> tuple[Step, ...]:
    """All steps in order. The first that is not done is open, those after it wait."""
    found: list[Step] = []
    for name, todo in _STEPS:
        text = todo(setup)
        blocked = any(step.state is not StepState.DONE for step in found)
        if not text:
            found.append(Step(name, StepState.DONE))
        else:
            found.append(Step(name, StepState.LATER if blocked else StepState.OPEN, text))
    return tuple(found)


def unfinished(setup: Setup) -> tuple[Step, ...]:
    """The steps that have to be done before the sync can start (the review is the start)."""
    last = ("review", "finished")
    return tuple(
        step for step in steps(setup) if step.state is not StepState.DONE and step.name not in last
    )


def _connect(setup: Setup) -> str:
    if not setup.connected:
        return "Connect HubSpot and Salesforce: start a connection and allow access on both sides."
    return f"Connect again: {setup.broken}" if setup.broken else ""


def _package(setup: Setup) -> str:
    match setup.package:
        case Package.INSTALLED:
            return ""
        case Package.INSTALLING:
            return (
                "Wait: Salesforce is installing the package. Its progress is on the package page."
            )
        case Package.FAILED:
            return f"Install the package again. Last time: {setup.package_problem}"
        case Package.REMOVED:
            return f"Install the package again; it was removed. {setup.package_problem}"
        case Package.WAITING:
            return "Install the Salesforce package. Causeway can deploy it for you."


def _visualforce(setup: Setup) -> str:
    if setup.visualforce is Visualforce.WAITING:
        return "Decide about the in-record window in Salesforce; it can be skipped."
    return ""


def _choice(setup: Setup) -> str:
    if setup.version or setup.drafting:
        return ""
    return "Choose the recommended settings, or go through the advanced ones page by page."


def _review(setup: Setup) -> str:
    if setup.sync is Sync.NOT_STARTED:
        return "Read what the review says, change what you need, then finish."
    return ""


def _finished(setup: Setup) -> str:
    if setup.sync is Sync.NOT_STARTED:
        return "Finish the setup; the sync starts then."
    return ""


_STEPS: tuple[tuple[str, Callable[[Setup], str]], ...] = (
    ("connect", _connect),
    ("package", _package),
    ("visualforce", _visualforce),
    ("choice", _choice),
    ("review", _review),
    ("finished", _finished),
)
