"""What a preview of many records comes to."""

from collections import Counter
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

from services.contact_sync.domain.preview import Fate, Foreseen, Held
from shared.kernel.records import Side

TOP = 10
"""Longer lists of reasons and fields are not read; the records have them all."""


@dataclass(frozen=True, slots=True)
class SideTotals:
    """Records of one side: made, given new values, with a value cleared, shown to a person.

    A record that waits for a person counts on the side whose news would be held.
    """

    create: int
    update: int
    clear: int
    park: int


@dataclass(frozen=True, slots=True)
class Totals:
    """The counts of a preview, the most frequent first in each list.

    `reasons` are (rule, why) of field writes with their number; `cleared` (side, field) with the
    number of records; `problems` (field or None for the whole record, code) with the number.
    """

    fates: Map[Fate, int]
    sides: Map[Side, SideTotals]
    reasons: tuple[tuple[tuple[str, str], int], ...]
    cleared: tuple[tuple[tuple[Side, str], int], ...]
    problems: tuple[tuple[tuple[str | None, str], int], ...]


def totals(found: Sequence[Foreseen]) -> Totals:
    """The totals of some records."""
    fates = Counter(one.fate for one in found)
    writes = [write for one in found for write in one.writes]
    held: list[Held] = [held for one in found for held in one.held]
    cleared = Counter((w.side, w.field) for w in writes if w.clears)
    return Totals(
        fates={fate: fates[fate] for fate in Fate},
        sides={side: _side(found, side) for side in Side},
        reasons=tuple(Counter((w.rule, w.why) for w in writes).most_common(TOP)),
        cleared=tuple(cleared.most_common(TOP)),
        problems=tuple(Counter((h.field, h.code) for h in held).most_common()),
    )


def _side(found: Sequence[Foreseen], side: Side) -> SideTotals:
    gets = [one for one in found if one.gets(side)]
    created = sum(one.create is side for one in gets)
    return SideTotals(
        create=created,
        update=len(gets) - created,
        clear=sum(any(w.side is side and w.clears for w in one.writes) for one in gets),
        park=sum(bool(one.held) and one.claims[0].side is side for one in found if one.claims),
    )
