"""Owners without a counterpart: numbers only, as a review holds no personal value."""

from collections.abc import Iterator
from collections.abc import Mapping as Map

from services.mapping.domain.choices import Choices
from services.mapping.domain.compatibility import HUBSPOT_OWNER
from services.mapping.domain.model import Rule
from services.mapping.domain.review.found import Facts, Part, Problem, error, warning


def owner_problems(choices: Choices, facts: Facts) -> Iterator[Problem]:
    """Of the table of pairs, and of people that neither it nor an e-mail address joins."""
    yield from _twice(choices)
    mapped = any(
        wanted.hubspot_property == HUBSPOT_OWNER and wanted.rule is not Rule.DONT_SYNC
        for wanted in choices.wanted
    )
    if mapped and facts.owners is not None and facts.owners.hubspot:
        yield warning(
            "owners-without-counterpart",
            Part.OWNERS,
            "owners",
            what=f"{facts.owners.hubspot} HubSpot owner(s) have no active Salesforce user with the "
            "same e-mail address. Their records keep the owner that they have in Salesforce.",
            fix="Pair them with users in `owners`, or leave it so if they do not own records "
            "that sync.",
        )


def _twice(choices: Choices) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, pair in enumerate(choices.owners):
        if pair.hubspot_owner_id in seen:
            yield error(
                "owner-paired-twice",
                Part.OWNERS,
                f"owners[{index}].hubspot_owner_id",
                what=f"HubSpot owner {pair.hubspot_owner_id} is paired more than once.",
                fix="Keep one pair of this owner.",
            )
        seen.add(pair.hubspot_owner_id)


def without_counterpart(
    hubspot: Map[str, str], salesforce: Map[str, str], choices: Choices
) -> tuple[int, int]:
    """How many of each side have none. Both are lower-case e-mail addresses by id."""
    paired = {pair.hubspot_owner_id: pair.salesforce_user_id for pair in choices.owners}
    here, there = set(hubspot.values()), set(salesforce.values())
    alone = sum(
        email not in there and paired.get(owner_id) not in salesforce
        for owner_id, email in hubspot.items()
    )
    users = set(paired.values())
    alone_there = sum(
        email not in here and user_id not in users for user_id, email in salesforce.items()
    )
    return alone, alone_there
