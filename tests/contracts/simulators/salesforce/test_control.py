import asyncio
from typing import Any

import httpx2

from tests.contracts.simulators.salesforce.driver import Driver
from tests.simulators.salesforce.app import create_app
from tests.simulators.salesforce.settings import Settings


def refusal(org: Driver, path: str, body: Any) -> httpx2.Response:
    answer = org.http.post(f"/_control/{path}", json=body)
    assert answer.status_code in {400, 404}
    return answer


def test_a_seed_is_reproducible(org: Driver) -> None:
    body = {"people": 30, "seed": 7, "email_domain": "seed.example"}
    ids = org.control("seed", body)["ids"]
    assert len(ids) == 30
    first = org.rows("SELECT Name, Email, MailingCity FROM Contact ORDER BY Id")
    assert all(row["Email"].endswith("@seed.example") for row in first)
    org.control("reset")
    assert org.control("seed", body)["ids"] == ids
    assert org.rows("SELECT Name, Email, MailingCity FROM Contact ORDER BY Id") == first


def test_a_seed_of_leads_of_accounts_and_of_twins(org: Driver) -> None:
    org.control("seed", {"people": 5, "object": "Lead"})
    assert org.query("SELECT COUNT() FROM Lead WHERE Company != null")["totalSize"] == 5
    ids = org.control("seed", {"people": 5, "accounts": True, "duplicates": 2})["ids"]
    assert len(ids) == 7
    soql = "SELECT COUNT() FROM Contact WHERE Account.Name != null"
    assert org.query(soql)["totalSize"] == 7
    original = org.get("Contact", ids[0])
    twin = org.get("Contact", ids[5])
    assert twin["Email"] == original["Email"].upper()
    assert twin["Name"] == original["Name"]
    refusal(org, "seed", {"people": -1})
    refusal(org, "seed", {"people": 1, "object": "Task"})


def test_people_and_the_app_leave_different_marks(org: Driver) -> None:
    record_id = org.control("create", {"object": "Contact", "fields": {"LastName": "X"}})["id"]
    org.control("edit", {"object": "Contact", "id": record_id, "fields": {"Title": "T"}})
    org.call("PATCH", f"/sobjects/Contact/{record_id}", {"Title": "U", "LastName": "X"})
    org.control("delete", {"object": "Contact", "id": record_id})
    found = org.look("changes")
    assert [(one["n"], one["kind"], one["by"], one["fields"]) for one in found] == [
        (1, "create", "user", ["LastName"]),
        (2, "update", "user", ["Title"]),
        (3, "update", "app", ["Title"]),
        (4, "delete", "user", ["IsDeleted"]),
    ]
    assert {one["id"] for one in found} == {record_id}
    assert {one["object"] for one in found} == {"Contact"}
    assert [one["n"] for one in org.look("changes?after=3")] == [4]


def test_a_person_is_not_the_integration_user(org: Driver) -> None:
    record_id = org.control("create", {"object": "Contact", "fields": {"LastName": "X"}})["id"]
    found = org.get("Contact", record_id)
    assert found["LastModifiedById"] == "0055g0000000002AAA"
    org.call("PATCH", f"/sobjects/Contact/{record_id}", {"Title": "T"})
    assert org.get("Contact", record_id)["LastModifiedById"] == org.user_id


def test_many_at_once_are_all_or_none(org: Driver) -> None:
    records = [{"LastName": "A"}, {"LastName": "B"}]
    ids = org.control("create-many", {"object": "Contact", "records": records})["ids"]
    edits = [{"id": one, "fields": {"Title": "T"}} for one in ids]
    org.control("edit-many", {"object": "Contact", "edits": edits})
    assert {one["fields"]["Title"] for one in org.look("records/Contact")} == {"T"}
    bad = [{"LastName": "C"}, {}]
    answer = refusal(org, "create-many", {"object": "Contact", "records": bad})
    assert answer.json()[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert len(org.look("records/Contact")) == 2


def test_records_come_with_all_their_fields(org: Driver) -> None:
    org.install()
    record_id = org.create("Contact", LastName="X", Causeway_Key__c="k")
    found = org.look("records/contact")
    assert [one["id"] for one in found] == [record_id]
    assert found[0]["fields"]["Causeway_Key__c"] == "k"
    assert found[0]["fields"]["Phone"] is None


def test_what_cannot_be_done_is_refused(org: Driver) -> None:
    assert refusal(org, "edit", {"object": "Contact", "id": "x", "fields": {}}).status_code == 404
    assert refusal(org, "create", {"object": "Zoo", "fields": {}}).status_code == 404
    assert refusal(org, "create", {"object": "Contact"}).status_code == 400
    record_id = org.create("Contact", LastName="X")
    refusal(org, "undelete", {"object": "Contact", "id": record_id})
    refusal(org, "limits", {})
    refusal(org, "fields", {"object": "Contact"})
    assert org.http.get("/_control/records/Zoo").status_code == 404


def test_switches_explain_themselves_and_refuse_nonsense(org: Driver) -> None:
    found = org.look("switches")
    assert all(set(one) == {"value", "about"} and one["about"] for one in found.values())
    answer = refusal(org, "switches", {"duplicate_rule": "sometimes"})
    assert "duplicate_rule" in answer.json()["detail"]
    refusal(org, "switches", {"no_such_switch": 1})
    assert org.look("switches") == found


def test_reset_empties_everything_but_the_grants(org: Driver) -> None:
    org.install()
    org.create("Contact", LastName="X", Causeway_Key__c="k")
    org.switch(duplicate_rule="block")
    org.control("clock", {"advance_seconds": 100})
    org.control("reset")
    assert org.look("clock")["ahead_seconds"] == 0
    assert org.look("calls")["total"] == 0
    assert org.look("changes") == []
    assert org.look("switches")["duplicate_rule"]["value"] == "off"
    assert org.rows("SELECT Id FROM Contact") == []
    assert org.query("SELECT Causeway_Key__c FROM Contact")[0]["errorCode"] == "INVALID_FIELD"


def test_sessions_end_and_apps_are_blocked(org: Driver) -> None:
    org.control("end-sessions")
    assert org.call("GET", "/limits").status_code == 401
    org.grant()
    org.control("revoke-app")
    assert org.call("GET", "/limits").status_code == 401


def test_it_is_always_quiet(org: Driver) -> None:
    assert org.look("quiet") == {"pending_webhooks": 0, "retries_waiting": 0}


def test_calls_can_be_counted_from_nothing(org: Driver) -> None:
    org.call("GET", "/limits")
    assert org.used() == 1
    assert org.control("calls/reset")["total"] == 0


def test_without_control_there_is_no_control() -> None:
    transport = httpx2.ASGITransport(app=create_app(Settings()))
    with asyncio.Runner() as runner:
        statuses = runner.run(_statuses(transport, ["/_control/calls", "/services/data/"]))
    assert statuses == [404, 200]


async def _statuses(transport: httpx2.ASGITransport, paths: list[str]) -> list[int]:
    async with httpx2.AsyncClient(transport=transport, base_url="http://org") as http:
        return [(await http.get(path)).status_code for path in paths]
