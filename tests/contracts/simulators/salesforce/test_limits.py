import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of, rows_of


def test_line_3_the_versions_need_no_token_and_no_quota(org: Driver) -> None:
    org.token = "none"
    response = org.http.get("/services/data/")
    assert response.status_code == 200
    assert "sforce-limit-info" not in response.headers
    versions = [one["version"] for one in response.json()]
    assert versions[0] == "60.0"
    assert versions[-1] == "68.0"
    assert set(response.json()[0]) == {"label", "url", "version"}
    assert org.used() == 0


@pytest.mark.parametrize(
    ("version", "status", "code"),
    [
        ("69.0", 404, "NOT_FOUND"),
        ("66.5", 404, "NOT_FOUND"),
        ("nan", 404, "NOT_FOUND"),
        ("66", 404, "NOT_FOUND"),
        ("30.0", 410, "UNSUPPORTED_API_VERSION"),
        ("21.0", 410, "UNSUPPORTED_API_VERSION"),
    ],
)
def test_line_3_versions_above_are_unknown_and_below_are_gone(
    org: Driver, version: str, status: int, code: str
) -> None:
    answer = org.call("GET", "/limits", version=f"/services/data/v{version}")
    assert error_of(answer) == (status, code)


@pytest.mark.parametrize("version", ["31.0", "59.0", "60.0", "68.0"])
def test_line_3_versions_in_between_are_served(org: Driver, version: str) -> None:
    assert org.call("GET", "/limits", version=f"/services/data/v{version}").status_code == 200


def test_line_2_every_data_reply_says_how_much_is_used(org: Driver) -> None:
    first = org.call("GET", "/sobjects/Contact/describe")
    second = org.call("GET", "/sobjects/Contact/003000000000000AAA")
    assert first.headers["sforce-limit-info"] == "api-usage=1/100000"
    assert second.status_code == 404
    assert second.headers["sforce-limit-info"] == "api-usage=2/100000"


def test_line_2_a_call_without_a_session_costs_nothing(org: Driver) -> None:
    org.token = "none"
    answer = org.call("GET", "/limits")
    assert answer.status_code == 401
    assert answer.headers["sforce-limit-info"] == "api-usage=0/100000"


def test_line_2_at_the_cap_calls_are_refused_until_the_window_moves_on(org: Driver) -> None:
    org.switch(daily_limit=100)
    assert org.control("limits", {"used": 99}) == {"used": 99, "allowed": 100}
    assert org.call("GET", "/limits").json()["DailyApiRequests"] == {"Max": 100, "Remaining": 1}
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert answer.json()[0]["message"] == "TotalRequests Limit exceeded."
    assert answer.headers["sforce-limit-info"] == "api-usage=100/100"
    assert org.look("calls")["rejected"] == {"GET /limits": 1}
    org.control("clock", {"advance_seconds": 86_400 + 60})
    org.grant()
    assert org.call("GET", "/limits").headers["sforce-limit-info"] == "api-usage=1/100"


def test_line_2_a_composite_counts_once(org: Driver) -> None:
    step = {"method": "GET", "url": "/services/data/v66.0/query?q=SELECT+Id+FROM+User"}
    steps = [{**step, "referenceId": f"q{number}"} for number in range(5)]
    answer = org.call("POST", "/composite", {"compositeRequest": steps})
    assert answer.headers["sforce-limit-info"] == "api-usage=1/100000"
    assert org.look("calls")["by_endpoint"] == {"POST /composite": 1}


def test_line_2_in_a_batch_each_subrequest_counts(org: Driver) -> None:
    steps = [{"method": "GET", "url": "v66.0/limits"} for _ in range(3)]
    answer = org.call("POST", "/composite/batch", {"batchRequests": steps})
    assert answer.headers["sforce-limit-info"] == "api-usage=3/100000"
    assert org.used() == 3


def test_line_2_a_collections_call_counts_once(org: Driver) -> None:
    records = rows_of("Contact", [{"LastName": f"N{number}"} for number in range(200)])
    answer = org.call("POST", "/composite/sobjects", {"records": records})
    assert answer.headers["sforce-limit-info"] == "api-usage=1/100000"


def test_line_2_record_counts(org: Driver) -> None:
    org.control("seed", {"people": 3})
    answer = org.call("GET", "/limits/recordCount", params={"sObjects": "Contact,Lead"})
    assert answer.json()["sObjects"] == [
        {"name": "Contact", "count": 3},
        {"name": "Lead", "count": 0},
    ]


def test_an_org_without_api(org: Driver) -> None:
    org.switch(api_disabled=True)
    assert error_of(org.call("GET", "/limits")) == (403, "API_DISABLED_FOR_ORG")


def test_a_uri_can_be_too_long(org: Driver) -> None:
    answer = org.call("GET", "/query", params={"q": "x" * 16_500})
    assert answer.status_code == 414


def test_only_json_is_read(org: Driver) -> None:
    headers = {"Authorization": f"Bearer {org.token}", "Content-Type": "text/csv"}
    url = "/services/data/v66.0/sobjects/Contact"
    answer = org.http.post(url, content=b"LastName\nX", headers=headers)
    assert error_of(answer) == (415, "UNSUPPORTED_MEDIA_TYPE")
    headers["Content-Type"] = "application/json"
    answer = org.http.post(url, content=b'{"LastName": ', headers=headers)
    assert error_of(answer) == (400, "JSON_PARSER_ERROR")


def test_unknown_resources_and_methods(org: Driver) -> None:
    assert error_of(org.call("GET", "/nothing")) == (404, "NOT_FOUND")
    assert error_of(org.call("PUT", "/limits")) == (405, "METHOD_NOT_ALLOWED")


def test_line_3_an_org_may_not_have_the_newest_version_yet(org: Driver) -> None:
    org.switch(latest_version=66)
    versions = [one["version"] for one in org.http.get("/services/data/").json()]
    assert versions[-1] == "66.0"
    answer = org.call("GET", "/limits", version="/services/data/v67.0")
    assert error_of(answer) == (404, "NOT_FOUND")
    assert org.call("GET", "/limits").status_code == 200
