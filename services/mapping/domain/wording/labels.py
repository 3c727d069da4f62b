"""What settings are called in a sentence, and the names behind the ids of this connection."""

from dataclasses import dataclass

from services.mapping.domain.choices import InclusionList
from services.mapping.domain.model import Catalogue, Pipeline

SUBJECTS: dict[str, str] = {
    "contacts.create_in_hubspot": "New Salesforce contacts and leads created in HubSpot",
    "contacts.create_in_salesforce": "What a new HubSpot contact becomes in Salesforce",
    "contacts.undecidable": "Changes of people that cannot be put in order",
    "contacts.inclusion_list": "List of the contacts that sync",
    "contacts.inclusion_limits_salesforce": "The list limits creation from Salesforce too",
    "contacts.deletions.salesforce": "The HubSpot side of a deleted Salesforce contact",
    "contacts.deletions.salesforce_lead": "The HubSpot side of a deleted Salesforce lead",
    "contacts.deletions.hubspot": "The Salesforce side of a deleted HubSpot contact",
    "companies.enabled": "Sync of companies",
    "companies.match_by_domain": "Companies matched by their domain",
    "companies.create_in_hubspot": "New Salesforce accounts created in HubSpot",
    "companies.create_in_salesforce": "New HubSpot companies created in Salesforce",
    "companies.inclusion_list": "List of the companies that sync",
    "companies.deletions.salesforce": "The HubSpot side of a deleted account",
    "companies.deletions.hubspot": "The Salesforce side of a deleted company",
    "deals.enabled": "Sync of deals",
    "deals.create_in_hubspot": "New opportunities created in HubSpot",
    "deals.create_in_salesforce": "New deals created in Salesforce",
    "deals.currency": "Currency of deals",
    "deals.close_date_days": "Days until a deal without a close date closes",
    "deals.deletions.salesforce": "The HubSpot side of a deleted opportunity",
    "deals.deletions.hubspot": "The Salesforce side of a deleted deal",
    "activities.salesforce_tasks_to_hubspot": "Salesforce tasks to HubSpot",
    "activities.hubspot_tasks_to_salesforce": "HubSpot tasks to Salesforce",
    "activities.deletions.salesforce": "The HubSpot side of a deleted Salesforce task",
    "activities.deletions.hubspot": "The Salesforce side of a deleted HubSpot task",
    "daily_salesforce_calls": "Salesforce calls that Causeway may make in a day",
}
"""Every setting that has one value, by its place."""


@dataclass(frozen=True, slots=True)
class Labels:
    """The names of pipelines, record types and their stages, as the CRMs were read last."""

    pipelines: tuple[Pipeline, ...] = ()
    record_types: tuple[Pipeline, ...] = ()

    @classmethod
    def of(cls, catalogue: Catalogue | None) -> "Labels":
        """Those of a catalogue; none where nothing was read."""
        if catalogue is None:
            return cls()
        return cls(catalogue.pipelines, catalogue.record_types)

    def pipeline(self, pipeline_id: str) -> str:
        """A deal pipeline, by its label where that is known."""
        return label_of(self.pipelines, pipeline_id) or pipeline_id

    def record_type(self, type_id: str) -> str:
        """A record type, by its label where that is known."""
        return label_of(self.record_types, type_id) or type_id or "the only record type"

    def stage(self, pipeline_id: str, stage_id: str) -> str:
        """A stage of a deal pipeline, by its label where that is known."""
        return stage_label(self.pipelines, pipeline_id, stage_id) or stage_id


def label_of(known: tuple[Pipeline, ...], one: str) -> str:
    """The label of a pipeline or a record type; "" for one that is not known."""
    return next((item.label for item in known if item.id == one), "")


def stage_label(known: tuple[Pipeline, ...], pipeline_id: str, stage_id: str) -> str:
    """The label of a stage; "" for one that is not known."""
    stages = next((item.stages for item in known if item.id == pipeline_id), ())
    return next((item.label for item in stages if item.id == stage_id), "")


def list_name(chosen: InclusionList | None) -> str:
    """A list in a sentence."""
    if chosen is None:
        return "everybody"
    return f"{chosen.name} ({chosen.list_id})" if chosen.name else chosen.list_id
