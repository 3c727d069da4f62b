import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim
from tests.contracts.simulators.hubspot.lists import LISTS, branch, members, new_list, put, where

CITY = where("city", "MULTISTRING", "IS_EQUAL_TO", values=["Rīga"])
MANY = where("numemployees", "NUMBER", "IS_EQUAL_TO", value="many")


@pytest.mark.parametrize("root", [LISTS, "/crm/lists/2026-03", "/crm/lists/2026-09"])
def test_a_list_is_created_with_200_and_reached_by_every_version(sim: Sim, root: str) -> None:
    body = {"name": "Newsletter", "objectTypeId": "0-1", "processingType": "MANUAL"}
    created = sim.post(root, body)
    assert created.status_code == 200
    made = created.json()["list"]
    assert made["listId"] == "1"
    assert made["listVersion"] == 1
    assert made["processingStatus"] == "COMPLETE"
    assert made["size"] == 0
    assert sim.api.get(f"{LISTS}/{made['listId']}").json()["list"]["name"] == "Newsletter"
    by_name = sim.api.get(f"{root}/object-type-id/0-1/name/Newsletter").json()["list"]
    assert by_name["listId"] == made["listId"]
    several = sim.api.get(root, params={"listIds": ["1", "99"]}).json()["lists"]
    assert [one["listId"] for one in several] == ["1"]


def test_a_name_is_used_once_per_type(sim: Sim) -> None:
    first = new_list(sim, "Newsletter")
    body = {"name": "Newsletter", "objectTypeId": "0-1", "processingType": "MANUAL"}
    refused = sim.post(LISTS, body)
    assert refused.status_code == 400
    assert refused.json()["category"] == "VALIDATION_ERROR"
    assert refused.json()["subCategory"] == "ILS.DUPLICATE_LIST_NAMES"
    assert sim.post(LISTS, {**body, "objectTypeId": "0-2"}).status_code == 200
    other = new_list(sim, "Customers")
    renaming = sim.api.put(f"{LISTS}/{other}/update-list-name", params={"listName": "Newsletter"})
    assert renaming.json()["subCategory"] == "ILS.DUPLICATE_LIST_NAMES"
    for name in (" Newsletter", "Newsletter "):
        assert sim.post(LISTS, {**body, "name": name}).status_code == 400
        blank = sim.api.put(f"{LISTS}/{other}/update-list-name", params={"listName": name})
        assert blank.json()["subCategory"] == "ILS.DUPLICATE_LIST_NAMES"
    same = sim.api.put(f"{LISTS}/{first}/update-list-name", params={"listName": "Newsletter"})
    assert same.json()["updatedList"]["name"] == "Newsletter"


@pytest.mark.parametrize(
    "change",
    [
        {"name": " "},
        {"objectTypeId": "9-9"},
        {"processingType": "AUTOMATIC"},
        {"processingType": "DYNAMIC"},
        {"filterBranch": CITY},
        {"processingType": "DYNAMIC", "filterBranch": branch()},
        {"processingType": "DYNAMIC", "filterBranch": {"filterBranchType": "AND"}},
        {"processingType": "DYNAMIC", "filterBranch": where("nope", "STRING", "CONTAINS", value=1)},
        {"processingType": "DYNAMIC", "filterBranch": where("city", "STRING", "RHYMES", value=1)},
        {"processingType": "DYNAMIC", "filterBranch": where("city", "BOOL", "IS_EQUAL_TO")},
        {"processingType": "DYNAMIC", "filterBranch": MANY},
        {"processingType": "DYNAMIC", "filterBranch": branch([{"filterType": "IN_LIST"}])},
    ],
)
def test_definitions_that_cannot_be(sim: Sim, change: Json) -> None:
    body = {"name": "Newsletter", "objectTypeId": "0-1", "processingType": "MANUAL"}
    assert sim.post(LISTS, {**body, **change}).status_code == 400


