"""Snapshots of the events' schemas, and what a later version may change.

Within a major version an event only grows by optional fields: a reader of the old version must
understand what a newer publisher sends, and the reverse.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy.docs.schemas import Schema, schema_of
from shared.contracts.catalogue import all_events

WORDS_ONLY = frozenset({"title", "description"})
"""What a schema says to people; it may change at any time."""


def snapshots() -> dict[str, Schema]:
    """The schema of every event as it is now, by type name."""
    return {event.type_name(): _bare(schema_of(event)) for event in all_events()}


def read_snapshots(folder: Path) -> dict[str, Schema]:
    """The schemas that were released, by type name."""
    paths = sorted(folder.glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def snapshot_text(schema: Schema) -> str:
    """How a snapshot is stored."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def growth_problems(old: Mapping[str, Schema], new: Mapping[str, Schema]) -> list[str]:
    """What a newer set of schemas breaks, one line each; empty when it only grew."""
    gone = [f"{name} was released and is gone" for name in old if name not in new]
    changed = [
        f"{name}: {problem}"
        for name, schema in old.items()
        if name in new
        for problem in _changes(schema, new[name])
    ]
    return gone + changed


def _changes(old: Schema, new: Schema) -> Iterator[str]:
    yield from _of_object("data", old, new)
    for name, part in old.get("$defs", {}).items():
        later = new.get("$defs", {}).get(name)
        if later is None:
            yield f"the part {name} is gone"
        else:
            yield from _of_object(name, part, later)


def _of_object(name: str, old: Schema, new: Schema) -> Iterator[str]:
    before, after = old.get("properties", {}), new.get("properties", {})
    for field, schema in before.items():
        if field not in after:
            yield f"{name}.{field} is gone"
        elif not _grown(schema, after[field]):
            yield f"{name}.{field} is not what it was"
    was, required = set(old.get("required", [])), set(new.get("required", []))
    yield from (f"{name}.{field} is required now" for field in sorted(required - was))
    dropped = sorted((was - required) & after.keys())
    yield from (f"{name}.{field} is not required any more" for field in dropped)
    if _rest(old) != _rest(new):
        yield f"{name} is not what it was"


def _grown(old: Schema, new: Schema) -> bool:
    """Whether a field is what it was. A part that is a default shows its new fields there."""
    before, after = old.get("default"), new.get("default")
    if isinstance(before, dict) and isinstance(after, dict):
        kept = {name: after[name] for name in before if name in after}
        return old == {**new, "default": kept}
    return old == new


def _rest(schema: Schema) -> Schema:
    """Everything but fields and parts, for example the values of an enumeration."""
    judged = {"properties", "required", "$defs"}
    return {key: value for key, value in schema.items() if key not in judged}


def _bare(node: Any, *, names: bool = False) -> Any:
    """Without words for people; `names` says that the keys are names of fields or parts."""
    if isinstance(node, list):
        return [_bare(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: _bare(value, names=key in {"properties", "$defs"} and not names)
        for key, value in node.items()
        if names or key not in WORDS_ONLY
    }
