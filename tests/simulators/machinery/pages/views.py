"""What the pages of a simulator show, in words that both CRMs share. Nothing here is HTML."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import quote

from tests.simulators.machinery.recent import SeenCall


@dataclass(frozen=True, slots=True)
class Row:
    """One record in a table."""

    object: str
    id: str
    cells: Sequence[str]

    @property
    def address(self) -> str:
        """Of the record's own page."""
        return f"/records/{quote(self.object, safe='')}/{quote(self.id, safe='')}"


@dataclass(frozen=True, slots=True)
class ObjectTable:
    """Records of one object, the newest first; ``count`` and ``binned`` are of all there are.

    ``following`` is where older ones are shown, empty if there are none.
    """

    name: str
    count: int
    binned: int
    columns: Sequence[str]
    rows: Sequence[Row]
    following: str = ""

    @property
    def address(self) -> str:
        """Of the page with more of them."""
        return f"/records/{quote(self.name, safe='')}"


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of an allowance is used."""

    name: str
    used: int
    limit: int

    @property
    def percent(self) -> int:
        """Between 0 and 100."""
        return min(100, round(100 * self.used / self.limit)) if self.limit else 100


@dataclass(frozen=True, slots=True)
class Overview:
    """The first page."""

    title: str
    facts: Sequence[tuple[str, str]]
    tables: Sequence[ObjectTable]
    quotas: Sequence[Quota]
    endpoints: Sequence[tuple[str, int]]
    """The most used ones, with their billed calls."""
    total: int
    calls: Sequence[SeenCall]


@dataclass(frozen=True, slots=True)
class Happened:
    """A value that a field had, or a change of the record; ``at`` in epoch milliseconds."""

    at: int
    what: str
    value: str
    who: str


@dataclass(frozen=True, slots=True)
class Related:
    """Another record, and what it is to this one."""

    meaning: str
    row: Row


@dataclass(frozen=True, slots=True)
class RecordView:
    """One record with all that is known about it."""

    title: str
    row: Row
    state: str
    fields: Sequence[tuple[str, str]]
    history: Sequence[Happened] = ()
    changes: Sequence[Happened] = ()
    related: Sequence[Related] = field(default_factory=tuple)


class Shown(Protocol):
    """A simulator that can be looked at. All answers are bounded, however many records it has."""

    def overview(self) -> Overview:
        """The first page."""

    def table(self, object_name: str, after: str) -> ObjectTable | None:
        """Records of an object that are older than ``after`` (an id); None for no such object."""

    def record(self, object_name: str, record_id: str) -> RecordView | None:
        """One record, in the bin or not; None if there is none."""
