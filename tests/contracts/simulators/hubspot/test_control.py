import os
import signal
import subprocess
import sys

import httpx2

from tests.contracts.simulators.hubspot.driver import Sim, driving
from tests.simulators.machinery.launch import ROOT, running


def test_a_seed_is_reproducible(sim: Sim) -> None:
    seed = {"people": 50, "seed": 7, "email_domain": "demo.test"}
    sim.control("seed", seed)
    first = [one["fields"]["email"] for one in sim.look("records/contacts")]
    sim.control("reset")
    ids = sim.control("seed", seed)["ids"]
    assert [one["fields"]["email"] for one in sim.look("records/contacts")] == first
    assert [one["id"] for one in sim.look("records/contacts")] == ids


def test_duplicates_of_a_seed_are_twins_without_an_address(sim: Sim) -> None:
    ids = sim.control("seed", {"people": 5, "seed": 7, "duplicates": 2})["ids"]
    assert len(ids) == 7
    original, twin = sim.values("contacts", ids[0]), sim.values("contacts", ids[5])
    assert twin["lastname"] == original["lastname"]
    assert "email" not in twin


def test_many_at_once(sim: Sim) -> None:
    records = [{"lastname": "Ada"}, {"lastname": "Bob"}]
    ids = sim.control("create-many", {"object": "contacts", "records": records})["ids"]
    edits = [{"id": one, "fields": {"city": "Rīga"}} for one in ids]
    sim.control("edit-many", {"object": "contacts", "edits": edits})
    cities = [one["fields"]["city"] for one in sim.look("records/contacts")]
    assert cities == ["Rīga", "Rīga"]


def test_the_change_log_tells_users_from_the_app(sim: Sim) -> None:
    made = sim.contact(lastname="Ada")
    sim.control("edit", {"object": "contact", "id": made, "fields": {"city": "Rīga"}})
    sim.control("delete", {"object": "0-1", "id": made})
    changes = sim.look("changes")
    assert [(one["n"], one["kind"], one["by"]) for one in changes] == [
        (1, "create", "app"),
        (2, "update", "user"),
        (3, "delete", "user"),
    ]
    assert changes[1]["fields"] == ["city"]
    assert changes[1]["object"] == "contacts"
    assert changes[1]["id"] == made
    assert [one["n"] for one in sim.look("changes?after=2")] == [3]


def test_a_write_of_the_same_value_is_no_change(sim: Sim) -> None:
    made = sim.contact(lastname="Ada")
    sim.control("edit", {"object": "contacts", "id": made, "fields": {"lastname": "Ada"}})
    assert len(sim.look("changes")) == 1


def test_a_merge_is_two_deletions_and_a_creation(sim: Sim) -> None:
    one, two = sim.contact(lastname="Ada"), sim.contact(lastname="Bob")
    merged = sim.control("merge", {"object": "contacts", "id": one, "other_id": two})["id"]
    assert [(each["kind"], each["id"]) for each in sim.look("changes?after=2")] == [
        ("delete", one),
        ("delete", two),
        ("create", merged),
    ]


def test_the_clock_moves_forward_only(sim: Sim) -> None:
    before = sim.look("clock")["now"]
    assert sim.control("clock", {"advance_seconds": 60})["now"] >= before + 60_000
    refused = sim.api.post("/_control/clock", json={"advance_seconds": -1})
    assert refused.status_code == 400


def test_reset_keeps_the_app_connected(sim: Sim) -> None:
    sim.contact(lastname="Ada")
    sim.control("reset")
    assert sim.api.get("/crm/v3/objects/contacts").json() == {"results": []}
    assert sim.look("calls")["total"] == 1
    assert sim.look("clock")["ahead_seconds"] == 0


def test_without_control_there_is_no_control_plane() -> None:
    command = [sys.executable, "-m", "tests.simulators.hubspot", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:  # noqa: S603
        assert process.stdout is not None
        url = process.stdout.readline().decode().removeprefix("ready ").strip()
        assert httpx2.get(f"{url}/_control/calls").status_code == 404
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(10) == 0


def test_two_processes_are_two_portals() -> None:
    options = ["--portal-id", "112"]
    with running("tests.simulators.hubspot", options) as url, driving(url) as other:
        details = other.api.get("/account-info/v3/details").json()
    assert details["portalId"] == 112
