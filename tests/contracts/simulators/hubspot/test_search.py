from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim, driving
from tests.simulators.machinery.launch import running

SEARCH = "/crm/v3/objects/contacts/search"


def _ids(sim: Sim, *filters: Json, **more: Any) -> list[str]:
    body = {"filterGroups": [{"filters": list(filters)}], **more} if filters else more
    answer = sim.post(SEARCH, body)
    assert answer.status_code == 200, answer.text
    return [one["id"] for one in answer.json()["results"]]


@pytest.fixture
def three(sim: Sim) -> tuple[str, str, str]:
    return (
        sim.contact(email="ada@example.com", firstname="Ada", numemployees="9", city="Rīga"),
        sim.contact(email="bob@example.com", firstname="Bob", numemployees="10"),
        sim.contact(email="cem@other.org", lastname="Ada Cem", numemployees="200"),
    )


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"propertyName": "firstname", "operator": "EQ", "value": "ADA"}, [0]),
        ({"propertyName": "firstname", "operator": "NEQ", "value": "ada"}, [1]),
        ({"propertyName": "numemployees", "operator": "LT", "value": "10"}, [0]),
        ({"propertyName": "numemployees", "operator": "LTE", "value": 10}, [0, 1]),
        ({"propertyName": "numemployees", "operator": "GT", "value": "10"}, [2]),
        ({"propertyName": "numemployees", "operator": "GTE", "value": "10"}, [1, 2]),
        (
            {"propertyName": "numemployees", "operator": "BETWEEN", "value": 9, "highValue": 10},
            [0, 1],
        ),
        ({"propertyName": "firstname", "operator": "IN", "values": ["ada", "bob"]}, [0, 1]),
        ({"propertyName": "firstname", "operator": "IN", "values": ["Ada"]}, []),
        ({"propertyName": "firstname", "operator": "NOT_IN", "values": ["ada"]}, [1]),
        ({"propertyName": "city", "operator": "HAS_PROPERTY"}, [0]),
        ({"propertyName": "city", "operator": "NOT_HAS_PROPERTY"}, [1, 2]),
        ({"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "*@example.com"}, [0, 1]),
        ({"propertyName": "lastname", "operator": "CONTAINS_TOKEN", "value": "cem"}, [2]),
        ({"propertyName": "email", "operator": "NOT_CONTAINS_TOKEN", "value": "example"}, [2]),
        ({"propertyName": "createdate", "operator": "GTE", "value": "1763892000000"}, [0, 1, 2]),
        ({"propertyName": "createdate", "operator": "LT", "value": "2026-01-01"}, []),
        ({"propertyName": "lifecyclestage", "operator": "EQ", "value": "LEAD"}, []),
        ({"propertyName": "lifecyclestage", "operator": "EQ", "value": "lead"}, [0, 1, 2]),
    ],
)
def test_operators(
    sim: Sim, three: tuple[str, str, str], condition: Json, expected: list[int]
) -> None:
    assert _ids(sim, condition) == [three[place] for place in expected]


