"""JSON schemas of events, and their types in a few words."""

import inspect
from typing import Any

from shared.contracts.base import Event

Schema = dict[str, Any]


def schema_of(event: type[Event], ref_template: str = "#/$defs/{model}") -> Schema:
    """The JSON schema of an event's data, as its publisher writes it."""
    return event.model_json_schema(ref_template=ref_template)


def told(event: type[Event]) -> str:
    """What an event means: its docstring, then that of the shape that it shares with others."""
    shapes = [event, *(base for base in event.__mro__[1:] if base not in Event.__mro__)]
    return "\n\n".join(inspect.getdoc(shape) or "" for shape in shapes)


def parts(schema: Schema) -> dict[str, Schema]:
    """The named parts of a schema that have fields of their own."""
    return {n: s for n, s in schema.get("$defs", {}).items() if s.get("type") == "object"}


def type_words(field: Schema, names: dict[str, Schema]) -> str:
    """A field's type for a person: `text`, `time`, `list of FieldMapping`, `a` or `b`."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return name if names[name].get("type") == "object" else type_words(names[name], names)
    if "anyOf" in field:
        return " or ".join(type_words(one, names) for one in field["anyOf"])
    if "enum" in field or "const" in field:
        values = field.get("enum", [field.get("const")])
        return ", ".join(f"`{value}`" for value in values)
    return _plain(field, names)


def _plain(field: Schema, names: dict[str, Schema]) -> str:
    match field.get("type"):
        case "array":
            return f"list of {type_words(field['items'], names)}"
        case "object":
            return f"{type_words(field['additionalProperties'], names)} by name"
        case "string":
            return {"date-time": "time"}.get(field.get("format", ""), "text")
        case "integer":
            return "whole number"
        case "boolean":
            return "yes or no"
        case "null":
            return "nothing"
        case other:
            raise TypeError(f"No words for a field of the type {other}; add them here.")
