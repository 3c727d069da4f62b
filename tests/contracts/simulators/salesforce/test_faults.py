from typing import Any

import httpx2
import pytest

from tests.contracts.simulators.salesforce.driver import CLIENT, Driver, error_of, rows_of

MANY = "/composite/sobjects"


def arm(org: Driver, match: str, kind: str, **more: Any) -> None:
    answer = org.http.post("/_control/faults", json={"match": match, "kind": kind, **more})
    assert answer.status_code == 200, answer.text


def test_line_5_a_lock_error_hits_every_row_of_a_collections_call(org: Driver) -> None:
    ids = [org.create("Contact", LastName=f"N{number}") for number in range(2)]
    match = "PATCH /services/data/*/composite/sobjects*"
    arm(org, match, "http", status=503, code="UNABLE_TO_LOCK_ROW")
    rows = rows_of("Contact", [{"Id": one, "Title": "T"} for one in ids])
    answer = org.call("PATCH", MANY, {"records": rows})
    assert answer.status_code == 200
    errors = [one["errors"][0] for one in answer.json()]
    assert [one["statusCode"] for one in errors] == ["UNABLE_TO_LOCK_ROW"] * 2
    assert errors[0]["message"].endswith(ids[0])
    assert org.look("faults") == []
    again = org.call("PATCH", MANY, {"records": rows}).json()
    assert [one["success"] for one in again] == [True, True]


def test_line_5_a_lock_error_of_a_single_record(org: Driver) -> None:
    arm(org, "POST *", "http", code="UNABLE_TO_LOCK_ROW")
    answer = org.call("POST", "/sobjects/Contact", {"LastName": "X"})
    assert error_of(answer) == (400, "UNABLE_TO_LOCK_ROW")
    assert org.rows("SELECT Id FROM Contact") == []


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("REQUEST_LIMIT_EXCEEDED", 403),
        ("INVALID_SESSION_ID", 401),
        ("API_CURRENTLY_DISABLED", 403),
        ("QUERY_TIMEOUT", 400),
        ("ENTITY_IS_DELETED", 404),
        ("SERVER_UNAVAILABLE", 503),
    ],
)
def test_a_code_brings_its_own_status_and_body(org: Driver, code: str, status: int) -> None:
    arm(org, "GET /services/data/*", "http", code=code)
    assert error_of(org.call("GET", "/limits")) == (status, code)
    assert org.call("GET", "/limits").status_code == 200


def test_a_status_without_a_code(org: Driver) -> None:
    arm(org, "GET *", "http", status=502, times=2)
    assert [org.call("GET", "/limits").status_code for _ in range(3)] == [502, 502, 200]


def test_an_oauth_fault_has_the_shape_of_oauth(org: Driver) -> None:
    arm(org, "POST /services/oauth2/token", "http", code="invalid_grant")
    answer = org.http.post("/services/oauth2/token", data=CLIENT)
    assert answer.status_code == 400
    assert answer.json() == {
        "error": "invalid_grant",
        "error_description": "expired access/refresh token",
    }
    arm(org, "POST /services/oauth2/token", "http", code="REQUEST_LIMIT_EXCEEDED")
    answer = org.http.post("/services/oauth2/token", data=CLIENT)
    assert error_of(answer) == (403, "REQUEST_LIMIT_EXCEEDED")


def test_a_page_of_html(org: Driver) -> None:
    arm(org, "GET *", "html", status=503)
    answer = org.call("GET", "/limits")
    assert answer.status_code == 503
    assert answer.headers["content-type"].startswith("text/html")


def test_a_connection_that_drops_before_and_after_the_effect(org: Driver) -> None:
    arm(org, "POST *", "drop_before")
    with pytest.raises(httpx2.TransportError):
        org.call("POST", "/sobjects/Contact", {"LastName": "Never"})
    arm(org, "POST *", "drop_after")
    with pytest.raises(httpx2.TransportError):
        org.call("POST", "/sobjects/Contact", {"LastName": "Written"})
    assert org.rows("SELECT LastName FROM Contact") == [{"LastName": "Written"}]


def test_latency_and_a_slow_body_change_nothing_else(org: Driver) -> None:
    arm(org, "GET *", "latency", seconds=0.01)
    assert org.call("GET", "/limits").status_code == 200
    arm(org, "GET *", "slow_body", seconds=0.01)
    assert "DailyApiRequests" in org.call("GET", "/limits").json()


def test_faults_can_be_disarmed(org: Driver) -> None:
    arm(org, "GET *", "http", status=500, times=9)
    assert org.http.delete("/_control/faults").json() == []
    assert org.call("GET", "/limits").status_code == 200


def test_line_2_both_caps_have_one_code(org: Driver) -> None:
    org.control(
        "faults", {"match": "GET *", "kind": "http", "code": "CONCURRENT_REQUEST_LIMIT", "times": 1}
    )
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert answer.json()[0]["message"] == "ConcurrentPerOrgLongTxn Limit exceeded."
    assert org.call("GET", "/limits").status_code == 200
