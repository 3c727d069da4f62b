"""The body of a change event: which values it has, in which form (facts: section 4.1). Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.simulators.salesforce.pubsub.differences import difference
from tests.simulators.salesforce.pubsub.schemas import EventSchema, Part
from tests.simulators.salesforce.stamps import moment

Fields = Mapping[str, Any]
ALWAYS_CHANGED = "LastModifiedDate"


@dataclass(frozen=True, slots=True)
class Body:
    """The values that are not null, by their part; and which of them changed in what way."""

    values: tuple[tuple[Part, Any], ...] = ()
    changed: tuple[Part, ...] = ()
    nulled: tuple[Part, ...] = ()
    diffed: tuple[Part, ...] = ()


def whole(schema: EventSchema, fields: Fields) -> Body:
    """Everything that the record has: of a creation or an undeletion."""
    values = ((part, wire_value(part, fields.get(part.field.name))) for part in schema.parts)
    return Body(tuple((part, value) for part, value in values if value is not None))


def changes(schema: EventSchema, before: Fields, after: Fields) -> Body:
    """What an update changed; every other value is null, whatever the record has."""
    changed = [part for part in schema.parts if _changed(part, before, after)]
    nulled = tuple(part for part in changed if after.get(part.field.name) is None)
    values: list[tuple[Part, Any]] = []
    diffed: list[Part] = []
    for part in changed:
        name = part.field.name
        short = difference(before.get(name), after.get(name)) if part.long_text else None
        if short is not None:
            diffed.append(part)
        value = wire_value(part, after.get(name)) if short is None else short
        if value is not None:
            values.append((part, value))
    return Body(tuple(values), tuple(changed), nulled, tuple(diffed))


def _changed(part: Part, before: Fields, after: Fields) -> bool:
    name = part.field.name
    return name == ALWAYS_CHANGED or before.get(name) != after.get(name)


def wire_value(part: Part, value: Any) -> Any:
    """A stored value in its Avro form: dates and times are milliseconds, dates those of UTC."""
    if value is None:
        return None
    match part.field.type:
        case "datetime":
            return _milliseconds(moment(value))
        case "date":
            return _milliseconds(datetime.fromisoformat(value).replace(tzinfo=UTC))
        case "double" | "currency" | "percent":
            return float(value)
        case "boolean" | "int":
            return value
        case _:
            return str(value)


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp()) * 1_000


def nested(values: Iterable[tuple[Part, Any]]) -> dict[str, Any]:
    """The values as Avro's writer takes them: parts of compounds inside them."""
    made: dict[str, Any] = {}
    for part, value in values:
        if part.nested < 0:
            made[part.column] = value
        else:
            made.setdefault(part.column, {})[part.component] = value
    return made
