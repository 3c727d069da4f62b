"""The REST API of a running deployment, in the hands of somebody with a token."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import httpx2

from shared.kernel.errors import CausewayError, FatalError, RetriableError

TIMEOUT_SECONDS = 120.0
"""A choice reads both CRMs; a proxy in between gives up before that."""

ATTEMPTS = 6
"""With the pauses below about half a minute: a restart of a service takes seconds."""

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 10.0
AWAY = frozenset({502, 503, 504})
PREFIX = "urn:causeway:problem:"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `body` as JSON, `text` as it came, and the ETag for If-Match."""

    body: Any
    text: str
    etag: str


class RefusedError(FatalError):
    """The deployment refused a request: what, where, and what to do, in its own words."""

    def __init__(self, status: int, kind: str, detail: str, fields: Mapping[str, str]) -> None:
        told = "".join(f"\n  {field}: {text}" for field, text in fields.items())
        super().__init__(f"{detail}{told}", code=kind)
        self.status = status
        self.fields = dict(fields)


class AwayError(RetriableError):
    """Nothing that is Causeway answered, though it was tried again."""


class Deployment:
    """The deployment at an origin such as https://causeway.example, as the bearer of a token."""

    def __init__(
        self, url: str, token: str, *, transport: httpx2.AsyncBaseTransport | None = None
    ) -> None:
        self.url = _origin(url)
        self._http = httpx2.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=TIMEOUT_SECONDS,
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def get(self, path: str, **params: Any) -> Any:
        """The body of a read; tried again while nobody answers.

        Raises:
            RefusedError: the answer is a problem.
            AwayError: there was no answer.
        """
        return (await self.read(path, **params)).body

    async def read(self, path: str, **params: Any) -> Answer:
        """A read with its ETag; errors as of `get`."""
        return await self._patiently("GET", path, params=params)

    async def post(self, path: str, body: Any = None, *, key: str = "") -> Any:
        """Orders something; tried again only with a `key`, by which a repeat is none.

        Errors as of `get`.
        """
        if key:
            headers = {"Idempotency-Key": key}
            return (await self._patiently("POST", path, json=body, headers=headers)).body
        return (await self._once("POST", path, json=body)).body

    async def once(self, path: str) -> Any:
        """The body of a read that is asked for once: who watches asks again anyhow."""
        return (await self._once("GET", path)).body

    async def delete(self, path: str, body: Any) -> None:
        """Has something removed. Errors as of `get`."""
        await self._once("DELETE", path, json=body)

    async def send_yaml(self, path: str, text: str, *, etag: str = "", **params: Any) -> Answer:
        """Posts a file; `etag` is that of what it changes. Errors as of `get`."""
        headers = {"Content-Type": "application/yaml"} | ({"If-Match": etag} if etag else {})
        return await self._once("POST", path, content=text.encode(), headers=headers, params=params)

    async def conditional(self, path: str, etag: str) -> Answer:
        """Posts what changes something of this ETag. Errors as of `get`."""
        return await self._once("POST", path, headers={"If-Match": etag})

    async def _patiently(self, method: str, path: str, **more: Any) -> Answer:
        pause = FIRST_PAUSE_SECONDS
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return await self._once(method, path, **more)
            except AwayError as away:
                if attempt == ATTEMPTS:
                    raise
                await asyncio.sleep(min(away.retry_after or pause, LONGEST_PAUSE_SECONDS))
                pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
        raise AssertionError("the last attempt raises or returns")

    async def _once(self, method: str, path: str, **more: Any) -> Answer:
        try:
            response = await self._http.request(method, path, **more)
        except httpx2.TransportError as error:
            raise AwayError(
                f"Nothing answers at {self.url} ({type(error).__name__}). Check the address "
                "(--url or CAUSEWAY_PUBLIC_URL) and that Causeway runs.",
                code="unreachable",
            ) from None
        return _answer(response)


def _answer(response: httpx2.Response) -> Answer:
    body = _json(response)
    if response.is_success:
        return Answer(body, response.text, response.headers.get("ETag", ""))
    told = body if isinstance(body, dict) else {}
    detail = str(told.get("detail") or f"{response.url} answered {response.status_code}.")
    if response.status_code in AWAY:
        wait = response.headers.get("Retry-After", "")
        raise AwayError(
            detail, code="unavailable", retry_after=float(wait) if wait.isdigit() else None
        )
    if not told:
        detail += " That is no answer of Causeway: check the address (--url)."
    fields = {str(one["field"]): str(one["message"]) for one in told.get("errors", [])}
    kind = str(told.get("type", "")).removeprefix(PREFIX)
    raise RefusedError(response.status_code, kind, detail, fields)


def _json(response: httpx2.Response) -> Any:
    if "json" not in response.headers.get("Content-Type", ""):
        return None
    try:
        return response.json()
    except ValueError:
        return None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(
            f"{url!r} is no address of a deployment. Give its origin, as in "
            "https://causeway.example, with --url or CAUSEWAY_PUBLIC_URL."
        )
    return url.rstrip("/")


class UsageError(CausewayError):
    """The command line, the environment or a file is wrong; nothing was done."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="usage")
