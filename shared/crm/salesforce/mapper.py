"""Which family of errors each of Salesforce's answers belongs to (facts: salesforce-api 2.10)."""

import re
from collections.abc import Mapping

import httpx2

from shared.crm.answers import Json, parsed, text
from shared.crm.errors import (
    Complaint,
    CrmAuthError,
    CrmError,
    CrmFatalError,
    CrmLimitError,
    CrmRetriableError,
)
from shared.crm.salesforce.complaints import complaint_from, worst
from shared.crm.transport import LimitInfo
from shared.crm.waiting import retry_after

NAME = "Salesforce"
CLIENT_NAME = "causeway"
QUOTA_WAIT_SECONDS = 900.0
"""The daily quota is a rolling window; a quarter of an hour frees a hundredth of it."""
CONCURRENCY_WAIT_SECONDS = 10.0
"""Too many long requests at once: they are over when some of them end."""
NOT_AN_EXPIRY = (
    "This session is not valid for use with the REST API",
    "Connected app is not attached to Agent",
    "One of the following scopes is required",
)
"""401s with INVALID_SESSION_ID that a new token does not cure; refreshing on them never ends."""
EDITION_WITHOUT_API = frozenset({"API_DISABLED_FOR_ORG", "API_CURRENTLY_DISABLED"})
_USAGE = re.compile(r"(?:^|[;,\s])api-usage=(\d{1,12})/(\d{1,12})")
_BURSTS = re.compile(r"(?:^|[;,\s])api-bursts=(\d{1,12})/(\d{1,12})")
_AGAIN = frozenset({408, 420})
_FROM_SALESFORCE_ONLY = frozenset({401, 403})
_FIRST_SERVER_ERROR = 500


class SalesforceErrors:
    """Salesforce's ErrorMapper."""

    @property
    def crm(self) -> str:
        """The CRM's name for people."""
        return NAME

    @property
    def headers(self) -> Mapping[str, str]:
        """Our name, which comes back in the changeOrigin of change events."""
        return {"Sforce-Call-Options": f"client={CLIENT_NAME}"}

    def limits(self, headers: httpx2.Headers) -> LimitInfo | None:
        """`api-usage` of Sforce-Limit-Info, which is approximate; `per-app-api-usage` is not it."""
        told = headers.get("sforce-limit-info", "")
        usage = _USAGE.search(told)
        bursts = _BURSTS.search(told)
        if usage is None and bursts is None:
            return None
        return LimitInfo(
            used=int(usage[1]) if usage else None,
            limit=int(usage[2]) if usage else None,
            remaining_burst=max(int(bursts[2]) - int(bursts[1]), 0) if bursts else None,
        )

    def expired(self, response: httpx2.Response) -> bool:
        """A 401 with INVALID_SESSION_ID, but for the texts of NOT_AN_EXPIRY."""
        if response.status_code != httpx2.codes.UNAUTHORIZED:
            return False
        error = worst(_errors(parsed(response.content)))
        message = text(error, "message")
        known = text(error, "errorCode") == "INVALID_SESSION_ID"
        return known and not any(other in message for other in NOT_AN_EXPIRY)

    def error(self, response: httpx2.Response) -> CrmError:
        """The error of an answer with status 300 or above."""
        return error_of(
            response.status_code, parsed(response.content), wait=retry_after(response.headers)
        )


def error_of(status: int, body: object, *, wait: float | None = None) -> CrmError:
    """The error of an answer, or of one item of a composite's answer, by its status and body."""
    errors = _errors(body)
    error = worst(errors)
    complaint = complaint_from(error, status=status)
    if complaint.code == "REQUEST_LIMIT_EXCEEDED":
        return _limit(status, text(error, "message"), wait)
    silent = not errors and status in _FROM_SALESFORCE_ONLY
    if complaint.retriable or silent or status in _AGAIN or status >= _FIRST_SERVER_ERROR:
        return CrmRetriableError(
            f"Salesforce could not do this now (HTTP {status}, {complaint.code}); the call is made "
            "again.",
            code=complaint.code,
            retry_after=wait,
            status=status,
        )
    return _refused(status, complaint)


def _errors(body: object) -> list[Json]:
    """Both shapes: the array of REST, and the object of the token endpoint."""
    found = body if isinstance(body, list) else [body]
    return [one for one in found if isinstance(one, dict)]


def _limit(status: int, message: str, wait: float | None) -> CrmLimitError:
    concurrent = "Concurrent" in message
    default = CONCURRENCY_WAIT_SECONDS if concurrent else QUOTA_WAIT_SECONDS
    words = "too many long requests at once" if concurrent else "the org's API calls are used up"
    return CrmLimitError(
        f"Salesforce's limit is reached: {words}.",
        code="REQUEST_LIMIT_EXCEEDED",
        retry_after=default if wait is None else wait,
        status=status,
    )


def _refused(status: int, complaint: Complaint) -> CrmError:
    code = complaint.code
    if status == httpx2.codes.UNAUTHORIZED:
        return CrmAuthError(
            f"Salesforce does not accept the access token ({code}). Connect Salesforce again on "
            "the connection's page, and check the scopes of the external client app.",
            code=code,
            status=status,
        )
    if code in EDITION_WITHOUT_API:
        message = "This Salesforce edition has no API access, or the user lacks the permission."
        return CrmFatalError(message, code=code, status=status)
    if status == httpx2.codes.GONE:
        message = "Salesforce retired the API version in use; update Causeway."
        return CrmFatalError(message, code=code, status=status)
    return CrmFatalError(complaint.message, code=code, status=status, complaint=complaint)
