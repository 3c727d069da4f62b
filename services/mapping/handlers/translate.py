"""Between the words of the decisions and the contract that other services read."""

from collections.abc import Iterable
from dataclasses import asdict, replace

from pydantic import TypeAdapter

from services.mapping.domain.choices import Choices
from services.mapping.domain.model import Conversion, Kind, Mapping, Rule, ValuePair, Wanted
from services.mapping.domain.pages import in_step
from shared.contracts.settings import FieldMapping, Settings, SyncRule, ValueType

_CHOICES: TypeAdapter[Choices] = TypeAdapter(Choices)


def wanted_of(mappings: Iterable[FieldMapping]) -> tuple[Wanted, ...]:
    """What a version of the settings asks for, to be judged again."""
    return tuple(_wanted(mapping) for mapping in mappings)


def choices_of(settings: Settings) -> Choices:
    """A version of the settings in the words of the decisions."""
    parts = settings.model_dump(mode="json", exclude={"version", "mappings"})
    return replace(_CHOICES.validate_python(parts), wanted=wanted_of(settings.mappings))


def settings_of(choices: Choices, mappings: Iterable[Mapping]) -> Settings:
    """The choices as settings without a version; `mappings` are those that are possible.

    One that is not possible stays as it was asked for.
    """
    possible = {mapping.wanted: mapping for mapping in mappings}
    asked = [
        _field_mapping(possible[wanted]) if wanted in possible else _asked(wanted)
        for wanted in choices.wanted
    ]
    parts = asdict(in_step(choices))
    del parts["wanted"]
    return Settings.model_validate({**parts, "version": 0, "mappings": asked})


def _wanted(mapping: FieldMapping) -> Wanted:
    return Wanted(
        mapping.hubspot_property,
        mapping.salesforce_field,
        Rule(mapping.rule.value),
        mapping.salesforce_objects,
        mapping.object_type,
        Conversion(
            values=tuple(ValuePair(pair.hubspot, pair.salesforce) for pair in mapping.values),
            unmapped_values=mapping.unmapped_values,
            time_zone=mapping.time_zone,
            scale=mapping.scale,
            hubspot_percent=mapping.hubspot_percent,
        ),
    )


def _field_mapping(mapping: Mapping) -> FieldMapping:
    asked = _asked(mapping.wanted)
    return asked.model_copy(
        update={
            "value_type": ValueType(mapping.kind.value),
            "max_length": mapping.max_length,
            "hubspot_writable": mapping.hubspot_writable,
            "salesforce_writable": mapping.salesforce_writable,
            "hubspot_type": _value_type(mapping.hubspot_kind),
            "salesforce_type": _value_type(mapping.salesforce_kind),
            "scale": mapping.scale if asked.scale is None else asked.scale,
        }
    )


def _value_type(kind: Kind | None) -> ValueType | None:
    return None if kind is None else ValueType(kind.value)


def _asked(wanted: Wanted) -> FieldMapping:
    return FieldMapping.model_validate(
        {
            "object_type": wanted.object_type,
            "hubspot_property": wanted.hubspot_property,
            "salesforce_field": wanted.salesforce_field,
            "rule": SyncRule(wanted.rule.value),
            "salesforce_objects": wanted.salesforce_objects,
            **asdict(wanted.conversion),
        }
    )
