"""One contact is followed by one trace, from the webhook to the settle, through two processes."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from deploy.local.backing import Backing
from deploy.stack.stack import Stack, stack
from tests.e2e.conftest import opened, wanted

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

WORKER = "contact_sync"
FIELDS = {"email": "traced@e2e.example", "firstname": "Hedy", "lastname": "Lamarr"}
PATIENCE_SECONDS = 30.0
"""Spans are written every five seconds."""

WEBHOOK = "POST /webhooks/hubspot"
CHAIN = [WEBHOOK, "split", "publish", "consume", "drain"]
"""Each is the parent of the next one."""

OF_THE_DRAIN = {"CRM read", "CRM write", "settle"}
Span = dict[str, Any]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where each process writes a file of its own."""
    return tmp_path_factory.mktemp("traces")


@pytest.fixture(scope="module")
def traced(
    servers: Backing, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stack]:
    """A deployment that writes down its spans; contact_sync's worker is a process of its own."""
    asked = wanted(servers, tmp_path_factory.mktemp("traced"), apart=(WORKER,))
    options = {**asked.options, "CAUSEWAY_TRACE_PATH": str(folder)}
    with stack(replace(asked, options=options), lambda _line: None) as running:
        yield running


def exported(folder: Path) -> dict[str, list[Span]]:
    """All finished spans by trace; a line that is still being written is left out."""
    traces: dict[str, list[Span]] = defaultdict(list)
    for file in folder.glob("*.jsonl"):
        for line in file.read_text().split("\n")[:-1]:
            span = json.loads(line)
            traces[span["trace_id"]].append(span)
    return traces


def whole(spans: list[Span]) -> bool:
    """Whether all steps are there, and every parent too."""
    ids = {span["span_id"] for span in spans}
    known = all(span["parent_id"] is None or span["parent_id"] in ids for span in spans)
    return known and {*CHAIN, *OF_THE_DRAIN} <= {span["name"] for span in spans}


async def whole_traces(folder: Path) -> list[list[Span]]:
    """The traces that go from a webhook to a settle, as soon as there is one."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not (found := [s for s in exported(folder).values() if whole(s)]):
            await asyncio.sleep(0.2)
    return found


async def test_one_trace_runs_from_the_webhook_to_the_settle(traced: Stack, folder: Path) -> None:
    async with opened(traced) as world:
        await world.hubspot.create("contacts", FIELDS)
        await world.quiet()

    (spans,) = await whole_traces(folder)

    by_id = {span["span_id"]: span for span in spans}
    assert [span["name"] for span in spans if span["parent_id"] is None] == [WEBHOOK]
    (settle,) = [s for s in spans if s["name"] == "settle" and s["service"] == WORKER]
    ways = {name: above(by_id, span) for span in spans if (name := span["name"]) in OF_THE_DRAIN}
    assert ways == dict.fromkeys(OF_THE_DRAIN, CHAIN)
    assert settle["attributes"] == {"records": 1}
    assert {s["service"] for s in spans if s["name"] in OF_THE_DRAIN} == {WORKER}
    writes = [s["attributes"] for s in spans if s["name"] == "CRM write"]
    assert [(w["crm"], w["http.response.status_code"], w["calls"]) for w in writes] == [
        ("Salesforce", 200, 1)
    ]
    assert [v for v in (*FIELDS.values(), "Bearer", "code=", "url.") if v in written(folder)] == []


def written(folder: Path) -> str:
    """Everything that was exported, as text."""
    return "".join(file.read_text() for file in folder.glob("*.jsonl"))


def above(by_id: dict[str, Span], span: Span) -> list[str]:
    """The names of what a span stands under, from the root down."""
    names: list[str] = []
    while span["parent_id"] is not None:
        span = by_id[span["parent_id"]]
        names.insert(0, span["name"])
    return names
