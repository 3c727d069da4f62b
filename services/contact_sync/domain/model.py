"""The words that the decisions speak: mappings, the two records of a pair, and their link."""

from collections.abc import Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.kernel.records import ObjectType, Side


class Rule(StrEnum):
    """Which side's value wins for one mapping."""

    PREFER_SALESFORCE_UNLESS_BLANK = "prefer_salesforce_unless_blank"
    ALWAYS_SALESFORCE = "always_salesforce"
    TWO_WAY = "two_way"
    DONT_SYNC = "dont_sync"
    PREFER_HUBSPOT_UNLESS_BLANK = "prefer_hubspot_unless_blank"
    ALWAYS_HUBSPOT = "always_hubspot"


class Kind(StrEnum):
    """How the values of a mapping are compared and converted."""

    TEXT = "text"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    PICKLIST = "picklist"
    MULTI_PICKLIST = "multi_picklist"
    OWNER = "owner"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the two sides of a mapping spell what is compared as one kind.

    `hubspot` and `salesforce` are a side's own kind where it is another. `values` are pairs of a
    HubSpot and a Salesforce value that mean the same; a value in no pair is kept as it is, refused
    or left blank (`unmapped`). `time_zone` (IANA) is where a moment becomes a day, `scale` the
    digits after the point that Salesforce keeps; with `fraction`, HubSpot's 0.25 is 25 per cent.
    """

    hubspot: Kind | None = None
    salesforce: Kind | None = None
    values: tuple[tuple[str, str], ...] = ()
    unmapped: str = "keep"
    time_zone: str = "UTC"
    scale: int | None = None
    fraction: bool = False

    def kind_on(self, side: Side, compared: Kind) -> Kind:
        """The own kind of `side`, in a mapping that is compared as `compared`."""
        own = self.hubspot if side is Side.HUBSPOT else self.salesforce
        return own or compared


PLAIN = Conversion()
"""Both sides have the kind that is compared, and spell its values alike."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """One HubSpot property joined to one Salesforce field of the named Salesforce objects."""

    hubspot_property: str
    salesforce_field: str
    rule: Rule = Rule.PREFER_SALESFORCE_UNLESS_BLANK
    kind: Kind = Kind.TEXT
    salesforce_objects: tuple[str, ...] = ("Contact", "Lead")
    max_length: int | None = None
    hubspot_writable: bool = True
    salesforce_writable: bool = True
    conversion: Conversion = PLAIN

    def writable(self, side: Side) -> bool:
        """Whether the integration may write this field on `side`."""
        return self.hubspot_writable if side is Side.HUBSPOT else self.salesforce_writable

    def field_on(self, side: Side) -> str:
        """The name of the field on `side`."""
        return self.hubspot_property if side is Side.HUBSPOT else self.salesforce_field


MEMBER_OF, ACCOUNT_OF = "associatedcompanyid", "AccountId"
"""Where a contact's company stands: HubSpot's primary company, Salesforce's account."""

MEMBERSHIP = Mapping(MEMBER_OF, ACCOUNT_OF, Rule.TWO_WAY, Kind.COMPANY, ("Contact",))
"""Joins the two, as if an admin had mapped them. A lead belongs to no account."""


@dataclass(frozen=True, slots=True)
class Policy:
    """What an admin chose about creating records of a type, and about what cannot be decided.

    `create_in_salesforce` is what a new record becomes there: contact, lead, account or nothing.
    """

    create_in_hubspot: bool = True
    create_in_salesforce: str = "contact"
    undecidable: str = "salesforce_wins"


@dataclass(frozen=True, slots=True)
class HubSpotPerson:
    """A HubSpot contact or company as it is now, with values as HubSpot spells them.

    `emails` are what it is recognised by: a person's addresses, a company's domains (none where
    the settings do not match by domain).
    """

    id: str
    values: Map[str, str | None]
    emails: tuple[str, ...] = ()
    key: str | None = None


@dataclass(frozen=True, slots=True)
class SalesforcePerson:
    """A Salesforce contact, lead or account as it is now, in Salesforce's own JSON types.

    `email` is what it is recognised by: the address of a person, the domain of an account.
    """

    id: str
    object_name: str
    values: Map[str, object]
    modified_at: datetime
    email: str | None = None
    key: str | None = None
    converted_contact_id: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """A pair that is the same person or company.

    `base` maps a HubSpot property to the canonical value that both sides agreed on; `hashes`
    holds, by side and field, the keyed hash of the value that we know to stand there;
    `near_misses` counts, by "side:field", how often our write was changed back.
    """

    id: UUID
    hubspot_id: str
    salesforce_id: str
    salesforce_object: str
    base: Map[str, str | None] = field(default_factory=dict)
    hashes: Map[str, Map[str, str]] = field(default_factory=dict)
    near_misses: Map[str, int] = field(default_factory=dict)
    ambiguous: bool = False
    synced_at: datetime | None = None
    object_type: ObjectType = ObjectType.CONTACT


@dataclass(frozen=True, slots=True)
class Owners:
    """Who is who: HubSpot owner ids and Salesforce user ids, each with what names the person.

    That is the lower-case e-mail address, or the pair that an admin made. `companies` and
    `accounts` name companies in the same way, those that are linked: by the account's id.
    """

    hubspot: Map[str, str] = field(default_factory=dict)
    salesforce: Map[str, str] = field(default_factory=dict)
    companies: Map[str, str] = field(default_factory=dict)
    accounts: Map[str, str] = field(default_factory=dict)

    def table(self, kind: Kind, side: Side) -> Map[str, str]:
        """Ids on `side` and whom or what they name."""
        if kind is Kind.COMPANY:
            return self.companies if side is Side.HUBSPOT else self.accounts
        return self.hubspot if side is Side.HUBSPOT else self.salesforce

    def paired(self, pairs: Iterable[tuple[str, str]]) -> "Owners":
        """With pairs (HubSpot owner id, Salesforce user id) that count whatever the addresses say.

        Whoever has the address of somebody in a pair has no counterpart any more.
        """
        named = {(owner, user): f"pair {owner} {user}" for owner, user in pairs}
        return replace(
            self,
            hubspot={**self.hubspot, **{owner: name for (owner, _), name in named.items()}},
            salesforce={**self.salesforce, **{user: name for (_, user), name in named.items()}},
        )
