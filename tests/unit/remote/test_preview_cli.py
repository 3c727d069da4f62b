"""The command that previews, against a deployment that answers from memory."""

import json
from functools import partial
from typing import Any

import httpx2
import pytest
import typer
from typer.testing import CliRunner, Result

from remote import terminal
from remote.client import Deployment
from remote.preview_cli import preview

ID = "01890000-0000-7000-8000-000000000001"
SETTINGS = {"version": 4, "mappings": []}
FIELD = {"side": "hubspot", "field": "jobtitle", "before": "Dr", "after": None, "cleared": True}
COST = {"preview": 3, "write": 1, "words": "Salesforce: 5 of 10 calls left today."}
SIDE = {"create": 0, "update": 1, "clear": 1, "park": 0}
FOUND = {
    "records": [
        {
            "hubspot": {"id": "101"},
            "salesforce": None,
            "outcome": "update",
            "why": "the two records differ",
            "fields": [FIELD],
            "parked": [{"code": "value_too_long", "message": "city is long", "field": "city"}],
        }
    ],
    "totals": {"hubspot": SIDE, "salesforce": SIDE},
    "cost": {"hubspot": COST, "salesforce": COST, "formula": "7 records of both sides."},
}


class Answers(httpx2.AsyncBaseTransport):
    """One connection with a draft; keeps what previews were asked for."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path
        if path.endswith("/draft"):
            return httpx2.Response(200, json={"settings": SETTINGS}, request=request)
        if path == "/api/v1/connections":
            page = {"items": [{"id": ID}], "next_cursor": None}
            return httpx2.Response(200, json=page, request=request)
        assert path == "/api/v1/records/previews"
        self.asked.append(json.loads(await request.aread()))
        return httpx2.Response(200, json=FOUND, request=request)


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    found = Answers()
    monkeypatch.setattr(terminal, "Deployment", partial(Deployment, transport=found))
    return found


def call(*words: str) -> Result:
    app = typer.Typer()
    app.command()(preview)
    return CliRunner().invoke(app, ["--url", "https://c.example", "--token", "t", *words])


def test_the_newest_under_the_settings_in_force(answers: Answers) -> None:
    done = call()
    assert done.exit_code == 0
    assert answers.asked == [{"connection_id": ID, "sample": {"newest": 20}, "while_paused": False}]
    for told in (
        "hubspot.jobtitle (cleared)",
        "value_too_long: city is long",
        "hubspot: create 0, update 1, clear 1, park 0",
        "Salesforce: 5 of 10 calls left today.",
        "writing these takes 1",
    ):
        assert told in done.output
    assert "Dr" not in done.output


def test_records_of_a_side_under_the_draft(answers: Answers) -> None:
    words = ("--draft", "--side", "hubspot", "--record", "101", "--record", "102", "--values")
    done = call(*words, "--while-paused")
    assert answers.asked[0]["sample"] == {"side": "hubspot", "ids": ["101", "102"]}
    assert answers.asked[0]["settings"] == SETTINGS
    assert answers.asked[0]["while_paused"] is True
    assert "hubspot.jobtitle: Dr -> (blank)" in done.output


@pytest.mark.parametrize("words", [("--record", "1"), ("--side", "left"), ("--newest", "201")])
def test_wrong_usage_asks_nothing(answers: Answers, words: tuple[str, ...]) -> None:
    assert call(*words).exit_code == 2
    assert answers.asked == []
