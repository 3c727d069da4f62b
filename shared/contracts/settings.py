"""The settings of one connection, as the mapping service publishes them: whole and immutable."""

from enum import StrEnum
from typing import Literal

from shared.contracts.base import Contract
from shared.kernel.records import ObjectType


class SyncRule(StrEnum):
    """Which side's value wins for one mapping (design: section 6)."""

    PREFER_SALESFORCE_UNLESS_BLANK = "prefer_salesforce_unless_blank"
    ALWAYS_SALESFORCE = "always_salesforce"
    TWO_WAY = "two_way"
    DONT_SYNC = "dont_sync"
    PREFER_HUBSPOT_UNLESS_BLANK = "prefer_hubspot_unless_blank"
    ALWAYS_HUBSPOT = "always_hubspot"


class ValueType(StrEnum):
    """How a mapped pair of values is compared and converted."""

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


class ValuePair(Contract):
    """Two values of a choice that mean the same, each as its CRM stores it."""

    hubspot: str
    salesforce: str


class FieldMapping(Contract):
    """One HubSpot property joined to one Salesforce field with a sync rule.

    `salesforce_objects` names the objects that have the field (one mapping serves Lead and
    Contact). `max_length` is Salesforce's limit in characters, None where there is none.

    The two values are compared as `value_type`; where a side's own type differs from it,
    `hubspot_type` or `salesforce_type` says so (None: it does not). `values` joins choices that
    are spelt differently; of a value that it does not name, `unmapped_values` says that it goes
    over as it is (`keep`), that the record waits for a person (`refuse`) or that the other side
    gets nothing (`blank`). `time_zone` (IANA) is where a moment becomes a day, `scale` the digits
    that Salesforce keeps after the point. With `hubspot_percent` as `fraction`, 25 per cent are
    0.25 in HubSpot and 25 in Salesforce; else a number is the same on both sides.
    """

    object_type: ObjectType
    hubspot_property: str
    salesforce_field: str
    rule: SyncRule = SyncRule.PREFER_SALESFORCE_UNLESS_BLANK
    value_type: ValueType = ValueType.TEXT
    salesforce_objects: tuple[str, ...]
    max_length: int | None = None
    hubspot_writable: bool = True
    salesforce_writable: bool = True
    hubspot_type: ValueType | None = None
    salesforce_type: ValueType | None = None
    values: tuple[ValuePair, ...] = ()
    unmapped_values: Literal["keep", "refuse", "blank"] = "keep"
    time_zone: str = "UTC"
    scale: int | None = None
    hubspot_percent: Literal["whole", "fraction"] = "whole"


Deletion = Literal["nothing", "delete"]
"""What becomes of the other half of a pair: it stays as it is, or is deleted too."""


class DeletionRules(Contract):
    """What a deletion on one side does to the other (facts: native 3.6).

    `salesforce`: what happens in HubSpot when the Salesforce record is deleted; `hubspot`: what
    happens in Salesforce when the HubSpot record is (the native integration never deletes there).
    """

    salesforce: Deletion = "nothing"
    hubspot: Deletion = "nothing"


class ContactDeletionRules(DeletionRules):
    """The same for people: `salesforce` is about contacts, `salesforce_lead` about leads."""

    salesforce_lead: Deletion = "nothing"


class InclusionList(Contract):
    """The active HubSpot list whose members sync (facts: native 3.2); `name` is for people."""

    list_id: str
    name: str = ""


class ContactSettings(Contract):
    """How people are created and what happens when a decision cannot be made.

    With an `inclusion_list`, only its members sync. People from Salesforce are created in HubSpot
    although they are on no list yet (the native integration does the same), unless
    `inclusion_limits_salesforce`.
    """

    create_in_hubspot: bool = True
    create_in_salesforce: Literal["contact", "lead", "nothing"] = "contact"
    undecidable: Literal["salesforce_wins", "review"] = "salesforce_wins"
    inclusion_list: InclusionList | None = None
    inclusion_limits_salesforce: bool = False
    deletions: ContactDeletionRules = ContactDeletionRules()


