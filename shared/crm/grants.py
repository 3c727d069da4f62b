"""What an OAuth server grants, and how it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import httpx2

from shared.crm.answers import Json, digits, object_of, text
from shared.crm.errors import CrmError, CrmRetriableError
from shared.crm.wire import CONNECT_SECONDS, exchange

TOKEN_SECONDS = 30.0
"""Token endpoints answer at once; a person waits in the browser for this."""
MAX_TOKEN_BYTES = 1024 * 1024
_FIRST_ERROR_STATUS = 300


@dataclass(frozen=True, slots=True)
class Grant:
    """Tokens of one side. Neither token shows in a repr.

    `refresh_token` None: the old one stays good. `base_url` is the origin of all API calls, ""
    when the answer names none. `account_id` is the portal or the org (18 characters), `user_id`
    the person who connected; both are "" when the answer does not say. `expires_in` is in
    seconds, None when unknown; `issued_at` likewise.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    base_url: str
    account_id: str
    user_id: str
    scopes: frozenset[str]
    expires_in: int | None
    issued_at: datetime | None = None


ErrorOf = Callable[[httpx2.Response], CrmError]


async def call(
    http: httpx2.AsyncClient,
    request: httpx2.Request,
    *,
    crm: str,
    error_of: ErrorOf,
) -> httpx2.Response:
    """The answer of an OAuth endpoint with a status below 300, else the error it stands for."""
    response = await exchange(
        http, request, crm=crm, total_seconds=TOKEN_SECONDS, max_bytes=MAX_TOKEN_BYTES
    )
    if response.status_code >= _FIRST_ERROR_STATUS:
        raise error_of(response)
    return response


async def post_form(
    http: httpx2.AsyncClient,
    url: str,
    form: Mapping[str, str],
    *,
    crm: str,
    error_of: ErrorOf,
) -> httpx2.Response:
    """`call` with a form, the only way in which secrets travel: never in a URL."""
    timeout = httpx2.Timeout(TOKEN_SECONDS, connect=CONNECT_SECONDS)
    headers = {"Accept": "application/json"}
    request = http.build_request("POST", url, data=dict(form), headers=headers, timeout=timeout)
    return await call(http, request, crm=crm, error_of=error_of)


def access_token_of(response: httpx2.Response, crm: str) -> tuple[str, Json]:
    """The access token and the whole answer; CrmRetriableError when it holds none."""
    body = object_of(response)
    token = body.get("access_token")
    if isinstance(token, str) and token:
        return token, body
    raise CrmRetriableError(
        f"{crm} answered the request for a token without one; it is asked again.",
        code="grant_unreadable",
        status=response.status_code,
    )


def new_refresh_token(body: Json) -> str | None:
    """The refresh token to keep from now on, None when the old one stays good."""
    token = body.get("refresh_token")
    return token if isinstance(token, str) and token else None


def lifetime_of(body: Json) -> int | None:
    """`expires_in` in seconds, as a number or as text."""
    return digits(text(body, "expires_in"))
