"""Conditional requests, long headers, and what the limit header may say (facts: section 2)."""

import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of

LONG_AGO = "Wed, 01 Jan 2020 00:00:00 GMT"
FAR_AHEAD = "Wed, 01 Jan 2120 00:00:00 GMT"


def test_line_5_entity_tags_work_for_accounts(org: Driver) -> None:
    url = f"/sobjects/Account/{org.create('Account', Name='A')}"
    tag = org.call("GET", url).headers["etag"]
    assert org.call("GET", url, headers={"If-None-Match": tag}).status_code == 304
    assert org.call("GET", url, headers={"If-Match": '"other"'}).status_code == 412
    assert org.call("PATCH", url, {"Phone": "1"}, headers={"If-Match": tag}).status_code == 204
    late = org.call("PATCH", url, {"Phone": "2"}, headers={"If-Match": tag})
    assert error_of(late) == (412, "PRECONDITION_FAILED")
    assert org.call("GET", url, headers={"If-None-Match": tag}).status_code == 200
    fresh = org.call("GET", url).headers["etag"]
    same = org.call("PATCH", url, {"Phone": "2"}, headers={"If-None-Match": fresh})
    assert same.status_code == 412
    bad = org.call("PATCH", url, {"Phone": "2"}, headers={"If-Match": "no tag"})
    assert bad.status_code == 400
    assert org.get("Account", url.rpartition("/")[2])["Phone"] == "1"
    assert org.call("DELETE", url, headers={"If-Match": '"other"'}).status_code == 204


def test_line_5_other_objects_have_no_entity_tags(org: Driver) -> None:
    url = f"/sobjects/Contact/{org.create('Contact', LastName='C')}"
    assert "etag" not in org.call("GET", url).headers
    assert org.call("PATCH", url, {"Phone": "1"}, headers={"If-Match": '"x"'}).status_code == 204


@pytest.mark.parametrize(
    ("headers", "read", "write"),
    [
        ({"If-Modified-Since": LONG_AGO}, 200, 204),
        ({"If-Modified-Since": FAR_AHEAD}, 304, 412),
        ({"If-Unmodified-Since": LONG_AGO}, 412, 412),
        ({"If-Unmodified-Since": FAR_AHEAD}, 200, 204),
        ({"If-Modified-Since": "yesterday"}, 200, 400),
    ],
)
def test_line_5_dates_as_conditions(
    org: Driver, headers: dict[str, str], read: int, write: int
) -> None:
    url = f"/sobjects/Contact/{org.create('Contact', LastName='C')}"
    assert org.call("GET", url, headers=headers).status_code == read
    assert org.call("PATCH", url, {"Phone": "1"}, headers=headers).status_code == write


def test_line_2_the_header_may_lag_and_say_more(org: Driver) -> None:
    org.control("limits", {"used": 100})
    org.switch(limit_header_lag=30, limit_header_more="per-app-api-usage=17/250(appName=x)")
    answer = org.call("GET", "/limits")
    expected = "api-usage=71/100000; per-app-api-usage=17/250(appName=x)"
    assert answer.headers["sforce-limit-info"] == expected
    org.switch(limit_header_more="api-bursts=1/750")
    assert org.call("GET", "/limits").headers["sforce-limit-info"].endswith("; api-bursts=1/750")


def test_line_2_a_paid_org_may_overrun_for_a_while(org: Driver) -> None:
    org.switch(daily_limit=10, limit_overrun=2)
    org.control("limits", {"used": 10})
    assert org.call("GET", "/limits").status_code == 200
    assert org.call("GET", "/limits").headers["sforce-limit-info"] == "api-usage=12/10"
    answer = org.call("GET", "/limits")
    assert error_of(answer) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert answer.json()[0]["message"] == "TotalRequests Limit exceeded."
    assert "retry-after" not in answer.headers


def test_line_3_headers_can_be_too_long(org: Driver) -> None:
    answer = org.call("GET", "/limits", headers={"X-Long": "x" * 16_400})
    assert answer.status_code == 431
