"""The commands about one connection, against a deployment that answers from memory."""

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

import httpx2
import pytest
from typer.testing import CliRunner

from remote import client, connection_cli
from remote.connection_cli import commands

ID = UUID("01890000-0000-7000-8000-000000000001")
SERVICES = ("mapping", "contact_sync")
ADDRESS = ["--url", "https://causeway.example", "--token", "t"]


class Answers(httpx2.AsyncBaseTransport):
    """Two services; each look at a purge brings it one step on."""

    def __init__(self) -> None:
        self.rows = {"mapping": {"versions": 3}, "contact_sync": {"links": 1_000, "journal": 500}}
        self.deleted: dict[str, dict[str, int]] = {name: {} for name in SERVICES}
        self.wishes: list[dict[str, Any]] = []
        self.away: set[str] = set()
        self.connected = True
        self.stuck = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        assert request.headers["authorization"] == "Bearer t"
        path = request.url.path
        if path == f"/api/v1/connections/{ID}":
            return self._connection(request)
        service = path.split("/")[4]
        if service in self.away:
            return httpx2.Response(503, text="no upstream")
        return httpx2.Response(200, json=self._holdings(service))

    def _connection(self, request: httpx2.Request) -> httpx2.Response:
        if not self.connected:
            problem = {"type": "urn:causeway:problem:connection-unknown", "title": "Unknown"}
            return httpx2.Response(404, json={**problem, "detail": "There is no connection."})
        if request.method == "DELETE":
            wish = json.loads(request.content)
            if wish["confirm"] != "4711":
                problem = {"type": "urn:causeway:problem:confirmation-wrong", "title": "Wrong"}
                return httpx2.Response(422, json={**problem, "detail": "Nothing was changed."})
            self.wishes.append(wish)
            return httpx2.Response(204)
        return httpx2.Response(200, json={"id": str(ID), "portal_id": "4711"})

    def _holdings(self, service: str) -> dict[str, Any]:
        purging = any(wish["purge"] for wish in self.wishes)
        if purging and not self.stuck and self.rows[service]:
            name, rows = self.rows[service].popitem()
            self.deleted[service][name] = rows
        state = "deleting" if self.rows[service] else "done"
        purge = {"state": state, "deleted": self.deleted[service]} if purging else None
        return {"held": self.rows[service], "purge": purge}


@pytest.fixture
def deployment() -> Answers:
    return Answers()


@pytest.fixture
def run(deployment: Answers, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, str]]:
    monkeypatch.setattr(connection_cli, "PAUSE_SECONDS", 0.0)
    monkeypatch.setattr(
        "remote.terminal.Deployment", partial(client.Deployment, transport=deployment)
    )
    app = commands(SERVICES)

    def invoke(*words: str, code: int = 0) -> tuple[str, str]:
        ran = CliRunner().invoke(app, [words[0], str(ID), *words[1:], *ADDRESS])
        assert ran.exit_code == code, ran.output
        return ran.stdout, ran.stderr

    return invoke


def test_it_is_said_first_what_would_be_deleted(
    deployment: Answers, run: Callable[..., tuple[str, str]]
) -> None:
    said, _ = run("disconnect", "--purge")
    assert "links" in said
    assert "1,000" in said
    assert "1,503 rows would be deleted" in said
    assert "add --confirm 4711" in said
    assert deployment.wishes == []
    assert "kept for a reconnect" in run("disconnect")[0]


def test_a_disconnect_keeps_and_says_so(
    deployment: Answers, run: Callable[..., tuple[str, str]]
) -> None:
    said, _ = run("disconnect", "--confirm", "4711")
    assert "Settings and links are kept." in said
    assert deployment.wishes == [{"confirm": "4711", "purge": False}]


def test_a_purge_is_watched_to_its_end_and_tells_what_went(
    deployment: Answers, run: Callable[..., tuple[str, str]]
) -> None:
    said, _ = run("disconnect", "--purge", "--confirm", "4711", "--json")
    told = json.loads(said)
    assert told["purged"]
    assert [one["deleted"] for one in told["services"]] == [
        {"versions": 3},
        {"journal": 500, "links": 1_000},
    ]
    assert "1,503 rows are deleted, 0 are held." in run("holdings")[0]
    assert deployment.wishes == [{"confirm": "4711", "purge": True}]


def test_a_purge_that_takes_longer_goes_on_without_us(
    deployment: Answers, run: Callable[..., tuple[str, str]]
) -> None:
    deployment.stuck = True
    words = ("disconnect", "--purge", "--confirm", "4711", "--wait", "0")
    _, told = run(*words, code=1)
    assert "it goes on by itself" in told


def test_a_wrong_name_changes_nothing(
    deployment: Answers, run: Callable[..., tuple[str, str]]
) -> None:
    _, told = run("disconnect", "--confirm", "12", code=1)
    assert "Nothing was changed." in told
    assert deployment.wishes == []


def test_a_connection_that_is_not_there_is_named(
    deployment: Answers, run: Callable[..., tuple[str, str]]
) -> None:
    deployment.connected = False
    assert "There is no connection." in run("disconnect", code=1)[1]


def test_a_service_that_is_away_fails_the_command_and_hides_no_other(
    deployment: Answers, run: Callable[..., tuple[str, str]]
) -> None:
    deployment.away = {"mapping"}
    said, told = run("holdings", code=1)
    assert "links" in said
    assert "mapping: https://causeway.example/api/v1/operations/mapping/" in told


def test_an_address_where_nobody_answers_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("remote.client.FIRST_PAUSE_SECONDS", 0.0)
    words = ["holdings", str(ID), "--url", "http://127.0.0.1:1", "--token", "t", "--json"]
    ran = CliRunner().invoke(commands(SERVICES), words)
    assert ran.exit_code == 1
    assert "Nothing answers at http://127.0.0.1:1" in ran.stderr
