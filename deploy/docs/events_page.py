"""docs/events.md: every event for a person to read."""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from deploy.docs.catalogue import Listed
from deploy.docs.schemas import Schema, parts, schema_of, told, type_words
from shared.messaging.envelope import CONTENT_TYPE, MAX_BATCH
from shared.messaging.topology import EXCHANGE

HEAD = f"""# Events

Made from `shared/contracts` and the services' subscriptions by `make docs`; do not edit it.
[asyncapi.yaml](asyncapi.yaml) says the same for machines.

Events go to the topic exchange `{EXCHANGE}` with their type as the routing key. A message
(`{CONTENT_TYPE}`) holds 1 to {MAX_BATCH} CloudEvents of one type and connection.
Only its owner publishes an event, and only through its outbox. An event may come twice and in any
order: consumers go by `id` (inbox), and never by what came first. Readers ignore fields that they
do not know; within a major version fields are only added, with defaults.

The envelope: `specversion` (1.0), `id` (UUIDv7), `source` (the service), `type`, `time`, `subject`
(what it is about, such as `contact/501`), `connectionid`, `traceparent` (may be null), `data` (the
fields below)."""


def events_page(listed: Sequence[Listed]) -> str:
    """The whole page."""
    blocks = [HEAD, _overview(listed)]
    for owner, group in groupby(listed, key=lambda item: item.event.owner):
        blocks.append(f"## {owner}")
        blocks += [_event(item) for item in group]
    blocks += ["## Parts", *_parts(listed)]
    return "\n\n".join(blocks) + "\n"


def _overview(listed: Iterable[Listed]) -> str:
    rows = [
        f"| [{item.event.__name__}](#{item.event.__name__.lower()}) | {item.event.owner} "
        f"| {', '.join(item.queues) or 'nobody yet'} |"
        for item in listed
    ]
    return "\n".join(["| event | published by | goes to the queues |", "|---|---|---|", *rows])


def _event(item: Listed) -> str:
    schema = schema_of(item.event)
    lines = [f"### {item.event.__name__}", "", f"`{item.event.type_name()}`", "", told(item.event)]
    fields = _fields(schema, schema.get("$defs", {}))
    return "\n".join([*lines, "", *(fields or ["It has no fields: the envelope says it all."])])


def _fields(schema: Schema, names: dict[str, Schema]) -> list[str]:
    required = schema.get("required", [])
    rows = [
        f"| `{name}` | {type_words(field, names)} | "
        f"{'required' if name in required else _default(field)} |"
        for name, field in schema.get("properties", {}).items()
    ]
    return ["| field | type | default |", "|---|---|---|", *rows] if rows else []


def _default(field: Schema) -> str:
    default = field.get("default")
    if isinstance(default, dict):
        return "its own defaults"
    return "empty" if default in (None, "", []) else f"`{json.dumps(default)}`"


def _parts(listed: Iterable[Listed]) -> list[str]:
    found: dict[str, str] = {}
    for item in listed:
        schema = schema_of(item.event)
        for name, part in parts(schema).items():
            text = [f"### {name}", "", part.get("description", "")]
            found[name] = "\n".join([*text, "", *_fields(part, schema["$defs"])])
    return [found[name] for name in sorted(found)]