class CompanySettings(Contract):
    """Whether and how companies and accounts sync (facts: native 5.1). Off until turned on.

    With `match_by_domain`, records that were never linked are the same company when the domain of
    the one is that of the other's website; the native integration never goes by it.
    """

    enabled: bool = False
    match_by_domain: bool = False
    create_in_hubspot: bool = True
    create_in_salesforce: bool = True
    inclusion_list: InclusionList | None = None
    deletions: DeletionRules = DeletionRules()


class StagePair(Contract):
    """A HubSpot deal stage (its id) and the opportunity stage (its API name) that it is."""

    hubspot: str
    salesforce: str


class PipelinePair(Contract):
    """A HubSpot deal pipeline (its id) and the opportunity record type (its id) that it is.

    An org without record types has one pair, whose `salesforce` is empty. Deals of a pipeline
    without a pair, or with `sync` off, are no opportunities (facts: native 5.2).
    """

    hubspot: str
    salesforce: str = ""
    sync: bool = True
    stages: tuple[StagePair, ...] = ()


class DealSettings(Contract):
    """Whether and how deals and opportunities sync (facts: native 5.2). Off until turned on.

    `currency`: `record` carries the currency of each amount over (`deal_currency_code`,
    `CurrencyIsoCode`), `one` for accounts that have a single one. Salesforce insists on a close
    date: a deal without one closes `close_date_days` days after it was made.
    """

    enabled: bool = False
    create_in_hubspot: bool = True
    create_in_salesforce: bool = True
    pipelines: tuple[PipelinePair, ...] = ()
    currency: Literal["record", "one"] = "one"
    close_date_days: int = 90
    deletions: DeletionRules = DeletionRules(salesforce="delete")


class TimelineRule(Contract):
    """What one kind of HubSpot event becomes in Salesforce (facts: native 6.2).

    A finished task with `task_type` (Task.Type; empty: none), `status` (Task.Status) and a
    `subject` in which `{name}` is what the event is about (a form's name) and `{date}` its day in
    UTC; empty subject: the usual one of its kind.
    """

    event_type: str
    sync: bool = True
    task_type: str = ""
    subject: str = ""
    status: str = "Completed"


class ActivitySettings(Contract):
    """Which activities cross over, and in which direction.

    `timeline` is the table of HubSpot events. Versions from before it name those that cross over
    in `timeline_events`, which newer versions keep in step for readers that know no table.
    """

    salesforce_tasks_to_hubspot: bool = True
    hubspot_tasks_to_salesforce: bool = True
    timeline_events: tuple[str, ...] = ("form_submission",)
    timeline: tuple[TimelineRule, ...] = ()
    deletions: DeletionRules = DeletionRules()

    def rule_of(self, event_type: str) -> TimelineRule | None:
        """What becomes of such an event in Salesforce; None when it is not told there."""
        if not self.timeline:
            told = event_type in self.timeline_events
            return TimelineRule(event_type=event_type) if told else None
        found = (rule for rule in self.timeline if rule.event_type == event_type and rule.sync)
        return next(found, None)


class OwnerPair(Contract):
    """A HubSpot owner and the Salesforce user who is the same person under another e-mail."""

    hubspot_owner_id: str
    salesforce_user_id: str


class Settings(Contract):
    """One immutable version of everything an admin chose for one connection."""

    version: int
    contacts: ContactSettings = ContactSettings()
    companies: CompanySettings = CompanySettings()
    deals: DealSettings = DealSettings()
    activities: ActivitySettings = ActivitySettings()
    mappings: tuple[FieldMapping, ...] = ()
    owners: tuple[OwnerPair, ...] = ()
    daily_salesforce_calls: int | None = None


def newest(known: Settings | None, told: Settings) -> Settings:
    """The version that counts: events may come in any order, and again."""
    return told if known is None or told.version >= known.version else known
