from collections.abc import Iterator

import httpx2
import pytest

from tests.contracts.simulators.hubspot.driver import Json, Sim, driving
from tests.simulators.machinery.launch import running

CONTACTS = "/crm/v3/objects/contacts"


@pytest.fixture(scope="module")
def limited_url() -> Iterator[str]:
    with running("tests.simulators.hubspot") as url:
        yield url


@pytest.fixture
def limited(limited_url: str) -> Iterator[Sim]:
    with driving(limited_url) as driver:
        driver.control("reset")
        yield driver


def test_line_8_110_calls_in_ten_seconds_then_429(limited: Sim) -> None:
    answers = [limited.api.get(CONTACTS) for _ in range(111)]
    assert [one.status_code for one in answers] == [200] * 110 + [429]
    headers = answers[0].headers
    assert headers["X-HubSpot-RateLimit-Max"] == "110"
    assert headers["X-HubSpot-RateLimit-Remaining"] == "109"
    assert headers["X-HubSpot-RateLimit-Interval-Milliseconds"] == "10000"
    assert not [name for name in headers if "daily" in name]
    body = answers[110].json()
    assert body.pop("correlationId") == answers[110].headers["X-HubSpot-Correlation-Id"]
    assert body == {
        "status": "error",
        "message": "You have reached your ten_secondly_rolling limit.",
        "errorType": "RATE_LIMIT",
        "policyName": "TEN_SECONDLY_ROLLING",
        "groupName": "publicapi:private_app-api-calls-ten-secondly:222",
    }
    assert "Retry-After" not in answers[110].headers
    limited.control("clock", {"advance_seconds": 10})
    assert limited.api.get(CONTACTS).status_code == 200


def test_searches_and_associations_have_buckets_of_their_own(limited: Sim) -> None:
    for _ in range(110):
        limited.api.get(CONTACTS)
    assert limited.api.get(CONTACTS).status_code == 429
    assert limited.post(f"{CONTACTS}/search", {}).status_code == 200
    pairs = "/crm/v4/associations/contacts/tasks/batch/read"
    answer = limited.post(pairs, {"inputs": []})
    assert answer.status_code == 200
    assert answer.headers["X-HubSpot-RateLimit-Max"] == "150"


def test_calls_are_counted_as_the_account_pays_for_them(limited: Sim) -> None:
    record_id = limited.contact(lastname="Ada")
    limited.api.get(f"{CONTACTS}/{record_id}")
    limited.api.get(f"{CONTACTS}/424242")
    limited.api.get("/oauth/v1/access-tokens/nonsense")
    with limited.anonymous() as nobody:
        nobody.get(CONTACTS)
    assert limited.look("calls") == {
        "total": 3,
        "by_endpoint": {f"POST {CONTACTS}": 1, f"GET {CONTACTS}/{{id}}": 2},
        "rejected": {},
    }
    limited.control("calls/reset")
    assert limited.look("calls")["total"] == 0


def _arm(sim: Sim, **fault: object) -> None:
    sim.control("faults", {"match": "GET /crm/*", **fault})


@pytest.mark.parametrize(
    ("fault", "status", "expected"),
    [
        ({"status": 502}, 502, {"status": "error", "message": "Bad gateway"}),
        ({"code": "LOCKED"}, 423, {"category": "LOCKED"}),
        ({"code": "MIGRATION_IN_PROGRESS"}, 477, {"category": "MIGRATION_IN_PROGRESS"}),
        ({"code": "DAILY"}, 429, {"policyName": "DAILY"}),
        ({"status": 429}, 429, {"policyName": "TEN_SECONDLY_ROLLING"}),
        ({"code": "MISSING_SCOPES"}, 403, {"category": "MISSING_SCOPES"}),
        ({"code": "EXPIRED_AUTHENTICATION"}, 401, {"category": "EXPIRED_AUTHENTICATION"}),
    ],
)
def test_line_8_errors_on_request(sim: Sim, fault: Json, status: int, expected: Json) -> None:
    _arm(sim, kind="http", **fault)
    answer = sim.api.get(CONTACTS)
    assert answer.status_code == status
    assert expected.items() <= answer.json().items()
    assert answer.json()["correlationId"] == answer.headers["X-HubSpot-Correlation-Id"]
    assert sim.api.get(CONTACTS).status_code == 200


def test_a_migration_says_when_to_come_back(sim: Sim) -> None:
    _arm(sim, kind="http", code="MIGRATION_IN_PROGRESS")
    assert sim.api.get(CONTACTS).headers["Retry-After"] == "3600"


def test_a_fault_meets_so_many_calls_and_no_others(sim: Sim) -> None:
    _arm(sim, kind="http", status=503, times=2)
    assert sim.api.get("/account-info/v3/details").status_code == 200
    assert [sim.api.get(CONTACTS).status_code for _ in range(3)] == [503, 503, 200]


def test_faults_can_be_called_off(sim: Sim) -> None:
    _arm(sim, kind="http", status=503, times=5)
    assert len(sim.look("faults")) == 1
    sim.api.delete("/_control/faults")
    assert sim.api.get(CONTACTS).status_code == 200


@pytest.mark.parametrize("body", [{"kind": "tantrum"}, {"kind": "http", "match": ""}])
def test_a_fault_that_makes_no_sense(sim: Sim, body: Json) -> None:
    assert sim.api.post("/_control/faults", json={"match": "GET *", **body}).status_code == 400


def test_a_connection_cut_before_the_effect(sim: Sim) -> None:
    sim.control("faults", {"match": f"POST {CONTACTS}", "kind": "drop_before"})
    with pytest.raises(httpx2.TransportError):
        sim.contact(lastname="Ada")
    assert sim.look("records/contacts") == []


def test_a_connection_cut_after_the_effect(sim: Sim) -> None:
    sim.control("faults", {"match": f"POST {CONTACTS}", "kind": "drop_after"})
    with pytest.raises(httpx2.TransportError):
        sim.contact(lastname="Ada")
    assert len(sim.look("records/contacts")) == 1


def test_a_page_instead_of_json(sim: Sim) -> None:
    _arm(sim, kind="html", status=521)
    answer = sim.api.get(CONTACTS)
    assert answer.status_code == 521
    assert answer.headers["content-type"].startswith("text/html")


def test_latency(sim: Sim) -> None:
    _arm(sim, kind="latency", seconds=1)
    with pytest.raises(httpx2.ReadTimeout):
        sim.api.get(CONTACTS, timeout=0.1)
    assert sim.api.get(CONTACTS).json() == {"results": []}


def test_a_slow_body_comes_in_pieces_that_are_each_in_time(sim: Sim) -> None:
    _arm(sim, kind="slow_body", seconds=0.5)
    with sim.api.stream("GET", CONTACTS, timeout=0.4) as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 1
    assert b"".join(pieces) == b'{"results":[]}'
