"""Retry-After, as seconds or as a date (RFC 9110 section 10.2.3)."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2

from shared.crm.answers import digits

MAX_RETRY_AFTER_SECONDS = 24 * 3600.0
"""HubSpot's account migration asks for up to a day (477, facts: hubspot-api 2); a header that
asks for more is not obeyed to the letter."""


def retry_after(headers: httpx2.Headers, *, now: datetime | None = None) -> float | None:
    """Seconds to wait, 0 to a day; None when the header is absent or unreadable.

    A date is measured against the answer's own Date header, so that clocks need not agree, and
    against `now` (default: this machine's clock) when there is none.
    """
    wanted = headers.get("retry-after", "").strip()
    seconds = digits(wanted)
    if seconds is not None:
        return min(float(seconds), MAX_RETRY_AFTER_SECONDS)
    until = _date(wanted)
    if until is None:
        return None
    present = _date(headers.get("date", "")) or now or datetime.now(UTC)
    return min(max((until - present).total_seconds(), 0.0), MAX_RETRY_AFTER_SECONDS)


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)
