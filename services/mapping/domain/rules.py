"""Which sides a rule has to be able to write, and what to use when it cannot."""

from services.mapping.domain.model import Rule

WRITES: dict[Rule, tuple[str, ...]] = {
    Rule.PREFER_SALESFORCE_UNLESS_BLANK: ("hubspot",),
    Rule.ALWAYS_SALESFORCE: ("hubspot",),
    Rule.TWO_WAY: ("hubspot", "salesforce"),
    Rule.DONT_SYNC: (),
    Rule.PREFER_HUBSPOT_UNLESS_BLANK: ("salesforce",),
    Rule.ALWAYS_HUBSPOT: ("salesforce",),
}
"""The side that a rule is about. The `prefer` rules fill blanks of the preferred side where it
can be written and leave them where it cannot (a formula field may feed HubSpot)."""

WORDS: dict[Rule, str] = {
    Rule.PREFER_SALESFORCE_UNLESS_BLANK: "Salesforce's value wins; where it never had one, "
    "HubSpot's fills it.",
    Rule.ALWAYS_SALESFORCE: "HubSpot gets Salesforce's value, blank included.",
    Rule.TWO_WAY: "the latest change wins, on either side; clearing counts as a change.",
    Rule.DONT_SYNC: "not synced.",
    Rule.PREFER_HUBSPOT_UNLESS_BLANK: "HubSpot's value wins; where it never had one, "
    "Salesforce's fills it.",
    Rule.ALWAYS_HUBSPOT: "Salesforce gets HubSpot's value, blank included.",
}
"""What each rule does, for an admin."""


def unwritable(rule: Rule, *, hubspot: bool, salesforce: bool) -> tuple[str, ...]:
    """The sides that `rule` has to write and that are read-only."""
    can = {"hubspot": hubspot, "salesforce": salesforce}
    return tuple(side for side in WRITES[rule] if not can[side])


def possible_rule(rule: Rule, *, hubspot: bool, salesforce: bool) -> Rule | None:
    """`rule` where it is possible, else the one-way rule that is, else None."""
    if not unwritable(rule, hubspot=hubspot, salesforce=salesforce):
        return rule
    if hubspot:
        return Rule.ALWAYS_SALESFORCE
    return Rule.ALWAYS_HUBSPOT if salesforce else None


def writes_hubspot(rule: Rule) -> bool:
    """Whether a value of Salesforce ever reaches HubSpot under this rule."""
    return rule not in {Rule.DONT_SYNC, Rule.ALWAYS_HUBSPOT}


def writes_salesforce(rule: Rule) -> bool:
    """Whether a value of HubSpot ever reaches Salesforce, if only where that is blank."""
    return rule not in {Rule.DONT_SYNC, Rule.ALWAYS_SALESFORCE}
