"""Published settings in the words of the decisions."""

from services.contact_sync.domain.model import (
    ACCOUNT_OF,
    MEMBER_OF,
    MEMBERSHIP,
    Conversion,
    Kind,
    Mapping,
    Policy,
    Rule,
)
from shared.contracts.settings import FieldMapping, Settings, ValueType
from shared.kernel.records import ObjectType


def is_on(settings: Settings, object_type: ObjectType) -> bool:
    """Whether records of that type sync at all; people always do."""
    return object_type is ObjectType.CONTACT or settings.companies.enabled


def mappings_of(
    settings: Settings, object_type: ObjectType = ObjectType.CONTACT
) -> tuple[Mapping, ...]:
    """The mappings of one type of a version of the settings.

    With companies on, contacts have one more, for the company that they belong to.
    """
    found = tuple(
        _mapping(mapping) for mapping in settings.mappings if mapping.object_type is object_type
    )
    if object_type is not ObjectType.CONTACT or not settings.companies.enabled:
        return found
    ours = (MEMBER_OF, ACCOUNT_OF)
    others = (m for m in found if m.hubspot_property not in ours and m.salesforce_field not in ours)
    return (*others, MEMBERSHIP)


def owner_pairs(settings: Settings) -> list[tuple[str, str]]:
    """HubSpot owners and Salesforce users who are the same person under different addresses."""
    return [(pair.hubspot_owner_id, pair.salesforce_user_id) for pair in settings.owners]


def policy_of(settings: Settings, object_type: ObjectType = ObjectType.CONTACT) -> Policy:
    """How records of a type are created, and what happens when a decision cannot be made.

    Which of two changes wins that nobody can order is one choice, and it is made for people.
    """
    contacts = settings.contacts
    if object_type is ObjectType.COMPANY:
        companies = settings.companies
        return Policy(
            create_in_hubspot=companies.create_in_hubspot,
            create_in_salesforce="account" if companies.create_in_salesforce else "nothing",
            undecidable=contacts.undecidable,
        )
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
