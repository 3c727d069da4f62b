"""What a set of choices will do, in words for an admin."""

from collections.abc import Iterator

from services.mapping.domain.choices import Choices, Contacts, Deletion
from services.mapping.domain.model import Mapping
from services.mapping.domain.review.budget import import_calls, imported_records
from services.mapping.domain.review.found import Facts, Part, Statement
from services.mapping.domain.review.mappings import live
from services.mapping.domain.review.objects import told_deletions
from services.mapping.domain.rules import WORDS
from services.mapping.domain.timeline import BY_KEY, told_events
from shared.kernel.records import ObjectType

NAMES = {
    ObjectType.CONTACT: "Contacts",
    ObjectType.COMPANY: "Companies",
    ObjectType.DEAL: "Deals",
    ObjectType.TASK: "Tasks",
}
DELETED_WHERE = {
    "hubspot": "in HubSpot",
    "salesforce": "in Salesforce",
    "salesforce_lead": "as a lead in Salesforce",
}


def statements(
    choices: Choices, mappings: tuple[Mapping, ...], facts: Facts
) -> tuple[Statement, ...]:
    """Part by part, in the order of the setup's pages."""
    told = [
        *((Part.CONTACTS, text) for text in _contacts(choices.contacts)),
        *((Part.COMPANIES, text) for text in _companies(choices, mappings)),
        *((Part.DEALS, text) for text in _deals(choices, mappings)),
        *((Part.ACTIVITIES, text) for text in _activities(choices)),
        *((Part.MAPPINGS, text) for text in _mappings(choices, mappings, facts)),
        *((Part.OWNERS, text) for text in _owners(choices)),
        *((Part.BUDGET, text) for text in _budget(choices, facts)),
        (Part.SETUP, NOTHING_MOVES),
    ]
    return tuple(Statement(part, text) for part, text in told)


NOTHING_MOVES = (
    "Finishing moves no record. From then on a record syncs when it is created or edited on either "
    "side, when somebody asks for it, or with an import."
)


def _contacts(contacts: Contacts) -> Iterator[str]:
    inclusion = contacts.inclusion_list
    who = f"the members of the list {inclusion.name or inclusion.list_id}" if inclusion else "all"
    yield f"Contacts that sync: {who}."
    match contacts.create_in_salesforce:
        case "nothing":
            yield "A new HubSpot contact is not created in Salesforce."
        case kind:
            yield f"A new HubSpot contact is created in Salesforce as a {kind}."
    created = "is created" if contacts.create_in_hubspot else "is not created"
    yield f"A new Salesforce contact or lead {created} in HubSpot."
    if contacts.undecidable == "review":
        yield "Two changes that cannot be put in order wait for a person."
    else:
        yield "Of two changes that cannot be put in order, Salesforce's wins."
    yield from _deleted("contact", told_deletions(contacts.deletions))


def _deleted(name: str, rules: dict[str, Deletion]) -> Iterator[str]:
    for where, rule in rules.items():
        then = "is deleted on the other side too" if rule == "delete" else "stays on the other side"
        yield f"A {name} that is deleted {DELETED_WHERE[where]} {then}."


def _companies(choices: Choices, mappings: tuple[Mapping, ...]) -> Iterator[str]:
    companies = choices.companies
    if not companies.enabled:
        yield _off(ObjectType.COMPANY, mappings)
        return
    yield _creation(
        "company", "account", companies.create_in_hubspot, companies.create_in_salesforce
    )
    yield from _deleted("company", told_deletions(companies.deletions))


def _deals(choices: Choices, mappings: tuple[Mapping, ...]) -> Iterator[str]:
    deals = choices.deals
    if not deals.enabled:
        yield _off(ObjectType.DEAL, mappings)
        return
    yield _creation("deal", "opportunity", deals.create_in_hubspot, deals.create_in_salesforce)
    synced = sum(pair.sync for pair in deals.pipelines)
    yield f"Deals of {synced} pipeline(s) sync. One that moves to another pipeline stops syncing."
    yield f"A deal without a close date closes {deals.close_date_days} days after it was made."
    yield from _deleted("deal", told_deletions(deals.deletions))


def _off(object_type: ObjectType, mappings: tuple[Mapping, ...]) -> str:
    ready = sum(mapping.object_type is object_type for mapping in mappings)
    kept = f" {ready} mapping(s) are kept for when they are turned on." if ready else ""
    return f"{NAMES[object_type]} do not sync.{kept}"


def _creation(here: str, there: str, in_hubspot: bool, in_salesforce: bool) -> str:  # noqa: FBT001
    ways = {
        (True, True): f"A new {here} is created as {there} in Salesforce, and the reverse.",
        (True, False): f"A new {there} is created as {here} in HubSpot; not the reverse.",
        (False, True): f"A new {here} is created as {there} in Salesforce; not the reverse.",
        (False, False): f"Neither side gets a new {here} or {there} from the other.",
    }
    return ways[in_hubspot, in_salesforce]


def _activities(choices: Choices) -> Iterator[str]:
    activities = choices.activities
    for on, source, target in (
        (activities.salesforce_tasks_to_hubspot, "Salesforce", "HubSpot"),
        (activities.hubspot_tasks_to_salesforce, "HubSpot", "Salesforce"),
    ):
        does = "cross over" if on else "do not cross over"
        yield f"Tasks of {source} {does} to {target}."
    told = [BY_KEY[key].label for key in told_events(activities) if key in BY_KEY]
    yield f"HubSpot events that become finished Salesforce tasks: {', '.join(told) or 'none'}."
    yield from _deleted("task", told_deletions(activities.deletions))


def _mappings(choices: Choices, mappings: tuple[Mapping, ...], facts: Facts) -> Iterator[str]:
    for object_type in ObjectType:
        found = [m for m in mappings if m.object_type is object_type]
        if found and live(choices, object_type):
            yield f"{NAMES[object_type]}: {len(found)} field mapping(s)."
        for mapping in found if live(choices, object_type) else ():
            wanted = mapping.wanted
            there = ", ".join(
                f"{name}.{wanted.salesforce_field}" for name in wanted.salesforce_objects
            )
            yield f"{wanted.hubspot_property} and {there}: {WORDS[wanted.rule]}"
    if facts.creating:
        yield f"Made in HubSpot at the finish: {', '.join(facts.creating)}."


def _owners(choices: Choices) -> Iterator[str]:
    pairs = f", and by {len(choices.owners)} pair(s) of yours" if choices.owners else ""
    yield f"Owners are matched by e-mail address{pairs}."


def _budget(choices: Choices, facts: Facts) -> Iterator[str]:
    allowed = choices.daily_salesforce_calls
    yield (
        "Causeway may use what Salesforce leaves it of the org's calls."
        if allowed is None
        else f"Causeway may use {allowed} Salesforce calls a day."
    )
    if facts.sizes is not None:
        records = imported_records(choices, facts, facts.sizes)
        calls = import_calls(choices, facts, facts.sizes)
        left = facts.sizes.salesforce_calls_left
        today = "" if left is None else f"; the org has {left} left today"
        yield f"An import of all {records} records takes up to {calls} Salesforce calls{today}."
