from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from tests.contracts.simulators.salesforce.driver import Driver, error_of


def now(org: Driver) -> datetime:
    return datetime.fromtimestamp(org.look("clock")["now"] / 1_000, UTC)


def ask(org: Driver, what: str, start: datetime, end: datetime) -> httpx2.Response:
    params = {"start": start.isoformat(), "end": end.isoformat()}
    return org.call("GET", f"/sobjects/Contact/{what}/", params=params)


def window(org: Driver, what: str, **back: float) -> Any:
    """From so far back until two minutes from now, with the clock moved past that."""
    at = now(org)
    org.control("clock", {"advance_seconds": 120})
    answer = ask(org, what, at - timedelta(**back), at + timedelta(minutes=2))
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_line_6_updated_lists_what_was_created_or_changed(org: Driver) -> None:
    kept = org.create("Contact", LastName="Kept")
    gone = org.create("Contact", LastName="Gone")
    org.call("DELETE", f"/sobjects/Contact/{gone}")
    found = window(org, "updated", minutes=5)
    assert found["ids"] == [kept]
    assert found["latestDateCovered"].endswith(":00.000+0000")


def test_line_6_deleted_lists_what_lies_in_the_bin(org: Driver) -> None:
    org.create("Contact", LastName="Kept")
    gone = org.create("Contact", LastName="Gone")
    org.call("DELETE", f"/sobjects/Contact/{gone}")
    found = window(org, "deleted", minutes=5)
    assert [row["id"] for row in found["deletedRecords"]] == [gone]
    assert set(found) == {"deletedRecords", "earliestDateAvailable", "latestDateCovered"}
    org.control("purge", {"object": "Contact"})
    again = window(org, "deleted", minutes=10)
    assert again["deletedRecords"] == []
    assert again["earliestDateAvailable"] > found["earliestDateAvailable"]


def test_line_6_seconds_are_ignored(org: Driver) -> None:
    minute = now(org).replace(second=0, microsecond=0)
    same = ask(org, "updated", minute, minute + timedelta(seconds=59))
    assert error_of(same) == (400, "INVALID_REPLICATION_DATE")
    fine = ask(org, "updated", minute - timedelta(seconds=1), minute + timedelta(seconds=59))
    assert fine.status_code == 200


def test_line_6_updated_goes_back_30_days_and_deleted_15(org: Driver) -> None:
    at = now(org)
    for what, days in (("updated", 30), ("deleted", 15)):
        fine = ask(org, what, at - timedelta(days=days), at)
        assert fine.status_code == 200
        late = ask(org, what, at - timedelta(days=days, minutes=2), at)
        assert error_of(late) == (400, "INVALID_REPLICATION_DATE")


def test_line_6_the_window_is_covered_up_to_now_only(org: Driver) -> None:
    at = now(org)
    answer = ask(org, "updated", at - timedelta(hours=1), at + timedelta(days=1)).json()
    covered = datetime.fromisoformat(answer["latestDateCovered"])
    assert covered <= now(org)


@pytest.mark.parametrize("what", ["updated", "deleted"])
def test_line_6_both_ends_are_needed_and_a_plus_has_to_be_encoded(org: Driver, what: str) -> None:
    url = f"/sobjects/Contact/{what}"
    assert error_of(org.call("GET", url)) == (400, "MISSING_ARGUMENT")
    raw = f"{url}?start=2026-01-01T00:00:00+00:00&end=2026-01-02T00:00:00+00:00"
    assert error_of(org.call("GET", raw)) == (400, "JSON_PARSER_ERROR")


def test_line_6_the_losers_of_a_merge_are_deleted_and_the_master_updated(org: Driver) -> None:
    master, loser = (org.create("Contact", LastName=name) for name in "ab")
    org.control("clock", {"advance_seconds": 3_600})
    org.grant()
    body = {"object": "Contact", "master_id": master, "ids": [loser], "fields": {"Title": "T"}}
    org.control("merge", body)
    assert window(org, "updated", minutes=5)["ids"] == [master]
    gone = window(org, "deleted", minutes=10)["deletedRecords"]
    assert [row["id"] for row in gone] == [loser]


def test_line_6_a_record_can_be_updated_30_and_deleted_15_days_ago(org: Driver) -> None:
    kept, gone = (org.create("Contact", LastName=name) for name in "ab")
    org.call("DELETE", f"/sobjects/Contact/{gone}")
    org.control("clock", {"advance_seconds": 20 * 86_400})
    org.grant()
    assert window(org, "updated", days=29)["ids"] == [kept]
    assert window(org, "deleted", days=14)["deletedRecords"] == []
