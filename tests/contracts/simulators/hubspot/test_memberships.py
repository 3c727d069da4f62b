import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim
from tests.contracts.simulators.hubspot.lists import LISTS, branch, members, new_list, put, where

CITY = where("city", "MULTISTRING", "IS_EQUAL_TO", values=["Rīga"])
DELAY = 5
"""Seconds of virtual time that a dynamic list takes."""


def _pass(sim: Sim) -> None:
    sim.control("clock", {"advance_seconds": DELAY})


def test_adding_reports_added_and_missing_ids_under_the_misspelt_key(sim: Sim) -> None:
    ada, bob = sim.contact(email="ada@example.com"), sim.contact(email="bob@example.com")
    list_id = new_list(sim, "Newsletter")
    assert put(sim, f"{list_id}/memberships/add", [ada, bob, "999", "nonsense"]) == {
        "recordsIdsAdded": [ada, bob],
        "recordIdsRemoved": [],
        "recordIdsMissing": ["999", "nonsense"],
    }
    again = put(sim, f"{list_id}/memberships/add", [ada])
    assert again == {"recordsIdsAdded": [], "recordIdsRemoved": [], "recordIdsMissing": []}
    assert sim.api.get(f"{LISTS}/{list_id}").json()["list"]["size"] == 2


def test_removing_and_both_at_once(sim: Sim) -> None:
    ada, bob = sim.contact(email="ada@example.com"), sim.contact(email="bob@example.com")
    list_id = new_list(sim, "Newsletter")
    put(sim, f"{list_id}/memberships/add", [ada])
    body = {"recordIdsToAdd": [bob], "recordIdsToRemove": [ada, "999"]}
    assert put(sim, f"{list_id}/memberships/add-and-remove", body) == {
        "recordsIdsAdded": [bob],
        "recordIdsRemoved": [ada],
        "recordIdsMissing": ["999"],
    }
    assert put(sim, f"{list_id}/memberships/remove", [ada])["recordIdsRemoved"] == []
    assert members(sim, list_id) == [bob]
    assert sim.api.delete(f"{LISTS}/{list_id}/memberships").status_code == 204
    assert members(sim, list_id) == []


@pytest.mark.parametrize("body", [{"recordIds": ["1"]}, "1", None])
def test_the_body_of_an_add_is_a_bare_array(sim: Sim, body: object) -> None:
    list_id = new_list(sim, "Newsletter")
    assert sim.api.put(f"{LISTS}/{list_id}/memberships/add", json=body).status_code == 400


def test_pages_by_record_id_forwards_and_backwards(sim: Sim) -> None:
    ids = [sim.contact(email=f"p{number}@example.com") for number in range(5)]
    list_id = new_list(sim, "Newsletter")
    put(sim, f"{list_id}/memberships/add", ids[::-1])
    first = sim.api.get(f"{LISTS}/{list_id}/memberships", params={"limit": 2}).json()
    assert [one["recordId"] for one in first["results"]] == ids[:2]
    assert first["total"] == 5
    assert members(sim, list_id, after=first["paging"]["next"]["after"]) == ids[2:]
    assert sim.api.get(first["paging"]["next"]["link"]).status_code == 200
    assert members(sim, list_id, before=ids[3], limit=2) == [ids[2], ids[1]]
    assert members(sim, list_id, before=ids[3], after=ids[3]) == [ids[4]]
    for limit in ("0", "251", "many"):
        path = f"{LISTS}/{list_id}/memberships"
        assert sim.api.get(path, params={"limit": limit}).status_code == 400


def test_pages_by_the_time_of_joining(sim: Sim) -> None:
    ada, bob = sim.contact(email="ada@example.com"), sim.contact(email="bob@example.com")
    list_id = new_list(sim, "Newsletter")
    put(sim, f"{list_id}/memberships/add", [bob])
    sim.control("clock", {"advance_seconds": 1})
    put(sim, f"{list_id}/memberships/add", [ada])
    path = f"{LISTS}/{list_id}/memberships/join-order"
    first = sim.api.get(path, params={"limit": 1}).json()
    assert [one["recordId"] for one in first["results"]] == [bob]
    rest = sim.api.get(path, params=first["paging"]["next"] | {"limit": 1}).json()
    assert [one["recordId"] for one in rest["results"]] == [ada]
    assert "paging" not in rest


