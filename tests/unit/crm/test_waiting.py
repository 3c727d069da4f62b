from datetime import UTC, datetime

import httpx2
import pytest

from shared.crm.waiting import retry_after

NOW = datetime(2026, 11, 24, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("99999999", 86_400.0),
        ("99999999999999999999", None),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("", None),
        ("٣", None),
        ("Tue, 24 Nov 2026 12:01:30 GMT", 90.0),
        ("Tue, 24 Nov 2026 11:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2099 11:00:00 GMT", 86_400.0),
        ("Tue, 24 Nov 2026 12:01:30 -0000", 90.0),
        ("Tue, 99 Nov 2026 12:01:30 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    assert retry_after(httpx2.Headers([(b"Retry-After", value.encode())]), now=NOW) == seconds


def test_a_date_is_measured_against_the_answers_own_date() -> None:
    headers = httpx2.Headers(
        {
            "Date": "Tue, 24 Nov 2026 12:00:00 GMT",
            "Retry-After": "Tue, 24 Nov 2026 12:00:30 GMT",
        }
    )
    assert retry_after(headers, now=datetime(1999, 1, 1, tzinfo=UTC)) == 30.0


def test_no_header_is_no_answer() -> None:
    assert retry_after(httpx2.Headers({})) is None
