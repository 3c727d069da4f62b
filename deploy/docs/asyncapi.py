"""docs/asyncapi.yaml: every event as an AsyncAPI 3.0 document."""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from deploy.docs.catalogue import Listed
from deploy.docs.schemas import Schema, schema_of, told
from shared.messaging.envelope import CONTENT_TYPE, MAX_BATCH, Envelope
from shared.messaging.topology import EXCHANGE

PYPROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"
SCHEMAS = "#/components/schemas/"
ENVELOPE = "Envelope"


def asyncapi(listed: Sequence[Listed]) -> dict[str, Any]:
    """The document as plain data."""
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Causeway's events",
            "version": project["version"],
            "description": "Made by `make docs`; do not edit it. See events.md.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {item.event.type_name(): _channel(item) for item in listed},
        "operations": _operations(listed),
        "components": {
            "messages": {item.event.type_name(): _message(item) for item in listed},
            "schemas": _schemas(listed),
        },
    }


def _channel(item: Listed) -> dict[str, Any]:
    name = item.event.type_name()
    exchange = {"name": EXCHANGE, "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": name,
        "messages": {item.event.__name__: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange}},
    }


def _operations(listed: Sequence[Listed]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in listed:
        channel = {"$ref": f"#/channels/{item.event.type_name()}"}
        event = item.event.__name__
        found[f"{item.event.owner}.publishes.{event}"] = {"action": "send", "channel": channel}
        for queue in item.queues:
            found[f"{queue}.gets.{event}"] = {"action": "receive", "channel": channel}
    return found


def _message(item: Listed) -> dict[str, Any]:
    name = item.event.type_name()
    own = {
        "type": "object",
        "properties": {"type": {"const": name}, "data": {"$ref": f"{SCHEMAS}{name}"}},
    }
    return {
        "name": name,
        "summary": told(item.event).partition("\n")[0],
        "contentType": CONTENT_TYPE,
        "payload": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_BATCH,
            "items": {"allOf": [{"$ref": f"{SCHEMAS}{ENVELOPE}"}, own]},
        },
    }


def _schemas(listed: Sequence[Listed]) -> dict[str, Schema]:
    _, found = msgspec.json.schema_components([Envelope], ref_template=SCHEMAS + "{name}")
    for item in listed:
        schema = schema_of(item.event, ref_template=SCHEMAS + "{model}")
        for name, part in schema.pop("$defs", {}).items():
            if found.setdefault(name, part) != part:
                raise ValueError(f"Two contracts have a part called {name}; rename one.")
        found[item.event.type_name()] = schema
    return dict(sorted(found.items()))
