"""Two-way, field by field: who left the base wins; did both, the later change does.

The base is what both sides held when they were last settled. Where a value could not be carried
over (a status that only one CRM knows, a direction that is switched off), the sides stay apart,
and the base remembers what each of them holds, so that being apart is not taken for a change.
"""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from services.activity_sync.domain.task import (
    FIRST_STATUS,
    NAMES,
    USUAL_PRIORITY,
    Fields,
    Task,
    fits,
)
from shared.kernel.records import Side

BOTH_SIDES = frozenset(Side)
_NAMES_OF = {Side.HUBSPOT: "HubSpot", Side.SALESFORCE: "Salesforce"}
APART = "@salesforce"
"""The mark of a base entry that Salesforce holds otherwise than HubSpot."""


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One field of one side is to be written, and why."""

    side: Side
    field: str
    before: str | None
    after: str | None
    why: str


@dataclass(frozen=True, slots=True)
class Merged:
    """The writes for a pair, and what both sides hold once they are made."""

    writes: tuple[FieldWrite, ...] = ()
    base: Map[str, str | None] = field(default_factory=dict)

    def fields_for(self, side: Side) -> dict[str, str | None]:
        """The canonical fields that `side` gets."""
        return {w.field: w.after for w in self.writes if w.side is side}


def merge(
    hubspot: Task,
    salesforce: Task,
    base: Fields | None,
    into: frozenset[Side] = BOTH_SIDES,
) -> Merged:
    """What each side of a pair gets.

    Without a base (first link) the later change wins, and a value that cannot be carried over
    stays as it is, and so does its neighbour. The times are the records' own; equal times go to
    Salesforce (design: section 6). `into` are the sides that the settings let us write.
    """
    found = (_field(name, hubspot, salesforce, base, into) for name in NAMES)
    writes = tuple(write for write in found if write is not None)
    after = {
        task.side: {**task.fields, **{w.field: w.after for w in writes if w.side is task.side}}
        for task in (hubspot, salesforce)
    }
    return Merged(writes, _base(after[Side.HUBSPOT], after[Side.SALESFORCE]))


def copy(source: Task, today: date) -> Merged:
    """The writes that make a copy of `source` on the other side.

    A new task needs a status, a priority and, in HubSpot, a due day: what cannot be carried over
    is not started, of the usual priority, and due today.
    """
    target = source.side.other
    instead = {"status": FIRST_STATUS, "priority": USUAL_PRIORITY, "due": today.isoformat()}
    made = {
        name: value if fits(target, name, value) else instead[name]
        for name, value in source.fields.items()
    }
    why = "the task was made on the other side"
    writes = tuple(FieldWrite(target, n, None, v, why) for n, v in made.items() if v is not None)
    here_is_hubspot = source.side is Side.HUBSPOT
    hubspot, salesforce = (source.fields, made) if here_is_hubspot else (made, source.fields)
    return Merged(writes, _base(hubspot, salesforce))


def _field(
    name: str, hubspot: Task, salesforce: Task, base: Fields | None, into: frozenset[Side]
) -> FieldWrite | None:
    values = {task.side: task.fields.get(name) for task in (hubspot, salesforce)}
    if values[Side.HUBSPOT] == values[Side.SALESFORCE]:
        return None
    if base is None and not all(fits(s.other, name, values[s]) for s in Side):
        return None
    moved = [s for s in Side if base is None or values[s] != _standing(base, name, s)]
    may_win = [side for side in moved if side.other in into]
    winner, why = _winner(may_win, contested=len(moved) > 1, hubspot=hubspot, salesforce=salesforce)
    if winner is None or not fits(winner.other, name, values[winner]):
        return None
    return FieldWrite(winner.other, name, values[winner.other], values[winner], why)


def _winner(
    may_win: Sequence[Side], *, contested: bool, hubspot: Task, salesforce: Task
) -> tuple[Side | None, str]:
    if not may_win:
        return None, ""
    if len(may_win) == 1 and contested:
        return may_win[0], "both changed, and the other way is switched off"
    if len(may_win) == 1:
        return may_win[0], f"only {_NAMES_OF[may_win[0]]} changed"
    if hubspot.modified_at > salesforce.modified_at:
        return Side.HUBSPOT, "both changed, HubSpot's change is later"
    return Side.SALESFORCE, "both changed, Salesforce's change is not earlier"


def _base(hubspot: Fields, salesforce: Fields) -> dict[str, str | None]:
    base = {name: hubspot.get(name) for name in NAMES}
    apart = {n + APART: salesforce.get(n) for n in NAMES if salesforce.get(n) != base[n]}
    return base | apart


def _standing(base: Fields, name: str, side: Side) -> str | None:
    if side is Side.SALESFORCE and name + APART in base:
        return base[name + APART]
    return base.get(name)
