"""What a review is made of: what was looked up, what it says, what it finds wrong."""

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from enum import StrEnum

from services.mapping.domain.lists import HubSpotList


class Severity(StrEnum):
    """An error blocks the finish; a warning has to be acknowledged."""

    ERROR = "error"
    WARNING = "warning"


class Part(StrEnum):
    """The parts of the settings, as a draft is saved, and the setup around them."""

    CONTACTS = "contacts"
    COMPANIES = "companies"
    DEALS = "deals"
    ACTIVITIES = "activities"
    MAPPINGS = "mappings"
    OWNERS = "owners"
    BUDGET = "budget"
    SETUP = "setup"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong: `where` names the field of the settings, `code` is stable."""

    code: str
    severity: Severity
    part: Part
    where: str
    what: str
    fix: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that will happen, in words."""

    part: Part
    text: str


@dataclass(frozen=True, slots=True)
class Review:
    """Everything that will happen, and every problem."""

    statements: tuple[Statement, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """What blocks the finish."""
        return tuple(p for p in self.problems if p.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What has to be acknowledged."""
        return tuple(p for p in self.problems if p.severity is Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Owners:
    """How many people of each side have no counterpart by e-mail or by the table of pairs."""

    hubspot: int
    salesforce: int


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records there are, and the Salesforce calls that are left today."""

    hubspot: Map[str, int] = field(default_factory=dict)
    salesforce: Map[str, int] = field(default_factory=dict)
    salesforce_calls_left: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What was looked up in the CRMs for a review; None for what could not be.

    `lists` are the chosen lists by id, None for one that HubSpot does not have; `sharing` counts
    other connections of the same org; `creating` are the HubSpot properties that the finish makes;
    `unknown` says what could not be looked up, and why.
    """

    sharing: int = 0
    lists: Map[str, HubSpotList | None] = field(default_factory=dict)
    owners: Owners | None = None
    sizes: Sizes | None = None
    creating: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def error(code: str, part: Part, where: str, *, what: str, fix: str) -> Problem:
    """Something that blocks the finish."""
    return Problem(code, Severity.ERROR, part, where, what, fix)


def warning(code: str, part: Part, where: str, *, what: str, fix: str) -> Problem:
    """Something that the admin has to have seen."""
    return Problem(code, Severity.WARNING, part, where, what, fix)
