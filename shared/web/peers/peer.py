"""Calls to other services of this deployment: short-lived tokens, timeouts, error families."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import httpx2

from shared.kernel.clock import Clock
from shared.kernel.errors import FatalError, RetriableError
from shared.security.tokens import Role, TokenKey, mint
from shared.telemetry.traces import current_traceparent
from shared.web.problems import TYPE_PREFIX

TOKEN_LIFETIME = timedelta(seconds=60)  # one call; the rest is for clocks that differ
TIMEOUT = httpx2.Timeout(10.0, connect=2.0)  # a peer is one hop away and answers from memory or SQL
_TOO_MANY = 429
_SERVER_ERROR = 500
_ERROR = 400


class PeerUnavailableError(RetriableError):
    """A peer does not answer, or says that a later call may succeed; `status` is 0 for silence."""

    def __init__(
        self, message: str, *, code: str, retry_after: float | None = None, status: int = 0
    ) -> None:
        super().__init__(message, code=code, retry_after=retry_after)
        self.status = status


class PeerRefusedError(FatalError):
    """A peer refused: `code` is its problem's type (with underscores), `status` the HTTP status."""

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message, code=code)
        self.status = status


class Peer:
    """One other service, as `audience` names it, at `base_url`; `subject` is who calls.

    The client is shared and closed by whoever made it.
    """

    def __init__(
        self,
        client: httpx2.AsyncClient,
        *,
        base_url: str,
        audience: str,
        token_key: TokenKey,
        subject: str,
        clock: Clock,
    ) -> None:
        self._client = client
        self._base_url = base_url.rstrip("/")
        self.audience = audience
        self._key = token_key
        self._subject = subject
        self.clock = clock

    async def get(self, path: str, *, params: Mapping[str, Any] | None = None) -> Any:
        """The decoded JSON of the answer; errors as `request`."""
        return _json(await self.request("GET", path, params=params), self.audience)

    async def post(self, path: str, *, json: Any = None) -> Any:
        """The decoded JSON of the answer, None when it has no body; errors as `request`."""
        return _json(await self.request("POST", path, json=json), self.audience)

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        bearer: str | None = None,
    ) -> httpx2.Response:
        """One call, without retries; `bearer` is a person's token to act for, else our own.

        Raises PeerUnavailableError (no answer, 429, 5xx) or PeerRefusedError (other 4xx).
        """
        sent = {"Authorization": f"Bearer {bearer or self._token()}", **(headers or {})}
        traceparent = current_traceparent()
        if traceparent:
            sent["traceparent"] = traceparent
        try:
            response = await self._client.request(
                method,
                self._base_url + path,
                json=json,
                params=params,
                headers=sent,
                timeout=TIMEOUT,
                follow_redirects=False,
            )
        except httpx2.HTTPError as error:
            raise PeerUnavailableError(
                f"The service {self.audience} does not answer ({type(error).__name__}). "
                "Check that it runs and that CAUSEWAY_PEER_URL is right.",
                code="peer_unreachable",
            ) from None
        if not response.is_success:
            raise _translated(response, self.audience)
        return response

    def _token(self) -> str:
        return mint(
            self._key,
            subject=self._subject,
            role=Role.SERVICE,
            audience=self.audience,
            lifetime=TOKEN_LIFETIME,
            now=self.clock.now(),
        )


def _json(response: httpx2.Response, audience: str) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        raise PeerUnavailableError(
            f"The service {audience} answered {response.status_code} without JSON: "
            "something else answers at CAUSEWAY_PEER_URL.",
            code="peer_answer_unreadable",
            status=response.status_code,
        ) from None


def _translated(
    response: httpx2.Response, audience: str
) -> PeerUnavailableError | PeerRefusedError:
    problem = _problem(response)
    status = response.status_code
    kind = str(problem.get("type", "")).removeprefix(TYPE_PREFIX)
    code = kind.replace("-", "_") or f"peer_status_{status}"
    detail = str(problem.get("detail") or f"The service {audience} answered {status}.")
    if status == _TOO_MANY or status >= _SERVER_ERROR or status < _ERROR:
        return PeerUnavailableError(
            detail, code=code, retry_after=_retry_after(response, problem), status=status
        )
    return PeerRefusedError(detail, code=code, status=status)


def _problem(response: httpx2.Response) -> dict[str, Any]:
    try:
        body = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _retry_after(response: httpx2.Response, problem: Mapping[str, Any]) -> float | None:
    for value in (problem.get("retry_after"), response.headers.get("retry-after")):
        try:
            if value is not None:
                return max(0.0, float(value))
        except (TypeError, ValueError):
            continue
    return None
