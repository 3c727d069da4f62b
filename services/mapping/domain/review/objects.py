"""Problems of the objects as a whole: whom they create, the lists, the order, the deletions."""

from collections.abc import Iterator

from services.mapping.domain.choices import (
    Choices,
    ContactDeletions,
    Deletion,
    Deletions,
    InclusionList,
)
from services.mapping.domain.lists import unusable
from services.mapping.domain.review.found import Facts, Part, Problem, error, warning
from shared.kernel.records import ObjectType


def object_problems(choices: Choices, facts: Facts) -> Iterator[Problem]:
    """Of contacts, companies and deals, without their mappings."""
    yield from _contacts(choices, facts)
    yield from _list(Part.CONTACTS, ObjectType.CONTACT, choices.contacts.inclusion_list, facts)
    if choices.companies.enabled:
        inclusion = choices.companies.inclusion_list
        yield from _list(Part.COMPANIES, ObjectType.COMPANY, inclusion, facts)
    elif choices.deals.enabled:
        yield warning(
            "deals-without-companies",
            Part.COMPANIES,
            "companies.enabled",
            what="Deals are on and companies are off, so no deal is joined to its company, and "
            "turning companies on later does not mend the deals that came over before.",
            fix="Turn companies on first, and import the accounts before the opportunities.",
        )
    yield from _deletions(choices)
    yield from _unsupported(choices)


def _contacts(choices: Choices, facts: Facts) -> Iterator[Problem]:
    contacts = choices.contacts
    if contacts.create_in_salesforce == "lead":
        yield warning(
            "leads-and-companies",
            Part.CONTACTS,
            "contacts.create_in_salesforce",
            what="HubSpot contacts become leads. A lead has no account, so where HubSpot makes "
            "companies by itself, a second company appears when the lead is converted.",
            fix='Turn off "Create and associate companies with contacts" in HubSpot, or create '
            "contacts instead of leads.",
        )
    if facts.sharing and contacts.create_in_hubspot:
        yield warning(
            "org-is-shared",
            Part.CONTACTS,
            "contacts.create_in_hubspot",
            what=f"{facts.sharing} more HubSpot account(s) sync with this Salesforce org. "
            "Everybody whom another one creates there is created in this one too.",
            fix="Set create_in_hubspot to false here, or accept that all accounts hold everybody.",
        )
    if contacts.inclusion_list and contacts.create_in_hubspot:
        yield from _leak(limited=contacts.inclusion_limits_salesforce)


def _leak(*, limited: bool) -> Iterator[Problem]:
    if not limited:
        yield warning(
            "list-does-not-limit-salesforce",
            Part.CONTACTS,
            "contacts.inclusion_limits_salesforce",
            what="The inclusion list does not hold for people from Salesforce: each is created in "
            "HubSpot once, and then not updated until they are on the list.",
            fix="Set inclusion_limits_salesforce, or create_in_hubspot to false.",
        )


def _list(
    part: Part, object_type: ObjectType, inclusion: InclusionList | None, facts: Facts
) -> Iterator[Problem]:
    if inclusion is None or inclusion.list_id not in facts.lists:
        return
    why = unusable(facts.lists[inclusion.list_id], object_type)
    if why:
        where = f"{part}.inclusion_list"
        yield error("list-not-usable", part, where, what=why.what, fix=why.fix)


def _deletions(choices: Choices) -> Iterator[Problem]:
    groups: list[tuple[Part, bool, Deletions | ContactDeletions]] = [
        (Part.CONTACTS, True, choices.contacts.deletions),
        (Part.COMPANIES, choices.companies.enabled, choices.companies.deletions),
        (Part.DEALS, choices.deals.enabled, choices.deals.deletions),
        (Part.ACTIVITIES, True, choices.activities.deletions),
    ]
    for part, live, rules in groups:
        if live and "delete" in told_deletions(rules).values():
            yield warning(
                "deletions-cross-over",
                part,
                f"{part}.deletions",
                what="A record that is deleted on one side is deleted on the other too. A merge in "
                "Salesforce deletes the records that lose, so it counts as well.",
                fix='Keep "nothing", or make sure that people merge with care.',
            )


def told_deletions(rules: Deletions | ContactDeletions) -> dict[str, Deletion]:
    """The rules by where the deletion happens."""
    told: dict[str, Deletion] = {"hubspot": rules.hubspot, "salesforce": rules.salesforce}
    if isinstance(rules, ContactDeletions):
        told["salesforce_lead"] = rules.salesforce_lead
    return told


def _unsupported(choices: Choices) -> Iterator[Problem]:
    """Choices that are kept, and that no service acts on yet."""
    contacts = choices.contacts
    chosen = {
        "contacts.inclusion_list": (Part.CONTACTS, contacts.inclusion_list is not None),
        "contacts.deletions": (
            Part.CONTACTS,
            "delete" in told_deletions(contacts.deletions).values(),
        ),
        "activities.deletions": (
            Part.ACTIVITIES,
            "delete" in told_deletions(choices.activities.deletions).values(),
        ),
        "companies.inclusion_list": (
            Part.COMPANIES,
            choices.companies.enabled and choices.companies.inclusion_list is not None,
        ),
        "companies.deletions": (
            Part.COMPANIES,
            choices.companies.enabled
            and "delete" in told_deletions(choices.companies.deletions).values(),
        ),
        "deals.enabled": (Part.DEALS, choices.deals.enabled),
    }
    for where, (part, on) in chosen.items():
        if on:
            yield warning(
                "not-acted-on-yet",
                part,
                where,
                what=f"{where} is kept with the settings, but this version of Causeway does not "
                "act on it: everything goes on as if it was not chosen.",
                fix="Leave it off until a version that does, or go on knowing this.",
            )