def test_a_dynamic_list_follows_its_records_after_a_delay(sim: Sim) -> None:
    ada = sim.contact(email="ada@example.com", city="rīga")
    bob = sim.contact(email="bob@example.com", city="Bern")
    list_id = new_list(sim, "Rīga", "DYNAMIC", filterBranch=CITY)
    assert members(sim, list_id) == []
    fresh = sim.api.get(f"{LISTS}/{list_id}").json()["list"]
    assert fresh["processingStatus"] == "PROCESSING"
    _pass(sim)
    assert members(sim, list_id) == [ada]
    assert sim.api.get(f"{LISTS}/{list_id}").json()["list"]["processingStatus"] == "COMPLETE"

    sim.control("edit", {"object": "contacts", "id": bob, "fields": {"city": "Rīga"}})
    sim.control("edit", {"object": "contacts", "id": ada, "fields": {"city": ""}})
    assert members(sim, list_id) == [ada]
    _pass(sim)
    assert members(sim, list_id) == [bob]


def test_a_dynamic_list_cannot_be_written(sim: Sim) -> None:
    list_id, source = new_list(sim, "Rīga", "DYNAMIC", filterBranch=CITY), new_list(sim, "Other")
    root = f"{LISTS}/{list_id}/memberships"
    assert sim.api.put(f"{root}/add", json=["501"]).status_code == 400
    assert sim.api.put(f"{root}/remove", json=["501"]).status_code == 400
    assert sim.api.put(f"{root}/add-and-remove", json={}).status_code == 400
    assert sim.api.put(f"{root}/add-from/{source}").status_code == 400
    assert sim.api.delete(root).status_code == 400


def test_other_filters_take_effect_after_the_delay_too(sim: Sim) -> None:
    sim.contact(email="ada@example.com", city="Rīga")
    bob = sim.contact(email="bob@example.com", city="Bern")
    list_id = new_list(sim, "By city", "DYNAMIC", filterBranch=CITY)
    _pass(sim)
    bern = where("city", "STRING", "STARTS_WITH", value="be")
    put(sim, f"{list_id}/update-list-filters", {"filterBranch": bern})
    assert bob not in members(sim, list_id)
    _pass(sim)
    assert members(sim, list_id) == [bob]
    manual = f"{LISTS}/{new_list(sim, 'Newsletter')}/update-list-filters"
    assert sim.api.put(manual, json={"filterBranch": bern}).status_code == 400


def test_a_snapshot_is_filtered_once_and_then_kept_by_hand(sim: Sim) -> None:
    ada = sim.contact(email="ada@example.com", city="Rīga")
    list_id = new_list(sim, "Rīga then", "SNAPSHOT", filterBranch=CITY)
    _pass(sim)
    bob = sim.contact(email="bob@example.com", city="Rīga")
    _pass(sim)
    assert members(sim, list_id) == [ada]
    assert put(sim, f"{list_id}/memberships/add", [bob])["recordsIdsAdded"] == [bob]


def test_members_are_copied_from_a_list_of_the_same_type(sim: Sim) -> None:
    ada = sim.contact(email="ada@example.com", city="Rīga")
    source = new_list(sim, "Rīga", "DYNAMIC", filterBranch=CITY)
    target = new_list(sim, "Newsletter")
    _pass(sim)
    copy = f"{LISTS}/{target}/memberships/add-from"
    assert sim.api.put(f"{copy}/{source}").status_code == 204
    assert members(sim, target) == [ada]
    assert sim.api.put(f"{copy}/{target}").status_code == 400
    assert sim.api.put(f"{copy}/99").status_code == 404


def test_the_lists_of_a_record(sim: Sim) -> None:
    ada = sim.contact(email="ada@example.com")
    first, second = new_list(sim, "One"), new_list(sim, "Two")
    for list_id in (first, second):
        put(sim, f"{list_id}/memberships/add", [ada])
    found = sim.api.get(f"{LISTS}/records/0-1/{ada}/memberships").json()
    assert [one["listId"] for one in found["results"]] == [first, second]
    assert found["results"][0]["firstAddedTimestamp"] == found["results"][0]["lastAddedTimestamp"]
    body = {"inputs": [{"objectTypeId": "0-1", "recordId": ada}]}
    batch: Json = sim.post(f"{LISTS}/records/memberships/batch/read", body).json()
    assert batch["status"] == "COMPLETE"
    assert len(batch["results"][0]["recordListMemberships"]) == 2