def test_groups_are_joined_by_or_and_filters_by_and(sim: Sim, three: tuple[str, str, str]) -> None:
    example = {"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "example"}
    nine = {"propertyName": "numemployees", "operator": "EQ", "value": "9"}
    big = {"propertyName": "numemployees", "operator": "EQ", "value": "200"}
    assert _ids(sim, example, nine) == [three[0]]
    groups = [{"filters": [example, nine]}, {"filters": [big]}]
    assert _ids(sim, filterGroups=groups) == [three[0], three[2]]
    assert _ids(sim, filters=[big]) == [three[2]]


def test_text_query_looks_into_the_default_properties(
    sim: Sim, three: tuple[str, str, str]
) -> None:
    assert _ids(sim, query="ada") == [three[0], three[2]]
    assert _ids(sim, query="Rīga") == []


def test_sorting_and_paging(sim: Sim, three: tuple[str, str, str]) -> None:
    by_size = [{"propertyName": "numemployees", "direction": "DESCENDING"}]
    assert _ids(sim, sorts=by_size) == [three[2], three[1], three[0]]
    assert _ids(sim, sorts=["email"]) == list(three)
    body = sim.post(SEARCH, {"sorts": by_size, "limit": 2}).json()
    assert body["total"] == 3
    assert body["paging"] == {"next": {"after": "2"}}
    assert _ids(sim, sorts=by_size, limit=2, after="2") == [three[0]]


def test_associated_records(sim: Sim, three: tuple[str, str, str]) -> None:
    task = sim.task()
    sim.api.put(f"/crm/v4/objects/tasks/{task}/associations/default/contacts/{three[1]}")
    condition = {"propertyName": "associations.task", "operator": "EQ", "value": task}
    assert _ids(sim, condition) == [three[1]]


def test_results_have_no_associations_and_archived_records_are_not_found(
    sim: Sim, three: tuple[str, str, str]
) -> None:
    sim.api.delete(f"/crm/v3/objects/contacts/{three[0]}")
    results = sim.post(SEARCH, {"properties": ["phone"]}).json()["results"]
    assert [one["id"] for one in results] == list(three[1:])
    assert results[0]["properties"]["phone"] is None
    assert "associations" not in results[0]


@pytest.mark.parametrize(
    "body",
    [
        {"limit": 201},
        {"limit": 200, "after": "9900"},
        {"filterGroups": [{"filters": [{"propertyName": "nope", "operator": "HAS_PROPERTY"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "LIKE"}]}]},
        {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "IN"}]}]},
        {"filterGroups": [{"filters": []}] * 6},
        {
            "filterGroups": [
                {"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 7}
            ]
        },
        {
            "filterGroups": [
                {"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}] * 5}
            ]
            * 4
        },
        {"sorts": ["email", "phone"]},
        {"query": "x" * 3_000},
    ],
)
def test_line_5_what_a_search_does_not_take(sim: Sim, body: Json) -> None:
    assert sim.post(SEARCH, body).status_code == 400


@pytest.fixture
def slow() -> Iterator[Sim]:
    with running("tests.simulators.hubspot", ["--index-lag", "600"]) as url, driving(url) as sim:
        yield sim


def test_line_5_the_index_lags_behind(slow: Sim) -> None:
    record_id = slow.contact(email="ada@example.com", firstname="Ada")
    assert _ids(slow) == []
    slow.control("clock", {"advance_seconds": 600})
    assert _ids(slow) == [record_id]
    slow.control(
        "edit", {"object": "contacts", "id": record_id, "fields": {"firstname": "Augusta"}}
    )
    for name, found in (("ada", [record_id]), ("augusta", [])):
        assert _ids(slow, {"propertyName": "firstname", "operator": "EQ", "value": name}) == found


def test_line_5_a_stale_hit_shows_stale_values(slow: Sim) -> None:
    record_id = slow.contact(email="ada@example.com", firstname="Ada")
    slow.control("clock", {"advance_seconds": 600})
    slow.control(
        "edit", {"object": "contacts", "id": record_id, "fields": {"firstname": "Augusta"}}
    )
    hit = slow.post(SEARCH, {"properties": ["firstname"]}).json()["results"][0]
    assert hit["properties"]["firstname"] == "Ada"


def test_line_5_five_searches_a_second_then_a_429_of_its_own_shape(slow: Sim) -> None:
    answers = [slow.post(SEARCH, {}) for _ in range(6)]
    assert [one.status_code for one in answers] == [200] * 5 + [429]
    body = answers[5].json()
    assert body.pop("correlationId")
    assert body == {
        "status": "error",
        "message": "You have reached your secondly limit.",
        "category": "RATE_LIMITS",
    }
    for answer in answers:
        assert not [name for name in answer.headers if "ratelimit" in name]
    slow.control("clock", {"advance_seconds": 1})
    assert slow.post(SEARCH, {}).status_code == 200
