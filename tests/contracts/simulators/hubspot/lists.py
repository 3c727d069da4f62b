"""What the tests of lists have in common."""

from tests.contracts.simulators.hubspot.driver import Json, Sim

LISTS = "/crm/v3/lists"


def where(name: str, kind: str, operator: str, **operands: object) -> Json:
    """A filter branch with one filter on one property."""
    operation = {
        "operationType": kind,
        "operator": operator,
        "includeObjectsWithNoValueSet": False,
        **operands,
    }
    return branch([{"filterType": "PROPERTY", "property": name, "operation": operation}])


def branch(*groups: list[Json]) -> Json:
    """An OR over AND branches with the given filters."""
    inner = [
        {"filterBranchType": "AND", "filterBranches": [], "filters": filters} for filters in groups
    ]
    return {"filterBranchType": "OR", "filterBranches": inner, "filters": []}


def new_list(sim: Sim, name: str, processing: str = "MANUAL", **more: object) -> str:
    """The id of a new list of contacts."""
    body = {"name": name, "objectTypeId": "0-1", "processingType": processing, **more}
    answer = sim.post(LISTS, body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["list"]["listId"])


def members(sim: Sim, list_id: str, **query: str | int) -> list[str]:
    """Record ids of a page of members."""
    answer = sim.api.get(f"{LISTS}/{list_id}/memberships", params=query)
    assert answer.status_code == 200, answer.text
    return [one["recordId"] for one in answer.json()["results"]]


def put(sim: Sim, path: str, body: object) -> Json:
    """A PUT below the lists that must go well."""
    answer = sim.api.put(f"{LISTS}/{path}", json=body)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())
