"""Short words for the values that decisions are about."""

from datetime import UTC, datetime
from uuid import UUID

from services.contact_sync.domain.matching import Keys
from services.contact_sync.domain.model import (
    HubSpotPerson,
    Kind,
    Link,
    Mapping,
    Owners,
    Rule,
    SalesforcePerson,
)
from services.contact_sync.domain.plan import Context, FieldWrite, Pair, Plan, plan_pair
from shared.kernel.records import Side

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
KEYS = Keys(portal_id="4711", org_id="00D1")
LINK_ID = UUID(int=7)
CONTACT, OTHER_CONTACT, LEAD = "003000000000001AAA", "003000000000002AAA", "00Q000000000003AAA"


def left(
    record_id: str = "1", *emails: str, key: str | None = None, **values: str
) -> HubSpotPerson:
    """A HubSpot contact; its first address is its `email`."""
    first = {"email": emails[0]} if emails else {}
    return HubSpotPerson(record_id, {**first, **values}, tuple(emails), key)


def right(
    record_id: str = CONTACT,
    email: str | None = None,
    *,
    modified_at: datetime = NOW,
    key: str | None = None,
    converted: str | None = None,
    **values: object,
) -> SalesforcePerson:
    """A Salesforce contact or lead, by the prefix of its id."""
    return SalesforcePerson(
        id=record_id,
        object_name="Lead" if record_id.startswith("00Q") else "Contact",
        values={"Email": email, **values},
        modified_at=modified_at,
        email=email,
        key=key,
        converted_contact_id=converted,
    )


def link(
    hubspot_id: str = "1",
    salesforce_id: str = CONTACT,
    *,
    number: int = 7,
    base: dict[str, str | None] | None = None,
) -> Link:
    """A pair that is known."""
    name = "Lead" if salesforce_id.startswith("00Q") else "Contact"
    return Link(UUID(int=number), hubspot_id, salesforce_id, name, base or {})


def context(*mappings: Mapping, owners: Owners | None = None, review: bool = False) -> Context:
    """What every decision of a connection knows."""
    return Context(mappings, owners or Owners(), NOW, salesforce_wins_undecided=not review)


def one(rule: Rule = Rule.TWO_WAY, kind: Kind = Kind.TEXT, **more: object) -> Mapping:
    """The mapping of `p` to `F`."""
    return Mapping("p", "F", rule, kind, **more)  # type: ignore[arg-type]


def plan_of(
    mapping: Mapping,
    hubspot: str | None,
    salesforce: object,
    base: str | None = "first",
    *,
    owners: Owners | None = None,
    review: bool = False,
    times: dict[str, datetime | None] | None = None,
) -> Plan:
    """The plan for a pair that has one mapped value each; `base` "first" is a first link."""
    known = None if base == "first" else link(base={"p": base})
    pair = Pair(HubSpotPerson("1", {"p": hubspot}), right(F=salesforce), known, times or {})
    return plan_pair(
        context(mapping, owners=owners, review=review), pair, salesforce_object="Contact"
    )


def write(
    side: Side, field: str, after: str | None, wire: object, *, before: str | None = None
) -> FieldWrite:
    """A planned write."""
    return FieldWrite(side, field, before, after, wire, "two_way", "why")
