"""A simulator that ends and comes back from its file is the one that it was."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.simulators.machinery.launch import ROOT, running

Json = dict[str, Any]
HUBSPOT, SALESFORCE = "tests.simulators.hubspot", "tests.simulators.salesforce"
BOTH = (HUBSPOT, SALESFORCE)
WORLD = {
    "people": 40,
    "companies": 7,
    "deals": 9,
    "tasks": 11,
    "notes": 3,
    "calls": 3,
    "emails": 3,
    "meetings": 3,
    "duplicates": 4,
    "dirty": 0.5,
    "seed": 3,
}
OBJECTS = {
    HUBSPOT: ("contacts", "companies", "deals", "tasks", "notes", "calls", "emails", "meetings"),
    SALESFORCE: ("Contact", "Account", "Opportunity", "Task", "User", "PermissionSet"),
}
DATA = "/services/data/v66.0"


@contextmanager
def started(module: str, file: Path, *more: str) -> Iterator[httpx2.Client]:
    with (
        running(module, ["--snapshot", str(file), *more]) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        yield http


def control(http: httpx2.Client, path: str, body: Json | None = None) -> Any:
    answer = http.post(f"/_control/{path}", json=body or {})
    assert answer.status_code == 200, answer.text
    return answer.json()


def look(http: httpx2.Client, path: str) -> Any:
    answer = http.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


def everything(http: httpx2.Client, module: str) -> Json:
    """What the control plane tells, but for the moving hand of the clock."""
    seen: Json = {name: look(http, f"/_control/records/{name}") for name in OBJECTS[module]}
    for name in ("changes", "calls", "faults"):
        seen[name] = look(http, f"/_control/{name}")
    # Whether a message waits for its first attempt or for another one changes by the moment.
    seen["messages"] = sum(look(http, "/_control/quiet").values())
    seen["ahead"] = look(http, "/_control/clock")["ahead_seconds"]
    if module == SALESFORCE:
        seen["switches"] = look(http, "/_control/switches")
    return seen


def live_in_hubspot(http: httpx2.Client) -> list[Callable[[httpx2.Client], Any]]:
    """Uses what a portal has; what has to look the same afterwards."""
    ids = control(http, "seed", WORLD)["ids"]
    scopes = [
        "crm.objects.contacts.read",
        "crm.objects.contacts.write",
        "crm.objects.companies.read",
        "crm.schemas.contacts.write",
        "crm.schemas.contacts.read",
        "crm.lists.read",
        "crm.lists.write",
    ]
    token = control(http, "token", {"scopes": scopes})["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    def asked(method: str, path: str, body: Any = None) -> Any:
        answer = http.request(method, path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    custom = {"name": "own", "label": "Own", "type": "string", "fieldType": "text"}
    more = {"groupName": "contactinformation", "hasUniqueValue": True}
    asked("POST", "/crm/v3/properties/contacts", {**custom, **more})
    asked("PATCH", f"/crm/v3/objects/contacts/{ids[0]}", {"properties": {"own": "mine"}})
    control(http, "edit", {"object": "contacts", "id": ids[1], "fields": {"city": "Rīga"}})
    control(http, "delete", {"object": "contacts", "id": ids[2]})
    control(http, "merge", {"object": "contacts", "id": ids[3], "other_id": ids[4]})
    made = asked("POST", "/crm/v3/lists", {"name": "L", "objectTypeId": "0-1", **MANUAL})
    members = f"/crm/v3/lists/{made['list']['listId']}/memberships"
    asked("PUT", f"{members}/add", ids[5:8])
    contact = f"/crm/v3/objects/contacts/{ids[0]}?propertiesWithHistory=own,city"
    paths = [
        f"{contact}&associations=companies",
        "/crm/v3/objects/contacts/mine?idProperty=own",
        f"/crm/v3/objects/contacts/{ids[4]}",
        "/crm/v3/objects/contacts?archived=true",
        "/crm/v3/properties/contacts/own",
        members,
    ]
    return [
        lambda there, path=path: look_with(there, path, headers)  # type: ignore[misc]
        for path in paths
    ]


MANUAL = {"processingType": "MANUAL"}


def live_in_salesforce(http: httpx2.Client) -> list[Callable[[httpx2.Client], Any]]:
    """Uses what an org has; what has to look the same afterwards."""
    ids = control(http, "seed", WORLD)["ids"]
    control(http, "package", {"installed": True})
    control(http, "fields", {"object": "Contact", "name": "Own__c", "type": "string"})
    control(http, "switches", {"duplicate_rule": "alert", "bulk_seconds": 0})
    rule = {"object": "Contact", "fields": ["LastName"], "endpoint_url": "http://127.0.0.1:9/x"}
    control(http, "outbound-messages", rule)
    token = control(http, "grant")["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    def asked(method: str, path: str, body: Any = None) -> Any:
        answer = http.request(method, DATA + path, json=body, headers=headers)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    asked("PATCH", f"/sobjects/Contact/{ids[0]}", {"Own__c": "mine"})
    control(http, "edit", {"object": "Contact", "id": ids[1], "fields": {"MailingCity": "Rīga"}})
    control(http, "delete", {"object": "Contact", "id": ids[2]})
    job = asked("POST", "/jobs/ingest", {"object": "Lead", "operation": "insert"})["id"]
    put = {**headers, "Content-Type": "text/csv"}
    http.put(f"{DATA}/jobs/ingest/{job}/batches", content=b"LastName,Company\nA,B\n", headers=put)
    asked("PATCH", f"/jobs/ingest/{job}", {"state": "UploadComplete"})
    paths = [
        f"{DATA}/sobjects/Contact/{ids[0]}",
        f"{DATA}/sobjects/Contact/describe",
        f"{DATA}/jobs/ingest/{job}",
        f"{DATA}/queryAll?q=SELECT+Id,Name,IsDeleted+FROM+Contact+ORDER+BY+Name,Id",
        f"{DATA}/query?q=SELECT+Id,Account.Name+FROM+Contact+WHERE+Own__c='mine'",
    ]
    return [
        lambda there, path=path: look_with(there, path, headers)  # type: ignore[misc]
        for path in paths
    ]


def look_with(http: httpx2.Client, path: str, headers: dict[str, str]) -> Any:
    answer = http.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    return answer.json()


LIVES = {HUBSPOT: live_in_hubspot, SALESFORCE: live_in_salesforce}


@pytest.mark.parametrize("module", BOTH)
def test_the_state_after_a_load_is_the_state_before(module: str, tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state"
    with started(module, file) as http:
        questions = LIVES[module](http)
        control(http, "clock", {"advance_seconds": 120})
        control(http, "faults", {"match": "GET /nowhere", "kind": "http", "times": 2})
        answers = [ask(http) for ask in questions]
        before = everything(http, module)
    for _generation in range(2):
        with started(module, file) as http:
            after = everything(http, module)
            assert after == before
            assert [ask(http) for ask in questions] == answers
            control(http, "calls/reset")
            before = everything(http, module)


@pytest.mark.parametrize("module", BOTH)
def test_life_goes_on_where_it_stopped(module: str, tmp_path: Path) -> None:
    name = "contacts" if module == HUBSPOT else "Contact"
    field = "lastname" if module == HUBSPOT else "LastName"
    order = {"object": name, "fields": {field: "A"}}
    with started(module, tmp_path / "state") as http:
        first = control(http, "create", order)["id"]
        written = control(http, "snapshot")
        lost = control(http, "create", order)["id"]
        assert written["bytes"] == (tmp_path / "state").stat().st_size
        copy = (tmp_path / "state").read_bytes()
    (tmp_path / "copy").write_bytes(copy)
    with started(module, tmp_path / "copy") as http:
        assert [one["id"] for one in look(http, f"/_control/records/{name}")] == [first]
        assert control(http, "create", order)["id"] == lost
        control(http, "reset")
        assert look(http, f"/_control/records/{name}") == []
    assert not list(tmp_path.glob(".*")), "a half-written file was left behind"


def refused(module: str, file: Path, *more: str) -> str:
    """What the program says that does not start with this file, which it leaves as it is."""
    before = file.read_bytes()
    command = [sys.executable, "-m", module, "--port", "0", "--snapshot", str(file), *more]
    ended = subprocess.run(  # noqa: S603 -- our own interpreter and module
        command, cwd=ROOT, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert file.read_bytes() == before
    assert str(file) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    return ended.stderr


@pytest.fixture(scope="module")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {}
    for module in BOTH:
        found[module] = tmp_path_factory.mktemp("snapshots") / "state"
        with started(module, found[module]) as http:
            control(http, "seed", {"people": 3})
    return found


@pytest.mark.parametrize("module", BOTH)
def test_a_damaged_file_is_refused(module: str, snapshots: dict[str, Path], tmp_path: Path) -> None:
    (tmp_path / "state").write_bytes(snapshots[module].read_bytes()[:-1])
    assert "it is damaged" in refused(module, tmp_path / "state")


def test_the_state_of_somebody_else_is_refused(snapshots: dict[str, Path]) -> None:
    portal, org = snapshots[HUBSPOT], snapshots[SALESFORCE]
    assert "it is the state of hubspot portal 111" in refused(SALESFORCE, portal)
    assert "it is the state of salesforce org" in refused(HUBSPOT, org)
    assert "hubspot portal 112" in refused(HUBSPOT, portal, "--portal-id", "112")


def test_without_a_file_nothing_can_be_written() -> None:
    with running(HUBSPOT) as url, httpx2.Client(base_url=url) as http:
        answer = http.post("/_control/snapshot", json={})
        assert answer.status_code == 400
        assert "--snapshot FILE" in answer.text
