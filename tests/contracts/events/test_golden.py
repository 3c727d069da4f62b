"""Messages of every released version are still understood, and so are those of later ones."""

import json
from pathlib import Path
from typing import Any

import pytest

from shared.contracts.base import Event
from shared.contracts.catalogue import all_events
from shared.messaging.envelope import Envelope, decode, encode
from shared.messaging.registry import EventRegistry

GOLDEN = sorted((Path(__file__).parent / "golden").glob("*.json"))
REGISTRY = EventRegistry(all_events())


def read(path: Path) -> tuple[Envelope, Event]:
    [envelope] = decode(path.read_bytes())
    event = REGISTRY.parse(envelope)
    assert event is not None, f"nobody understands {envelope.type} any more"
    return envelope, event


def test_every_event_has_a_golden_message() -> None:
    assert {path.stem for path in GOLDEN} >= {event.type_name() for event in all_events()}


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_it_is_understood_and_loses_nothing(path: Path) -> None:
    envelope, event = read(path)
    assert envelope.type == path.stem
    assert envelope.source == event.owner
    [written] = json.loads(path.read_bytes())
    kept = event.model_dump(mode="json")
    assert [name for name, value in written["data"].items() if not same(kept[name], value)] == []


def same(kept: object, written: object) -> bool:
    """The same value; fields that were added since are of no interest."""
    if isinstance(written, dict) and isinstance(kept, dict):
        return all(same(kept.get(name), value) for name, value in written.items())
    if isinstance(written, list) and isinstance(kept, list):
        pairs = zip(kept, written, strict=False)
        return len(kept) == len(written) and all(same(k, w) for k, w in pairs)
    return kept == written


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_its_envelope_survives_the_way_through_the_broker(path: Path) -> None:
    envelope, _ = read(path)
    assert decode(encode([envelope])) == [envelope]


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_fields_of_a_later_version_are_ignored(path: Path) -> None:
    [written] = json.loads(path.read_bytes())
    later: dict[str, Any] = {**written, "newattribute": "x"}
    later["data"] = {**written["data"], "a_field_of_a_later_version": {"x": [1]}}
    [envelope] = decode(json.dumps([later]).encode())
    assert REGISTRY.parse(envelope) == read(path)[1]
