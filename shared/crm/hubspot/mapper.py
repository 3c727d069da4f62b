"""Which family of errors each of HubSpot's answers belongs to (facts: hubspot-api 2 and 11)."""

from collections.abc import Mapping

import httpx2

from shared.crm.answers import digits, parsed, text
from shared.crm.errors import (
    Complaint,
    CrmAuthError,
    CrmError,
    CrmFatalError,
    CrmIgnorableError,
    CrmLimitError,
    CrmRetriableError,
)
from shared.crm.hubspot.complaints import complaint_from, reference
from shared.crm.transport import LimitInfo
from shared.crm.waiting import retry_after

NAME = "HubSpot"
BURST_WAIT_SECONDS = 10.0
"""The rolling window of the burst limit; HubSpot's 429 carries no Retry-After."""
SEARCH_WAIT_SECONDS = 1.0
DAILY_WAIT_SECONDS = 3600.0
"""The daily limit ends at midnight of the portal's own time zone; ask again every hour."""
LOCK_WAIT_SECONDS = 2.0
"""HubSpot asks for two seconds at least after a 423."""
MIGRATION_WAIT_SECONDS = 3600.0
_DEFAULT_WAITS = {423: LOCK_WAIT_SECONDS, 477: MIGRATION_WAIT_SECONDS}
_AGAIN = frozenset({408, 423, 425, 477})
_FROM_HUBSPOT_ONLY = frozenset({401, 403})
_FIRST_SERVER_ERROR = 500


class HubSpotErrors:
    """HubSpot's ErrorMapper."""

    @property
    def crm(self) -> str:
        """The CRM's name for people."""
        return NAME

    @property
    def headers(self) -> Mapping[str, str]:
        """HubSpot needs none of its own."""
        return {}

    def limits(self, headers: httpx2.Headers) -> LimitInfo | None:
        """The burst's rest and, for private apps, the day's; searches carry neither."""
        burst = _number(headers, "x-hubspot-ratelimit-remaining")
        daily = _number(headers, "x-hubspot-ratelimit-daily")
        left = _number(headers, "x-hubspot-ratelimit-daily-remaining")
        if burst is None and daily is None:
            return None
        used = max(daily - left, 0) if daily is not None and left is not None else None
        return LimitInfo(used=used, limit=daily, remaining_burst=burst)

    def expired(self, response: httpx2.Response) -> bool:
        """Only EXPIRED_AUTHENTICATION: missing credentials are our fault, a new token no cure."""
        if response.status_code != httpx2.codes.UNAUTHORIZED:
            return False
        return text(parsed(response.content), "category") == "EXPIRED_AUTHENTICATION"

    def error(self, response: httpx2.Response) -> CrmError:
        """The error of an answer with status 300 or above."""
        status = response.status_code
        body = parsed(response.content)
        complaint = complaint_from(body, status=status)
        if status == httpx2.codes.TOO_MANY_REQUESTS:
            return _limit(response, complaint)
        silent = not isinstance(body, dict)
        if (
            status in _AGAIN
            or status >= _FIRST_SERVER_ERROR
            or (silent and status in _FROM_HUBSPOT_ONLY)
        ):
            return _again(response, complaint)
        return _refused(status, complaint, body)


def _number(headers: httpx2.Headers, name: str) -> int | None:
    return digits(headers.get(name, "").strip())


def _limit(response: httpx2.Response, complaint: Complaint) -> CrmLimitError:
    wait, words = BURST_WAIT_SECONDS, "too many calls within ten seconds"
    if complaint.code == "DAILY":
        wait, words = DAILY_WAIT_SECONDS, "the day's calls of this portal are used up"
    elif complaint.code == "RATE_LIMITS":
        wait, words = SEARCH_WAIT_SECONDS, "too many searches within a second"
    told = retry_after(response.headers)
    return CrmLimitError(
        f"HubSpot's limit is reached: {words}.",
        code=complaint.code,
        retry_after=wait if told is None else told,
        status=response.status_code,
    )


def _again(response: httpx2.Response, complaint: Complaint) -> CrmRetriableError:
    status = response.status_code
    told = retry_after(response.headers)
    return CrmRetriableError(
        f"HubSpot could not answer (HTTP {status}); the call is made again.",
        code=complaint.code,
        retry_after=_DEFAULT_WAITS.get(status) if told is None else told,
        status=status,
    )


def _refused(status: int, complaint: Complaint, body: object) -> CrmError:
    quoted = reference(body)
    message = complaint.message + (f" (HubSpot's reference: {quoted})" if quoted else "")
    if status == httpx2.codes.UNAUTHORIZED:
        return CrmAuthError(
            f"HubSpot does not accept the access token ({complaint.code}). Connect HubSpot again "
            "on the connection's page.",
            code=complaint.code,
            status=status,
        )
    if status == httpx2.codes.CONFLICT and complaint.code == "OBJECT_ALREADY_EXISTS":
        return CrmIgnorableError(message, code=complaint.code, status=status, complaint=complaint)
    return CrmFatalError(message, code=complaint.code, status=status, complaint=complaint)
