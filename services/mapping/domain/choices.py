"""Everything that an admin chooses for one connection, in the words of the decisions.

The fields are called as in the contract that other services read; handlers translate.
"""

from dataclasses import dataclass
from typing import Literal

from services.mapping.domain.model import Wanted

Deletion = Literal["nothing", "delete"]
"""What becomes of the other half of a pair."""


@dataclass(frozen=True, slots=True)
class Deletions:
    """What a deletion does to the other side; the names say where it happened."""

    salesforce: Deletion = "nothing"
    hubspot: Deletion = "nothing"


@dataclass(frozen=True, slots=True)
class ContactDeletions:
    """The same for people: `salesforce` is about contacts."""

    salesforce: Deletion = "nothing"
    hubspot: Deletion = "nothing"
    salesforce_lead: Deletion = "nothing"


@dataclass(frozen=True, slots=True)
class InclusionList:
    """The HubSpot list whose members sync."""

    list_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Contacts:
    """People."""

    create_in_hubspot: bool = True
    create_in_salesforce: Literal["contact", "lead", "nothing"] = "contact"
    undecidable: Literal["salesforce_wins", "review"] = "salesforce_wins"
    inclusion_list: InclusionList | None = None
    inclusion_limits_salesforce: bool = False
    deletions: ContactDeletions = ContactDeletions()


@dataclass(frozen=True, slots=True)
class Companies:
    """Companies and accounts."""

    enabled: bool = False
    create_in_hubspot: bool = True
    create_in_salesforce: bool = True
    inclusion_list: InclusionList | None = None
    deletions: Deletions = Deletions()
    match_by_domain: bool = False


@dataclass(frozen=True, slots=True)
class StagePair:
    """A deal stage (id) and an opportunity stage (API name)."""

    hubspot: str
    salesforce: str


@dataclass(frozen=True, slots=True)
class PipelinePair:
    """A deal pipeline (id) and an opportunity record type (id, empty: the only one)."""

    hubspot: str
    salesforce: str = ""
    sync: bool = True
    stages: tuple[StagePair, ...] = ()


@dataclass(frozen=True, slots=True)
class Deals:
    """Deals and opportunities."""

    enabled: bool = False
    create_in_hubspot: bool = True
    create_in_salesforce: bool = True
    pipelines: tuple[PipelinePair, ...] = ()
    currency: Literal["record", "one"] = "one"
    close_date_days: int = 90
    deletions: Deletions = Deletions(salesforce="delete")


@dataclass(frozen=True, slots=True)
class TimelineRule:
    """What one kind of HubSpot event becomes in Salesforce."""

    event_type: str
    sync: bool = True
    task_type: str = ""
    subject: str = ""
    status: str = "Completed"


@dataclass(frozen=True, slots=True)
class Activities:
    """Tasks and timeline events. `timeline_events` counts only without a `timeline`."""

    salesforce_tasks_to_hubspot: bool = True
    hubspot_tasks_to_salesforce: bool = True
    timeline_events: tuple[str, ...] = ("form_submission",)
    timeline: tuple[TimelineRule, ...] = ()
    deletions: Deletions = Deletions()


@dataclass(frozen=True, slots=True)
class OwnerPair:
    """A HubSpot owner and the Salesforce user who is the same person."""

    hubspot_owner_id: str
    salesforce_user_id: str


@dataclass(frozen=True, slots=True)
class Choices:
    """One whole set; `wanted` are the mappings as they are asked for."""

    contacts: Contacts = Contacts()
    companies: Companies = Companies()
    deals: Deals = Deals()
    activities: Activities = Activities()
    wanted: tuple[Wanted, ...] = ()
    owners: tuple[OwnerPair, ...] = ()
    daily_salesforce_calls: int | None = None
