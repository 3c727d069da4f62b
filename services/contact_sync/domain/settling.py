"""What a link looks like after its sync: base, known hashes and near misses."""

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from services.contact_sync.domain.model import Link, Mapping
from services.contact_sync.domain.objects import object_type_of
from services.contact_sync.domain.outcome import Sync
from services.contact_sync.domain.plan import Plan
from shared.kernel.records import Side

NEAR_MISS_WINDOW = timedelta(minutes=10)
"""A field that is changed back later than this after our write is an edit, not a fight."""

Hasher = Callable[[Side, str, str, object], str]
"""(side, record id, field, value) -> keyed hash."""


def settled_link(
    sync: Sync,
    *,
    link_id: UUID,
    hubspot_id: str,
    salesforce_id: str,
    refused: frozenset[Side],
    mappings: tuple[Mapping, ...],
    hash_of: Hasher,
    now: datetime,
) -> Link:
    """The link after the writes were made; a refused side keeps its old base and hashes."""
    old = sync.unit.pair.link
    fresh = Link(
        link_id,
        hubspot_id,
        salesforce_id,
        sync.object_name,
        object_type=object_type_of(sync.object_name),
    )
    return replace(
        old or fresh,
        salesforce_id=salesforce_id,
        salesforce_object=sync.object_name,
        base=_base(sync.plan, old, refused, mappings),
        hashes={
            side.value: {
                name: hash_of(side, record_id, name, value)
                for name, value in _standing(sync, side, refused, mappings).items()
            }
            for side, record_id in (
                (Side.HUBSPOT, hubspot_id),
                (Side.SALESFORCE, salesforce_id),
            )
        },
        near_misses=_near_misses(sync, old, hash_of, now),
        ambiguous=sync.unit.ambiguous,
        synced_at=now,
    )


def _base(
    plan: Plan,
    old: Link | None,
    refused: frozenset[Side],
    mappings: tuple[Mapping, ...],
) -> dict[str, str | None]:
    base = dict(plan.base)
    not_made = {(w.side, w.field) for w in plan.writes if w.side in refused}
    for mapping in mappings:
        name = mapping.hubspot_property
        if any((side, mapping.field_on(side)) in not_made for side in Side) and name in base:
            del base[name]
            if old is not None and name in old.base:
                base[name] = old.base[name]
    return base


def _standing(
    sync: Sync,
    side: Side,
    refused: frozenset[Side],
    mappings: tuple[Mapping, ...],
) -> dict[str, object]:
    """The value of every mapped field as it stands on `side` now."""
    pair = sync.unit.pair
    person = pair.hubspot if side is Side.HUBSPOT else pair.salesforce
    known = person.values if person is not None else {}
    mapped = (m.field_on(side) for m in mappings if sync.object_name in m.salesforce_objects)
    values: dict[str, object] = {name: known.get(name) for name in mapped}
    return values if side in refused else values | sync.plan.wire(side)


def _near_misses(sync: Sync, old: Link | None, hash_of: Hasher, now: datetime) -> Map[str, int]:
    """Counts, by "side:field", writes that repeat the last one because it was changed back."""
    if old is None or old.synced_at is None:
        return {}
    recent = now - old.synced_at < NEAR_MISS_WINDOW
    counts = dict(old.near_misses) if recent else {}
    for write in sync.plan.writes:
        record_id = old.hubspot_id if write.side is Side.HUBSPOT else old.salesforce_id
        known = old.hashes.get(write.side.value, {}).get(write.field)
        name = f"{write.side.value}:{write.field}"
        if known == hash_of(write.side, record_id, write.field, write.wire):
            counts[name] = counts.get(name, 0) + 1
        else:
            counts.pop(name, None)
    return counts
