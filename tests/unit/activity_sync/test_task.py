"""A task's words in both spellings."""

import pytest

from services.activity_sync.domain.task import (
    fits,
    from_hubspot,
    from_salesforce,
    to_hubspot,
    to_salesforce,
)
from shared.kernel.records import Side

STATUSES = [
    ("NOT_STARTED", "Not Started"),
    ("IN_PROGRESS", "In Progress"),
    ("COMPLETED", "Completed"),
    ("WAITING", "Waiting on someone else"),
    ("DEFERRED", "Deferred"),
]
PRIORITIES = [("HIGH", "High"), ("MEDIUM", "Normal"), ("LOW", "Low")]


@pytest.mark.parametrize(("here", "there"), STATUSES)
def test_a_status_both_ways(here: str, there: str) -> None:
    assert from_hubspot({"hs_task_status": here})["status"] == here
    assert from_salesforce({"Status": there})["status"] == here
    assert to_hubspot({"status": here}) == {"hs_task_status": here}
    assert to_salesforce({"status": here}) == {"Status": there}


@pytest.mark.parametrize(("here", "there"), PRIORITIES)
def test_a_priority_both_ways(here: str, there: str) -> None:
    assert from_hubspot({"hs_task_priority": here})["priority"] == here
    assert from_salesforce({"Priority": there})["priority"] == here
    assert to_hubspot({"priority": here}) == {"hs_task_priority": here}
    assert to_salesforce({"priority": here}) == {"Priority": there}


def test_words_of_one_crm_alone_stay_as_they_are_and_fit_nowhere() -> None:
    assert from_salesforce({"Status": "Blocked"})["status"] == "Blocked"
    assert from_salesforce({"Priority": "Urgent"})["priority"] == "Urgent"
    assert from_hubspot({"hs_task_status": "ON_HOLD"})["status"] == "ON_HOLD"
    assert from_hubspot({"hs_task_priority": "URGENT"})["priority"] == "URGENT"
    assert not fits(Side.HUBSPOT, "status", "Blocked")
    assert not fits(Side.SALESFORCE, "status", "ON_HOLD")
    assert not fits(Side.HUBSPOT, "priority", "Urgent")


def test_what_is_blank_is_the_usual() -> None:
    blank = {"subject": None, "body": None, "due": None}
    usual = {**blank, "status": "NOT_STARTED", "priority": "MEDIUM"}
    assert from_hubspot({}) == usual
    assert from_hubspot({"hs_task_priority": "NONE", "hs_task_status": " "}) == usual
    assert from_salesforce({}) == usual
    assert from_salesforce({"Status": None, "Priority": ""}) == usual


def test_only_hubspot_insists_on_a_due_day() -> None:
    assert fits(Side.SALESFORCE, "due", None)
    assert not fits(Side.HUBSPOT, "due", None)
    assert fits(Side.HUBSPOT, "due", "2026-12-01")
    assert fits(Side.HUBSPOT, "subject", None)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-12-01T09:00:00Z", "2026-12-01"),
        ("2026-12-01T23:59:59.999Z", "2026-12-01"),
        ("2026-12-01T23:30:00-05:00", "2026-12-02"),
        ("1796115600000", "2026-12-01"),
        ("2026-12-01", "2026-12-01"),
        ("soon", None),
        ("99999999999999999999", None),
        ("", None),
    ],
)
def test_a_due_moment_is_a_day(moment: str, day: str | None) -> None:
    assert from_hubspot({"hs_timestamp": moment})["due"] == day


def test_a_due_day_both_ways() -> None:
    assert from_salesforce({"ActivityDate": "2026-12-01"})["due"] == "2026-12-01"
    assert to_hubspot({"due": "2026-12-01"}) == {"hs_timestamp": "2026-12-01T00:00:00Z"}
    assert to_salesforce({"due": "2026-12-01"}) == {"ActivityDate": "2026-12-01"}
    assert to_salesforce({"due": None}) == {"ActivityDate": None}


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("Just text", "Just text"),
        ("One\nTwo", "One\nTwo"),
        ("<p>Call <b>Ada</b></p><p>about the offer</p>", "Call Ada\nabout the offer"),
        ("<div>One<br>Two<br/>Three</div>", "One\nTwo\nThree"),
        ("<ul><li>first</li><li>second</li></ul>", "- first\n- second"),
        ("Fish &amp; chips &lt;3", "Fish & chips <3"),
        ("1 < 2 and AT&T", "1 < 2 and AT&T"),
        ("<style>p {color: red}</style>Seen", "Seen"),
        ("<p></p>", None),
        ("<script>only()</script>", None),
    ],
)
def test_a_hubspot_body_is_read_as_text(html: str, text: str | None) -> None:
    assert from_hubspot({"hs_task_body": html})["body"] == text


def test_a_salesforce_description_is_escaped_for_hubspot() -> None:
    spelt = to_hubspot({"body": "x <y> & z\nnext"})
    assert spelt == {"hs_task_body": "x &lt;y&gt; &amp; z<br>next"}
    assert to_hubspot({"body": None}) == {"hs_task_body": ""}
    assert to_salesforce({"body": "x <y> & z\nnext"}) == {"Description": "x <y> & z\nnext"}


def test_both_limits_are_salesforces_and_what_is_cut_is_trimmed() -> None:
    long = "a" * 254 + " b" + "c" * 100
    assert from_hubspot({"hs_task_subject": long})["subject"] == "a" * 254
    assert from_salesforce({"Subject": "a" * 300})["subject"] == "a" * 255
    assert from_hubspot({"hs_task_body": "d" * 40_000})["body"] == "d" * 32_000


def test_line_ends_are_alike() -> None:
    assert from_salesforce({"Description": " a\r\nb\rc "})["body"] == "a\nb\nc"
