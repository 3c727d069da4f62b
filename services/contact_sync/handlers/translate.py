"""Published settings in the words of the decisions."""

from services.contact_sync.domain.model import Conversion, Kind, Mapping, Policy, Rule
from shared.contracts.settings import FieldMapping, Settings, ValueType
from shared.kernel.records import ObjectType


def mappings_of(settings: Settings) -> tuple[Mapping, ...]:
    """The contact mappings of a version of the settings."""
    return tuple(
        _mapping(mapping)
        for mapping in settings.mappings
        if mapping.object_type is ObjectType.CONTACT
    )


def owner_pairs(settings: Settings) -> list[tuple[str, str]]:
    """HubSpot owners and Salesforce users who are the same person under different addresses."""
    return [(pair.hubspot_owner_id, pair.salesforce_user_id) for pair in settings.owners]


def policy_of(settings: Settings) -> Policy:
    """How people are created, and what happens when a decision cannot be made."""
    contacts = settings.contacts
    return Policy(
        create_in_hubspot=contacts.create_in_hubspot,
        create_in_salesforce=contacts.create_in_salesforce,
        undecidable=contacts.undecidable,
    )


def _mapping(mapping: FieldMapping) -> Mapping:
    return Mapping(
        hubspot_property=mapping.hubspot_property,
        salesforce_field=mapping.salesforce_field,
        rule=Rule(mapping.rule.value),
        kind=Kind(mapping.value_type.value),
        salesforce_objects=mapping.salesforce_objects,
        max_length=mapping.max_length,
        hubspot_writable=mapping.hubspot_writable,
        salesforce_writable=mapping.salesforce_writable,
        conversion=Conversion(
            hubspot=_kind(mapping.hubspot_type),
            salesforce=_kind(mapping.salesforce_type),
            values=tuple((pair.hubspot, pair.salesforce) for pair in mapping.values),
            unmapped=mapping.unmapped_values,
            time_zone=mapping.time_zone,
            scale=mapping.scale,
            fraction=mapping.hubspot_percent == "fraction",
        ),
    )


def _kind(value_type: ValueType | None) -> Kind | None:
    return None if value_type is None else Kind(value_type.value)
