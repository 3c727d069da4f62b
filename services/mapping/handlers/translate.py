"""Between the words of the decisions and the contract that other services read."""

from collections.abc import Iterable

from services.mapping.domain.model import Mapping, Rule, Wanted
from shared.contracts.settings import FieldMapping, SyncRule, ValueType


def contract_of(mappings: Iterable[Mapping]) -> tuple[FieldMapping, ...]:
    """The mappings as a version of the settings holds them."""
    return tuple(_field_mapping(mapping) for mapping in mappings)


def wanted_of(mappings: Iterable[FieldMapping]) -> tuple[Wanted, ...]:
    """What a version of the settings asks for, to be judged again."""
    return tuple(
        Wanted(
            mapping.hubspot_property,
            mapping.salesforce_field,
            Rule(mapping.rule.value),
            mapping.salesforce_objects,
            mapping.object_type,
        )
        for mapping in mappings
    )


def _field_mapping(mapping: Mapping) -> FieldMapping:
    return FieldMapping(
        object_type=mapping.object_type,
        hubspot_property=mapping.wanted.hubspot_property,
        salesforce_field=mapping.wanted.salesforce_field,
        rule=SyncRule(mapping.wanted.rule.value),
        value_type=ValueType(mapping.kind.value),
        salesforce_objects=mapping.wanted.salesforce_objects,
        max_length=mapping.max_length,
        hubspot_writable=mapping.hubspot_writable,
        salesforce_writable=mapping.salesforce_writable,
    )