def test_deleted_records_leave_and_merged_ones_stay_under_the_new_id(sim: Sim) -> None:
    ada, ida = sim.contact(email="ada@example.com"), sim.contact(email="ida@example.com")
    bob = sim.contact(email="bob@example.com")
    list_id = new_list(sim, "Newsletter")
    put(sim, f"{list_id}/memberships/add", [ada, bob])
    sim.control("delete", {"object": "contacts", "id": bob})
    assert members(sim, list_id) == [ada]
    merged = sim.control("merge", {"object": "contacts", "id": ida, "other_id": ada})["id"]
    assert members(sim, list_id) == [merged]


@pytest.mark.parametrize(
    ("kind", "name", "operator", "operands", "fits"),
    [
        ("STRING", "city", "CONTAINS", {"value": "ĪG"}, True),
        ("MULTISTRING", "city", "DOES_NOT_CONTAIN", {"values": ["ern", "īg"]}, False),
        ("MULTISTRING", "city", "ENDS_WITH", {"values": ["x", "ga"]}, True),
        ("NUMBER", "numemployees", "IS_GREATER_THAN", {"value": 9}, True),
        ("NUMBER", "numemployees", "IS_LESS_THAN_OR_EQUAL_TO", {"value": 9}, False),
        ("NUMBER", "numemployees", "IS_NOT_EQUAL_TO", {"value": 10.0}, False),
        ("NUMBER_RANGED", "numemployees", "IS_BETWEEN", {"lowerBound": 10, "upperBound": 20}, True),
        ("BOOL", "hs_email_optout", "IS_EQUAL_TO", {"value": True}, True),
        ("ENUMERATION", "hs_buying_role", "IS_ANY_OF", {"values": ["CHAMPION"]}, True),
        ("ENUMERATION", "hs_buying_role", "IS_EXACTLY", {"values": ["CHAMPION"]}, False),
        ("ENUMERATION", "hs_buying_role", "CONTAINS_ALL", {"values": ["CHAMPION"]}, True),
        ("ALL_PROPERTY", "phone", "IS_UNKNOWN", {}, True),
        ("ALL_PROPERTY", "phone", "IS_KNOWN", {}, False),
        ("STRING", "phone", "IS_NOT_EQUAL_TO", {"value": "1"}, False),
        (
            "STRING",
            "phone",
            "IS_NOT_EQUAL_TO",
            {"value": "1", "includeObjectsWithNoValueSet": True},
            True,
        ),
    ],
)
def test_filters(
    sim: Sim, kind: str, name: str, operator: str, operands: Json, *, fits: bool
) -> None:
    ada = sim.contact(
        email="ada@example.com",
        city="Rīga",
        numemployees=10,
        hs_email_optout=True,
        hs_buying_role="CHAMPION;DECISION_MAKER",
    )
    tree = where(name, kind, operator, **operands)
    list_id = new_list(sim, "Some", "DYNAMIC", filterBranch=tree)
    _pass(sim)
    assert members(sim, list_id) == ([ada] if fits else [])


def test_groups_of_filters_are_alternatives(sim: Sim) -> None:
    ada = sim.contact(email="ada@example.com", city="Rīga", country="LV")
    bob = sim.contact(email="bob@example.com", city="Bern", country="CH")
    sim.contact(email="cem@example.com", city="Rīga", country="US")

    def one(name: str, value: str) -> Json:
        operation = {"operationType": "STRING", "operator": "IS_EQUAL_TO", "value": value}
        return {"filterType": "PROPERTY", "property": name, "operation": operation}

    tree = branch([one("city", "Rīga"), one("country", "LV")], [one("city", "Bern")])
    list_id = new_list(sim, "Some", "DYNAMIC", filterBranch=tree)
    _pass(sim)
    assert members(sim, list_id) == [ada, bob]
