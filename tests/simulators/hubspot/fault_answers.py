"""The exact answers for conditions that a test asks for by name (facts: sections 2 and 11)."""

from collections.abc import Callable

import msgspec
import uuid_utils

from tests.simulators.hubspot.errors import HubSpotError, bad_request, error
from tests.simulators.hubspot.limits import burst_limit, daily_limit, secondly_limit
from tests.simulators.hubspot.scopes import is_search, required_scopes
from tests.simulators.hubspot.tokens import (
    bad_refresh_token,
    expired_authentication,
    invalid_authentication,
    missing_scopes,
    oauth_error,
)
from tests.simulators.hubspot.wire import CORRELATION_HEADER, MEDIA_TYPE
from tests.simulators.machinery.faults import DEFAULT_STATUS, Fault
from tests.simulators.machinery.misbehaviour import CannedAnswer

MIGRATION_RETRY_SECONDS = 3_600
"""``Retry-After`` of a 477: an account on its way to another data centre, up to a day."""
MESSAGES = {
    408: "The request timed out.",
    414: "The request URI is too long.",
    423: "This resource is locked. Please wait at least 2 seconds and try again.",
    500: "internal error",
    502: "Bad gateway",
    503: "Service temporarily unavailable",
    504: "Gateway timeout",
    521: "Web server is down",
    523: "Origin is unreachable",
    524: "A timeout occurred",
}
CATEGORIES = {423: "LOCKED", 477: "MIGRATION_IN_PROGRESS"}


def canned(fault: Fault, method: str, path: str) -> CannedAnswer:
    """The answer for ``fault.code``, or a plain one with ``fault.status``."""
    problem = _problem(fault, method, path)
    correlation_id = str(uuid_utils.uuid7())
    body = {**problem.body, "correlationId": correlation_id}
    headers = {
        **problem.headers,
        CORRELATION_HEADER: correlation_id,
        "Content-Type": MEDIA_TYPE,
    }
    return CannedAnswer(problem.status, headers, msgspec.json.encode(body))


def _problem(fault: Fault, method: str, path: str) -> HubSpotError:
    if fault.code == "MISSING_SCOPES":
        return missing_scopes(required_scopes(method, path)[:1] or ("oauth",))
    if fault.code == "RATE_LIMIT" or (fault.status == 429 and not fault.code):
        return secondly_limit() if is_search(path) else burst_limit(BURST_GROUP)
    if fault.code in _BY_CODE:
        return _BY_CODE[fault.code]()
    status = fault.status or DEFAULT_STATUS
    message = fault.code or MESSAGES.get(status, "There was a problem with the request.")
    return error(status, message, CATEGORIES.get(status))


BURST_GROUP = "publicapi:private_app-api-calls-ten-secondly:0"


def _migrating() -> HubSpotError:
    problem = error(477, "This account is being migrated. Please try again later.", CATEGORIES[477])
    problem.headers["Retry-After"] = str(MIGRATION_RETRY_SECONDS)
    return problem


def _bad_hub() -> HubSpotError:
    return oauth_error("BAD_HUB", "missing or unknown hub id", "access_denied")


_BY_CODE: dict[str, Callable[[], HubSpotError]] = {
    "TEN_SECONDLY_ROLLING": lambda: burst_limit(BURST_GROUP),
    "SECONDLY": secondly_limit,
    "DAILY": daily_limit,
    "BAD_REFRESH_TOKEN": bad_refresh_token,
    "BAD_HUB": _bad_hub,
    "BAD_CLIENT_SECRET": lambda: oauth_error(
        "BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client"
    ),
    "INVALID_AUTHENTICATION": invalid_authentication,
    "EXPIRED_AUTHENTICATION": lambda: expired_authentication(0, 1_000),
    "LOCKED": lambda: error(423, MESSAGES[423], CATEGORIES[423]),
    "MIGRATION_IN_PROGRESS": _migrating,
    "BAD_REQUEST": bad_request,
}
