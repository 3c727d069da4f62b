"""What going live costs in Salesforce calls, against what may be used."""

from collections.abc import Iterator

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import SALESFORCE_OBJECTS
from services.mapping.domain.review.found import Facts, Part, Problem, Sizes, warning
from services.mapping.domain.review.mappings import live
from shared.kernel.records import ObjectType

CALLS_PER_THOUSAND = 50
"""Salesforce calls for a thousand new records: the bound that the demo measures and holds."""

IMPORTED = (ObjectType.CONTACT, ObjectType.COMPANY, ObjectType.DEAL)


def imported_records(choices: Choices, facts: Facts, sizes: Sizes) -> int:
    """The records that an import of both sides looks at; of a chosen list only its members."""
    inclusion = choices.contacts.inclusion_list
    listed = facts.lists.get(inclusion.list_id) if inclusion else None
    counted = 0
    for object_type in (one for one in IMPORTED if live(choices, one)):
        size = sizes.hubspot.get(object_type, 0)
        if object_type is ObjectType.CONTACT and listed is not None and listed.size is not None:
            size = listed.size
        there = SALESFORCE_OBJECTS[object_type]
        counted += size + sum(sizes.salesforce.get(name, 0) for name in there)
    return counted


def import_calls(choices: Choices, facts: Facts, sizes: Sizes) -> int:
    """Salesforce calls for that import, at the most."""
    return -(-imported_records(choices, facts, sizes) * CALLS_PER_THOUSAND // 1000)


def budget_problems(choices: Choices, facts: Facts) -> Iterator[Problem]:
    """An import that does not fit into a day."""
    if facts.sizes is None:
        return
    calls = import_calls(choices, facts, facts.sizes)
    allowed, left = choices.daily_salesforce_calls, facts.sizes.salesforce_calls_left
    if allowed is not None and calls > allowed:
        yield warning(
            "import-exceeds-allowance",
            Part.BUDGET,
            "daily_salesforce_calls",
            what=f"An import of everybody takes up to {calls} Salesforce calls, the allowance is "
            f"{allowed} a day: it goes on over several days.",
            fix="Raise the allowance for the time of the import, or import in parts.",
        )
    if left is not None and calls > left:
        yield warning(
            "import-exceeds-calls-left",
            Part.BUDGET,
            "daily_salesforce_calls",
            what=f"An import of everybody takes up to {calls} Salesforce calls, and the org has "
            f"{left} left today, which it shares with its other integrations.",
            fix="Import at a quieter time, or set an allowance that leaves the others enough.",
        )
