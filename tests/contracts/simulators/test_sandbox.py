"""`make sandbox`: what it prints can be pasted, and nothing is left when it has ended."""

import shlex
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from tests.simulators.machinery.launch import ROOT
from tests.simulators.sandbox.__main__ import ENDS

MAX_LINES = 200
ANY_PORT = ("--hubspot-port", "0", "--salesforce-port", "0")
SMALL = ("--people", "12", "--companies", "3", "--deals", "3", "--tasks", "3")


@contextmanager
def sandbox(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The running sandbox, and everything that it printed until it was ready."""
    command = [sys.executable, "-m", "tests.simulators.sandbox", *ANY_PORT, *SMALL, *arguments]
    with subprocess.Popen(  # noqa: S603 -- our own interpreter and module
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            lines: list[str] = []
            for line in process.stdout:
                lines.append(line.strip())
                if ENDS in line or len(lines) > MAX_LINES:
                    break
            assert lines
            assert lines[-1] == ENDS
            yield process, lines
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 0


def pasted(line: str) -> httpx2.Response:
    """What a shell and curl would make of a line."""
    words = shlex.split(line)
    assert words[:2] == ["curl", "-sS"]
    headers, body = {}, None
    for flag, value in zip(words[2:-1:2], words[3:-1:2], strict=True):
        if flag == "-H":
            name, _, told = value.partition(": ")
            headers[name] = told
        else:
            assert flag == "-d"
            body = value.encode()
    method = "GET" if body is None else "POST"
    return httpx2.request(method, words[-1], headers=headers, content=body, trust_env=False)


def addresses(lines: list[str]) -> list[str]:
    return [line.split(": ")[1].split()[0] for line in lines if "to look at it" in line]


def test_what_it_prints_can_be_pasted_and_it_ends_both() -> None:
    with sandbox() as (_, lines):
        answers = [pasted(line) for line in lines if line.startswith("curl")]
        assert [one.status_code for one in answers] == [
            *(200, 200, 201, 200, 401, 200),
            *(200, 201, 200, 200, 200, 200),
        ]
        assert len(answers[0].json()["results"]) == 3
        assert len(answers[6].json()["records"]) == 3
        urls = addresses(lines)
        for url, title in zip(urls, ("portal 111", "org 00D5g0000000001EAA"), strict=True):
            page = httpx2.get(f"{url}/", trust_env=False)
            assert page.status_code == 200
            assert title in page.text
    for url in urls:
        with pytest.raises(httpx2.ConnectError):
            httpx2.get(url, trust_env=False)


def test_several_run_side_by_side_with_other_people() -> None:
    with sandbox("--hubspots", "2", "--salesforces", "0") as (_, lines):
        first, second = addresses(lines)
        assert [line.split(":")[0] for line in lines if "to look at it" in line] == [
            "HubSpot portal 111",
            "HubSpot portal 112",
        ]
        emails = [
            {
                one["fields"].get("email")
                for one in httpx2.get(f"{url}/_control/records/contacts", trust_env=False).json()
            }
            for url in (first, second)
        ]
        assert len(emails[0]) > 8
        assert emails[0] != emails[1]


def test_it_keeps_its_state_if_it_is_told_to(tmp_path: Path) -> None:
    only = ("--salesforces", "0", "--keep", str(tmp_path))
    with sandbox(*only) as (_, lines):
        (url,) = addresses(lines)
        order = {"object": "contacts", "fields": {"lastname": "Kept"}}
        made = httpx2.post(f"{url}/_control/create", json=order, trust_env=False).json()["id"]
    with sandbox(*only) as (_, lines):
        (url,) = addresses(lines)
        found = httpx2.get(f"{url}/_control/records/contacts", trust_env=False).json()
        assert [one["id"] for one in found][-1] == made


def test_a_port_that_is_taken_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "tests.simulators.sandbox", "--hubspot-port", port]
        ended = subprocess.run(  # noqa: S603 -- our own interpreter and module
            command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )
    assert ended.returncode == 2
    assert f"port {port}" in ended.stderr
    assert "make sandbox HUBSPOT_PORT=" in ended.stderr
