"""docs/events.md and docs/asyncapi.yaml say what the code does."""

import importlib
from typing import Any

import pytest

from deploy.docs.__main__ import ROOT, event_documents, stale
from deploy.docs.catalogue import Listed, catalogue
from deploy.docs.yaml_text import yaml_text
from shared.contracts.catalogue import all_events
from shared.contracts.ingress import ContactChanged


def parsed(text: str) -> Any:
    return importlib.import_module("yaml").safe_load(text)


@pytest.fixture(scope="module")
def listed() -> tuple[Listed, ...]:
    return catalogue()


@pytest.fixture(scope="module")
def asyncapi() -> Any:
    return parsed((ROOT / "docs" / "asyncapi.yaml").read_text(encoding="utf-8"))


def test_the_documents_are_current() -> None:
    assert stale(event_documents()) == [], "Run `make docs` and commit what it writes."


def test_every_event_is_listed(listed: tuple[Listed, ...]) -> None:
    assert {item.event for item in listed} == set(all_events())
    assert len(listed) >= 28


def test_the_listeners_are_those_of_the_services(listed: tuple[Listed, ...]) -> None:
    queues = {item.event: item.queues for item in listed}
    assert queues[ContactChanged] == ("contact_sync.changes",)


def test_the_events_page_names_every_type() -> None:
    page = (ROOT / "docs" / "events.md").read_text(encoding="utf-8")
    assert [e.type_name() for e in all_events() if f"`{e.type_name()}`" not in page] == []


def test_every_event_has_a_channel_and_a_publisher(asyncapi: Any) -> None:
    names = {event.type_name() for event in all_events()}
    assert set(asyncapi["channels"]) == names
    sent = {o["channel"]["$ref"] for o in asyncapi["operations"].values() if o["action"] == "send"}
    assert sent == {f"#/channels/{name}" for name in names}


def test_every_reference_leads_somewhere(asyncapi: Any) -> None:
    for reference in references(asyncapi):
        target = asyncapi
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]
        assert isinstance(target, dict)


def references(node: Any) -> set[str]:
    if isinstance(node, list):
        return {found for item in node for found in references(item)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*(references(value) for value in node.values()))


def test_yaml_reads_back_as_it_was() -> None:
    data = {
        "plain": "text",
        "on": True,
        "odd key: #": None,
        "empty": {"list": [], "map": {}, "text": ""},
        "texts": ["true", "12", "a: b", "- c", 'quote " and\nline', "ü"],
        "numbers": [0, -1, 2.5],
        "nested": [{"a": [{"b": 1}, {"c": {"d": []}}], "e": "f"}, [1, [2]]],
    }
    assert parsed(yaml_text(data)) == data