def test_a_deleted_list_is_gone_until_it_is_restored_within_90_days(sim: Sim) -> None:
    record_id = sim.contact(email="ada@example.com")
    list_id = new_list(sim, "Newsletter")
    put(sim, f"{list_id}/memberships/add", [record_id])
    assert sim.api.delete(f"{LISTS}/{list_id}").status_code == 204
    gone = sim.api.get(f"{LISTS}/{list_id}")
    assert gone.status_code == 404
    assert gone.json()["category"] == "OBJECT_NOT_FOUND"
    assert sim.api.put(f"{LISTS}/{list_id}/restore").status_code == 204
    assert members(sim, list_id) == [record_id]
    sim.api.delete(f"{LISTS}/{list_id}")
    sim.control("clock", {"advance_seconds": 91 * 86_400})
    assert (
        sim.api.put(
            f"{LISTS}/{list_id}/restore", headers={"Authorization": f"Bearer {sim.token()}"}
        ).status_code
        == 404
    )


def test_a_restored_list_needs_its_name(sim: Sim) -> None:
    list_id = new_list(sim, "Newsletter")
    sim.api.delete(f"{LISTS}/{list_id}")
    new_list(sim, "Newsletter")
    assert sim.api.put(f"{LISTS}/{list_id}/restore").status_code == 400


def test_a_search_pages_by_offset_and_shows_the_size_only_on_demand(sim: Sim) -> None:
    ids = [new_list(sim, f"Newsletter {number}") for number in range(3)]
    new_list(sim, "Customers", "DYNAMIC", filterBranch=CITY)
    put(sim, f"{ids[2]}/memberships/add", [sim.contact(email="ada@example.com")])
    first = sim.post(f"{LISTS}/search", {"query": "news", "count": 2}).json()
    assert [one["listId"] for one in first["lists"]] == ids[:2]
    assert (first["offset"], first["hasMore"], first["total"]) == (2, True, 3)
    assert first["lists"][0]["additionalProperties"] == {}
    assert "size" not in first["lists"][0]
    body = {"query": "news", "offset": 2, "additionalProperties": ["hs_list_size", "nope"]}
    second = sim.post(f"{LISTS}/search", body).json()
    assert second["lists"][0]["additionalProperties"] == {"hs_list_size": "1"}
    assert not second["hasMore"]
    dynamic = sim.post(f"{LISTS}/search", {"processingTypes": ["DYNAMIC"]}).json()
    assert [one["name"] for one in dynamic["lists"]] == ["Customers"]
    assert sim.post(f"{LISTS}/search", {"count": 501}).status_code == 400


def test_a_cursor_over_all_lists_exists_since_2026_09(sim: Sim) -> None:
    ids = [new_list(sim, f"List {number}") for number in range(3)]
    first = sim.post("/crm/lists/2026-09/all", {"count": 2}).json()
    assert [one["listId"] for one in first["results"]] == ids[:2]
    after = first["paging"]["next"]["after"]
    second = sim.post("/crm/lists/2026-09/all", {"count": 2, "after": after}).json()
    assert [one["listId"] for one in second["results"]] == ids[2:]
    assert "paging" not in second
    assert sim.post("/crm/lists/2026-03/all", {}).status_code in {404, 405}


def test_filters_are_shown_only_on_demand(sim: Sim) -> None:
    list_id = new_list(sim, "Rīga", "DYNAMIC", filterBranch=CITY)
    assert "filterBranch" not in sim.api.get(f"{LISTS}/{list_id}").json()["list"]
    shown = sim.api.get(f"{LISTS}/{list_id}", params={"includeFilters": "true"}).json()["list"]
    assert shown["filterBranch"] == CITY


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", LISTS, "crm.lists.read"),
        ("POST", f"{LISTS}/search", "crm.lists.read"),
        ("POST", LISTS, "crm.lists.write"),
        ("PUT", "/crm/lists/2026-09/1/memberships/add", "crm.lists.write"),
    ],
)
def test_lists_have_scopes_of_their_own(sim: Sim, method: str, path: str, scope: str) -> None:
    token = sim.token(["oauth", "crm.objects.contacts.read", "crm.objects.contacts.write"])
    refused = sim.api.request(method, path, headers={"Authorization": f"Bearer {token}"})
    assert refused.status_code == 403
    assert refused.json()["errors"][0]["context"]["requiredGranularScopes"] == [scope]
