"""What becomes of a unit: synced, created, unlinked, parked, or nothing to do."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.contact_sync.domain.model import HubSpotPerson, Policy, SalesforcePerson
from services.contact_sync.domain.objects import COMPANIES, Objects
from services.contact_sync.domain.pairing import Unit
from services.contact_sync.domain.plan import Context, FieldWrite, Pair, Plan, plan_pair
from shared.kernel.records import Side

WRITE_WAR_THRESHOLD = 5
"""How often one field may be changed back after our write before the record is held."""

LEAD_COMPANY = "[not provided]"
"""Salesforce requires a company on every lead; this is what its own forms put in."""

OBJECT_NAMES = {"contact": "Contact", "lead": "Lead", "account": "Account"}


@dataclass(frozen=True, slots=True)
class Sync:
    """Write what the plan says; `create` names the side on which the record has to be made."""

    unit: Unit
    plan: Plan
    object_name: str
    create: Side | None = None


@dataclass(frozen=True, slots=True)
class Unlink:
    """One half of a link is gone for good; the other is left as it is."""

    unit: Unit
    why: str


@dataclass(frozen=True, slots=True)
class Park:
    """A person has to look at it. `code` is stable, `message` says what to do."""

    unit: Unit
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Nothing:
    """The settings or the state leave nothing to do."""

    unit: Unit
    why: str


Outcome = Sync | Unlink | Park | Nothing


def judge(unit: Unit, context: Context, policy: Policy) -> Outcome:
    """The outcome for one unit, from its pair as it is now."""
    pair = unit.pair
    if pair.link is not None:
        return _linked(unit, context)
    if pair.hubspot is not None and pair.salesforce is not None:
        return _sync(unit, context, pair.salesforce.object_name)
    if unit.taken:
        return _duplicate(unit, context.objects)
    if pair.hubspot is not None:
        return _new_in_salesforce(unit, pair.hubspot, context, policy)
    if pair.salesforce is not None:
        return _new_in_hubspot(unit, context, policy)
    return Nothing(unit, "the record is gone and was never linked")


def with_times(sync: Sync, times: dict[str, datetime | None], context: Context) -> Sync:
    """The same unit judged again, now that the times of conflicting changes are known."""
    known = {name: times.get(name) for name in sync.plan.needs_times}
    pair = replace(sync.unit.pair, hubspot_times=known)
    plan = plan_pair(context, pair, salesforce_object=sync.object_name)
    return replace(sync, unit=replace(sync.unit, pair=pair), plan=plan)


def _linked(unit: Unit, context: Context) -> Outcome:
    pair, link = unit.pair, unit.pair.link
    if pair.hubspot is None:
        return Unlink(unit, f"the HubSpot {context.objects.object_type.value} was deleted")
    if pair.salesforce is None:
        return Unlink(unit, "the Salesforce record was deleted")
    if unit.taken:
        return _duplicate(unit, context.objects)
    worst = max(link.near_misses.values(), default=0) if link else 0
    if worst >= WRITE_WAR_THRESHOLD:
        return Park(
            unit,
            "write_war",
            "Something in this CRM keeps changing a field back after each sync. Find the "
            "workflow, flow or integration that does, or set the mapping not to sync; then retry.",
        )
    return _sync(unit, context, pair.salesforce.object_name)


def _sync(unit: Unit, context: Context, object_name: str) -> Sync:
    plan = plan_pair(context, unit.pair, salesforce_object=object_name)
    return Sync(unit=unit, plan=plan, object_name=object_name)


def _new_in_salesforce(
    unit: Unit,
    person: HubSpotPerson,
    context: Context,
    policy: Policy,
) -> Outcome:
    object_name = OBJECT_NAMES.get(policy.create_in_salesforce)
    if object_name is None:
        return Nothing(unit, "the settings create nothing in Salesforce")
    if context.objects.needs_recognition and not person.emails:
        return _no_email(unit)
    if context.objects is COMPANIES and not _company_name(person):
        return _no_name(unit)
    sync = replace(_sync(unit, context, object_name), create=Side.SALESFORCE)
    return replace(sync, plan=_with_required(person, sync, context))


def _new_in_hubspot(unit: Unit, context: Context, policy: Policy) -> Outcome:
    salesforce = unit.pair.salesforce
    if salesforce is None or not policy.create_in_hubspot:
        return Nothing(unit, "the settings create nothing in HubSpot")
    if context.objects.needs_recognition and not salesforce.email:
        return _no_email(unit)
    return replace(_sync(unit, context, salesforce.object_name), create=Side.HUBSPOT)


def _duplicate(unit: Unit, objects: Objects) -> Park:
    noun = "company" if objects is COMPANIES else "person"
    return Park(
        unit,
        f"duplicate_{noun}",
        f"Another record of the same {noun} is linked already or goes first. Merge the two, or "
        f"give one of them another {objects.recognised_by}.",
    )


def _no_email(unit: Unit) -> Park:
    return Park(
        unit,
        "no_email",
        "The record has no e-mail address, so it cannot be matched. Give it one; it then syncs "
        "by itself.",
    )


def _no_name(unit: Unit) -> Park:
    return Park(
        unit,
        "no_name",
        "The company has neither a name nor a domain, and Salesforce wants a name for every "
        "account. Give it one; it then syncs by itself.",
    )


def _with_required(person: HubSpotPerson, sync: Sync, context: Context) -> Plan:
    """What Salesforce insists on at creation and HubSpot does not have (facts: salesforce 2.1).

    A filled value then stands in Salesforce, so its mapping's rule decides at once whether
    HubSpot gets it too; otherwise the two sides would differ until somebody edits the record.
    """
    plan = sync.plan
    given = {w.field for w in plan.writes if w.side is Side.SALESFORCE and w.after}
    wanted = _wanted(person, sync.object_name)
    missing = {name: value for name, value in wanted.items() if name not in given}
    filled = SalesforcePerson("", sync.object_name, missing, context.now)
    mapped = tuple(m for m in context.mappings if m.salesforce_field in missing)
    carried = plan_pair(
        replace(context, mappings=mapped),
        Pair(person, filled),
        salesforce_object=sync.object_name,
    )
    back = (w for w in carried.writes if w.side is Side.HUBSPOT)
    required = (_required(name, value) for name, value in missing.items())
    settled = {m.hubspot_property for m in mapped} | missing.keys()
    writes = (*(w for w in plan.writes if w.field not in settled), *required, *back)
    return replace(plan, writes=writes, base={**plan.base, **carried.base})


def _wanted(person: HubSpotPerson, object_name: str) -> dict[str, str]:
    """The fields without which Salesforce refuses a new record, each with a last resort."""
    if object_name == "Account":
        return {"Name": _company_name(person)}
    return {"LastName": _last_name(person)} | (
        {"Company": LEAD_COMPANY} if object_name == "Lead" else {}
    )


def _required(name: str, value: str) -> FieldWrite:
    why = "Salesforce requires this field and HubSpot has no value for it"
    return FieldWrite(Side.SALESFORCE, name, None, value, value, "required", why)


def _company_name(company: HubSpotPerson) -> str:
    found = ((company.values.get(name) or "").strip() for name in ("name", "domain"))
    return next((name for name in found if name), "")


def _last_name(person: HubSpotPerson) -> str:
    for name in ("lastname", "firstname"):
        value = (person.values.get(name) or "").strip()
        if value:
            return value
    return person.emails[0].split("@", maxsplit=1)[0]
