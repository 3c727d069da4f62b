"""Definitions of both CRMs as the words of the domain, and back."""

from collections.abc import Sequence

from services.mapping.domain.model import (
    HubSpotField,
    Option,
    Pipeline,
    SalesforceField,
    Stage,
)
from services.mapping.domain.shapes import NewProperty
from shared.crm.hubspot.pipelines import DealPipeline
from shared.crm.hubspot.property_list import PropertyDefinition, PropertyOption
from shared.crm.salesforce.describe import FieldDescribe
from shared.crm.salesforce.stages import OpportunityStage
from shared.kernel.records import ObjectType

HUBSPOT_OBJECTS = {
    ObjectType.CONTACT: "contacts",
    ObjectType.COMPANY: "companies",
    ObjectType.DEAL: "deals",
    ObjectType.TASK: "tasks",
}


def hubspot_field(item: PropertyDefinition) -> HubSpotField:
    """What the decisions need of a property. A calculated one cannot be written either."""
    return HubSpotField(
        name=item.name,
        label=item.label,
        type=item.type,
        field_type=item.field_type,
        read_only=item.read_only or item.calculated,
        options=tuple(Option(one.value, one.label, one.hidden) for one in item.options),
        calculated=item.calculated,
        unique=item.has_unique_value,
        group=item.group_name,
        hubspot_defined=item.hubspot_defined,
        archived=item.archived,
    )


def salesforce_field(item: FieldDescribe) -> SalesforceField:
    """What the decisions need of a field; Salesforce says 0 where there is no length."""
    return SalesforceField(
        name=item.name,
        label=item.label,
        type=item.type,
        createable=item.createable,
        updateable=item.updateable,
        length=item.length or None,
        references=item.reference_to,
        options=tuple(Option(one.value, one.label, not one.active) for one in item.picklist),
        restricted=item.restricted_picklist,
        required=item.required_on_create,
        calculated=item.calculated,
        precision=item.precision or None,
        scale=item.scale if item.precision else None,
        unique=item.unique,
        custom=item.custom,
    )


def hubspot_pipeline(item: DealPipeline) -> Pipeline:
    """A pipeline of deals; the stage that closes with certainty is the one that is won."""
    return Pipeline(
        item.id,
        item.label,
        tuple(
            Stage(
                id=one.id,
                label=one.label,
                probability=one.probability,
                closed=one.closed,
                won=one.closed and one.probability == 1,
            )
            for one in item.stages
        ),
    )


def salesforce_stage(item: OpportunityStage) -> Stage:
    """A stage of opportunities, known by the value that records hold."""
    return Stage(item.value, item.label, item.probability, item.closed, item.won)


def definition_of(item: NewProperty, group: str) -> PropertyDefinition:
    """A property to be made, as HubSpot takes it."""
    return PropertyDefinition(
        name=item.name,
        label=item.label,
        type=item.type,
        field_type=item.field_type,
        group_name=group,
        description=item.description,
        options=_options(item.options),
    )


def _options(options: Sequence[Option]) -> tuple[PropertyOption, ...]:
    return tuple(PropertyOption(one.label, one.value, one.hidden) for one in options)
