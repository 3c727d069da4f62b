from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from services.console.domain.answers import items, moment, text, whole
from services.console.domain.connections import connection_of, record_url, web
from services.console.domain.moments import relative, utc
from services.console.domain.quota import Use, label, mark_x, uses_of
from services.console.domain.words import cause_text, spelt
from tests.unit.console import samples

NOW = datetime(2026, 11, 24, 19, 40, tzinfo=UTC)
APP = "https://app.hubspot.com"


@pytest.mark.parametrize(
    ("away", "words"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=-44), "just now"),
        (timedelta(seconds=44), "just now"),
        (timedelta(seconds=-45), "1 minute ago"),
        (timedelta(minutes=-1), "1 minute ago"),
        (timedelta(minutes=-59, seconds=-59), "59 minutes ago"),
        (timedelta(hours=-1), "1 hour ago"),
        (timedelta(hours=-23, minutes=-59), "23 hours ago"),
        (timedelta(days=-1), "1 day ago"),
        (timedelta(days=-400), "400 days ago"),
        (timedelta(minutes=5), "in 5 minutes"),
        (timedelta(days=2, hours=3), "in 2 days"),
    ],
)
def test_a_time_in_words(away: timedelta, words: str) -> None:
    assert relative(NOW + away, NOW) == words


def test_a_time_is_shown_in_utc() -> None:
    there = datetime(2026, 11, 24, 21, 40, 12, tzinfo=timezone(timedelta(hours=2)))
    assert utc(there) == "24 Nov 2026, 19:40:12 UTC"


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("2026-11-24T19:40:00+00:00", NOW),
        ("2026-11-24T19:40:00Z", NOW),
        ("2026-11-24T19:40:00", NOW),
        ("2026-11-24T21:40:00+02:00", NOW),
        ("yesterday", None),
        ("", None),
        (None, None),
        (1764013200, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_a_moment_of_an_answer(value: Any, read: datetime | None) -> None:
    assert moment({"at": value}, "at") == read


@pytest.mark.parametrize(
    ("value", "as_text", "as_whole"),
    [
        ("x", "x", None),
        (7, "7", 7),
        (7.9, "7.9", 7),
        (True, "", None),
        (None, "", None),
        ([1], "", None),
        (float("nan"), "nan", None),
        (float("inf"), "inf", None),
    ],
)
def test_a_field_of_an_answer(value: Any, as_text: str, as_whole: int | None) -> None:
    assert text({"x": value}, "x") == as_text
    assert whole({"x": value}, "x") == as_whole


def test_the_items_of_a_list_or_a_page() -> None:
    assert items([{"a": 1}, None, "x"]) == ({"a": 1},)
    assert items({"items": [{"a": 1}]}) == ({"a": 1},)
    assert items({"items": {"a": 1}}) == ()
    assert items("x") == ()


def salesforce(**other: Any) -> Use:
    answer = samples.quota(**other)
    (use,) = (use for use in uses_of(answer) if use.side.value == "salesforce")
    return use


@pytest.mark.parametrize(
    ("used", "allowance", "bar", "percent", "level"),
    [
        (0, 9000, 0, 0, "calm"),
        (1, 9000, 2, 0, "calm"),
        (4500, 9000, 300, 50, "calm"),
        (7199, 9000, 479, 79, "calm"),
        (7200, 9000, 480, 80, "watch"),
        (8550, 9000, 570, 95, "full"),
        (9000, 9000, 600, 100, "full"),
        (20000, 9000, 600, 222, "full"),
        (5, 0, 600, 100, "full"),
        (5, None, 0, None, "calm"),
    ],
)
def test_the_bar_of_a_quota(
    used: int, allowance: int | None, bar: int, percent: int | None, level: str
) -> None:
    use = salesforce(used=used, allowance=allowance)
    assert (use.bar, use.percent, use.level) == (bar, percent, level)


def test_marks_hours_and_the_sentence_of_a_quota() -> None:
    use = salesforce()
    assert [mark_x(50), mark_x(80), mark_x(95)] == [300, 480, 570]
    assert len(use.columns) == 24
    assert (use.columns[0].height, use.columns[23].height) == (0, 40)
    assert (use.columns[0].x, use.columns[23].x) == (0, 575)
    assert label(use) == "7,200 of 9,000 calls used in the last 24 hours (80 %)."
    answer = samples.quota()
    answer["salesforce"]["exhausted_until"] = "2026-11-24T19:55:00Z"
    assert [use.level for use in uses_of(answer)] == ["calm", "full"]
    assert uses_of({"hubspot": None, "salesforce": None}) == ()
    assert uses_of(None) == ()


def test_where_a_record_is_opened() -> None:
    connection = connection_of(samples.connection())

    def url(side: str, record_id: str) -> str:
        return record_url(connection, side, record_id, hubspot_app_url=APP)

    assert url("hubspot", "7") == "https://app.hubspot.com/contacts/111/record/0-1/7"
    assert url("salesforce", "003A") == "https://acme.my.salesforce.com/003A"
    assert url("salesforce", "../x?y") == "https://acme.my.salesforce.com/..%2Fx%3Fy"
    assert url("salesforce", "") == ""
    assert record_url(None, "hubspot", "7", hubspot_app_url=APP) == ""
    pending = connection_of(samples.connection(portal_id=None, instance_url="javascript:x"))
    assert record_url(pending, "hubspot", "7", hubspot_app_url=APP) == ""
    assert record_url(pending, "salesforce", "7", hubspot_app_url=APP) == ""


@pytest.mark.parametrize(
    "url", ["", "javascript:alert(1)", "//x", "https://", "data:x", "http://["]
)
def test_what_is_no_web_address(url: str) -> None:
    assert not web(url)


def test_words() -> None:
    assert spelt("prefer_salesforce_unless_blank") == "Prefer Salesforce unless blank"
    assert spelt("dont_sync") == "Don't sync"
    assert spelt("VALIDATION_ERROR") == "Validation error"
    assert spelt("Contact") == "Contact"
    assert spelt("") == ""
    assert cause_text({"kind": "created", "side": "hubspot"}) == "HubSpot reported: created"
    assert cause_text({"kind": "import", "import_id": "x"}) == "An import"
    assert cause_text({"kind": "retry"}) == "Somebody asked for a retry"
    assert cause_text({"kind": "poll_gap"}) == "Poll gap"
    assert cause_text({}) == ""
