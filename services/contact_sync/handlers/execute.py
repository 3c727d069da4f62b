"""Makes the writes of a batch: both CRMs at once, creations by key, updates by id."""

import asyncio
from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field

from services.contact_sync.domain.cost import Group
from services.contact_sync.domain.matching import hubspot_key, salesforce_key
from services.contact_sync.domain.objects import ALL_OBJECTS, object_type_of
from services.contact_sync.domain.outcome import Sync
from services.contact_sync.ports import Connection, Crm
from shared.crm.writes import Refused, WriteResult, Written
from shared.kernel.records import Side

Rows = dict[str, dict[str, object]]
Answers = dict[str, WriteResult]


@dataclass(frozen=True, slots=True)
class Address:
    """Where one write of a batch goes: a creation by its key, an update by its record id."""

    side: Side
    object_name: str
    key: str
    create: bool


@dataclass(frozen=True, slots=True)
class Executed:
    """One unit with what each side answered; a side that got nothing is absent."""

    sync: Sync
    results: Map[Side, WriteResult] = field(default_factory=dict)

    def refusals(self) -> dict[Side, Refused]:
        """The sides that refused, with what they said."""
        return {s: r for s, r in self.results.items() if isinstance(r, Refused)}

    def record_id(self, side: Side) -> str | None:
        """The record's id on `side`, known from before or from the creation."""
        pair = self.sync.unit.pair
        person = pair.hubspot if side is Side.HUBSPOT else pair.salesforce
        if person is not None:
            return person.id
        result = self.results.get(side)
        return result.id if isinstance(result, Written) else None


def address(connection: Connection, sync: Sync, side: Side) -> Address | None:
    """Where the writes of a unit to `side` go; None when that side gets nothing."""
    pair = sync.unit.pair
    creates = sync.create is side
    if not creates and not sync.plan.wire(side):
        return None
    objects = ALL_OBJECTS[object_type_of(sync.object_name)]
    object_name = objects.hubspot if side is Side.HUBSPOT else sync.object_name
    if creates:
        if side is Side.HUBSPOT:
            key = hubspot_key(connection.org_id, pair.salesforce.id if pair.salesforce else "")
        else:
            hubspot_id = pair.hubspot.id if pair.hubspot else ""
            key = salesforce_key(connection.portal_id, hubspot_id, objects.object_type)
        return Address(side, object_name, key, create=True)
    person = pair.hubspot if side is Side.HUBSPOT else pair.salesforce
    return Address(side, object_name, person.id, create=False) if person else None


def grouped(connection: Connection, syncs: Sequence[Sync]) -> dict[Group, Rows]:
    """What is to be written, by the calls that take it, then by key or record id."""
    groups: dict[Group, Rows] = {}
    for sync in syncs:
        for side in Side:
            target = address(connection, sync, side)
            if target is not None:
                group = (target.side, target.object_name, target.create)
                groups.setdefault(group, {})[target.key] = sync.plan.wire(target.side)
    return groups


async def execute(connection: Connection, crm: Crm, syncs: Sequence[Sync]) -> list[Executed]:
    """The units with their results, in the order given."""
    addressed = [{side: address(connection, sync, side) for side in Side} for sync in syncs]
    groups = grouped(connection, syncs)
    by_group = dict(zip(groups, await _all(crm, groups), strict=True))
    return [
        Executed(
            sync,
            {
                side: by_group[(side, target.object_name, target.create)][target.key]
                for side, target in by_side.items()
                if target is not None
            },
        )
        for sync, by_side in zip(syncs, addressed, strict=True)
    ]


async def _all(crm: Crm, groups: dict[Group, Rows]) -> list[Answers]:
    """Every group's answers. One that failed is raised only when all others have ended."""
    calls = (_call(crm, group, rows) for group, rows in groups.items())
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    answers: list[Answers] = []
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
        answers.append(outcome)
    return answers


async def _call(crm: Crm, group: Group, rows: Rows) -> Answers:
    side, object_name, create = group
    if side is Side.HUBSPOT:
        return await (crm.create_in_hubspot(rows) if create else crm.update_in_hubspot(rows))
    if create:
        return await crm.create_in_salesforce(object_name, rows)
    return await crm.update_in_salesforce(object_name, rows)
