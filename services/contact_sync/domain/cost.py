"""How many API calls writing takes, and an estimate for looking at everybody once."""

import math
from collections import Counter
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass

from services.contact_sync.domain.preview import Foreseen
from shared.kernel.records import Side

PEOPLE = {"contacts": Side.HUBSPOT, "Contact": Side.SALESFORCE, "Lead": Side.SALESFORCE}
"""The objects that a full resync walks over, and where they are."""

READS_OF_A_BATCH = {Side.HUBSPOT: 1, Side.SALESFORCE: 1}
"""What a batch costs when nobody was in the sample: one read of each side."""

Group = tuple[Side, str, bool]
"""Rows that share calls: side, object, and whether they are creations."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many records one batch, one page of ids, one HubSpot read and one write call takes."""

    batch: int
    page: int
    hubspot_read: int
    write: Map[Side, int]


@dataclass(frozen=True, slots=True)
class Seen:
    """What a preview found: the records of its sample by side, and the calls that reading took."""

    sampled: Map[Side, int]
    reads: Map[Side, int]
    found: Sequence[Foreseen]


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls to one side: to list the ids, to read both halves, to write."""

    walk: int
    read: int
    write: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.walk + self.read + self.write


@dataclass(frozen=True, slots=True)
class Resync:
    """An estimate for a full resync. `records` by object; `rows` that would be written, by side."""

    records: Map[str, int]
    batches: int
    rows: Map[Side, int]
    calls: Map[Side, Calls]


def write_calls(rows: Map[Group, int], sizes: Sizes) -> dict[Side, int]:
    """Calls for writing these rows, when no record is refused."""
    calls = dict.fromkeys(Side, 0)
    for (side, _, _), number in rows.items():
        calls[side] += math.ceil(number / sizes.write[side])
    return calls


def resync(records: Map[str, int], seen: Seen, sizes: Sizes) -> Resync:
    """A walk over all people of both sides, if they are as those of the sample are.

    Every record is looked at once, so a pair twice, and its second look writes nothing: a pair of
    the sample counts half for each of its records.
    """
    people = {side: sum(records[o] for o in PEOPLE if PEOPLE[o] is side) for side in Side}
    batches = sum(math.ceil(number / sizes.batch) for number in people.values())
    rows = _rows(people, seen)
    writes = dict.fromkeys(Side, 0)
    for (side, _, _), number in rows.items():
        writes[side] += _spread(number, batches, sizes.write[side])
    reads = _reads(seen, sizes)
    walks = Counter({PEOPLE[name]: 0 for name in PEOPLE})
    for name, side in PEOPLE.items():
        walks[side] += records[name] // sizes.page + 1
    return Resync(
        records=dict(records),
        batches=batches,
        rows={s: math.ceil(sum(n for (on, _, _), n in rows.items() if on is s)) for s in Side},
        calls={side: Calls(walks[side], batches * reads[side], writes[side]) for side in Side},
    )


def _rows(people: Map[Side, int], seen: Seen) -> dict[Group, float]:
    """Rows to write by group: each record of the sample stands for its share of all."""
    weights = _weights(people, seen.sampled)
    rows: dict[Group, float] = {}
    for one in seen.found:
        weight = sum(weights[claim.side] for claim in one.claims) / max(one.halves, 1)
        for side in Side:
            if one.gets(side):
                name = "contacts" if side is Side.HUBSPOT else one.salesforce_object or ""
                group = (side, name, one.create is side)
                rows[group] = rows.get(group, 0.0) + weight
    return rows


def _weights(people: Map[Side, int], sampled: Map[Side, int]) -> dict[Side, float]:
    """How many records a record of the sample stands for; a side without any is like the other."""
    if all(sampled[side] or not people[side] for side in Side):
        return {side: people[side] / max(sampled[side], 1) for side in Side}
    share = sum(people.values()) / max(sum(sampled.values()), 1)
    return dict.fromkeys(Side, share)


def _reads(seen: Seen, sizes: Sizes) -> dict[Side, int]:
    """Calls that reading one full batch takes, from what reading the sample took.

    Salesforce answers queries of any such length in one call; HubSpot takes a call for each
    `hubspot_read` records.
    """
    sampled = sum(seen.sampled.values())
    reads = seen.reads if sampled else READS_OF_A_BATCH
    part = math.ceil(max(sampled, 1) / sizes.hubspot_read)
    full = math.ceil(sizes.batch / sizes.hubspot_read)
    return {
        Side.HUBSPOT: math.ceil(reads[Side.HUBSPOT] * full / part),
        Side.SALESFORCE: reads[Side.SALESFORCE],
    }


def _spread(rows: float, batches: int, size: int) -> int:
    """Calls for rows that are spread evenly: a batch with any takes one call for each `size`."""
    if not batches or rows <= batches:
        return math.ceil(rows)
    return batches * math.ceil(rows / batches / size)
