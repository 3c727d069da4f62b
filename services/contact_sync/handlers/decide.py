"""Reads both sides for some records and decides what becomes of them; writes nothing anywhere.

A drain writes what comes out, a preview shows it: neither decides by itself.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from services.contact_sync.domain.objects import ALL_OBJECTS
from services.contact_sync.domain.outcome import Outcome, Sync, judge, with_times
from services.contact_sync.domain.pairing import Unit, units
from services.contact_sync.domain.plan import Context
from services.contact_sync.domain.world import Claim
from services.contact_sync.handlers.members import with_companies
from services.contact_sync.handlers.observe import observe
from services.contact_sync.handlers.translate import mappings_of, owner_pairs, policy_of
from services.contact_sync.ports import Connection, CrmReads, Store
from shared.contracts.settings import Settings
from shared.kernel.clock import Clock
from shared.kernel.records import ObjectType


@dataclass(frozen=True, slots=True)
class Decided:
    """What becomes of each unit, in their order, and what the decisions went by."""

    context: Context
    units: Sequence[Unit]
    outcomes: Sequence[Outcome]

    @property
    def syncs(self) -> list[Sync]:
        """The outcomes that may write."""
        return [outcome for outcome in self.outcomes if isinstance(outcome, Sync)]


async def decided(
    store: Store,
    crm: CrmReads,
    connection: Connection,
    settings: Settings,
    *,
    claims: Collection[Claim],
    clock: Clock,
    object_type: ObjectType = ObjectType.CONTACT,
) -> Decided:
    """The outcomes for `claims` of one type, from both sides as they are now."""
    world = await observe(store, crm, connection, list(claims), object_type)
    owners = (await crm.owners()).paired(owner_pairs(settings))
    if object_type is ObjectType.CONTACT and settings.companies.enabled:
        owners = await with_companies(store, connection, world, owners)
    context = Context(
        mappings=mappings_of(settings, object_type),
        owners=owners,
        now=clock.now(),
        salesforce_wins_undecided=settings.contacts.undecidable == "salesforce_wins",
        objects=ALL_OBJECTS[object_type],
    )
    found = units(claims, world)
    return Decided(context, found, await _judge(crm, context, settings, found))


async def _judge(
    crm: CrmReads,
    context: Context,
    settings: Settings,
    found: Sequence[Unit],
) -> list[Outcome]:
    """All outcomes; property histories are read once, and only for records in conflict."""
    policy = policy_of(settings, context.objects.object_type)
    outcomes = [judge(unit, context, policy) for unit in found]
    wanted = {
        outcome.unit.pair.hubspot.id: outcome.plan.needs_times
        for outcome in outcomes
        if isinstance(outcome, Sync) and outcome.plan.needs_times and outcome.unit.pair.hubspot
    }
    if not wanted:
        return outcomes
    times = await crm.hubspot_times(wanted)
    return [
        with_times(o, times.get(o.unit.pair.hubspot.id, {}), context)
        if isinstance(o, Sync) and o.unit.pair.hubspot and o.plan.needs_times
        else o
        for o in outcomes
    ]
