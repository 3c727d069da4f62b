"""How every call to a CRM is made: metered, authorised, bounded, and its errors named."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

import httpx2
import msgspec

from shared.crm.errors import CrmAuthError, CrmError, CrmFatalError
from shared.crm.watching import CallWatch, kind_of, template, unwatched
from shared.crm.wire import CONNECT_SECONDS, MAX_BODY_BYTES, TOTAL_SECONDS, exchange
from shared.telemetry.traces import Span, span

Params = Sequence[tuple[str, str]]
Files = Mapping[str, tuple[str | None, bytes, str]]
Xml = Callable[[str], bytes]
"""An XML body, given the access token: SOAP carries its session inside the envelope."""
_FIRST_ERROR_STATUS = 300
_ENCODER = msgspec.json.Encoder(decimal_format="number")
_NO_PATH = frozenset("\\ #")


class CallKind(StrEnum):
    """Which limit a call counts against; HubSpot has one of its own for searches."""

    CALL = "call"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class LimitInfo:
    """What the CRM itself says about its limits; None where it says nothing.

    `used` of `limit` calls of the day, and how many of the current burst remain.
    """

    used: int | None = None
    limit: int | None = None
    remaining_burst: int | None = None


@dataclass(frozen=True, slots=True)
class AccessToken:
    """A token and the origin that it is good for. The token itself never shows in a repr.

    `account_id` is the portal or the org that it opens, empty when nobody said.
    """

    value: str = field(repr=False)
    base_url: str
    expires_at: datetime
    account_id: str = ""


class TokenSource(Protocol):
    """Where tokens of one side of one connection come from."""

    async def token(self) -> AccessToken:
        """A token that should be good; CrmAuthError or another FatalError when none can be had."""
        ...

    async def rejected(self, token: AccessToken) -> None:
        """The CRM called this token expired: the next `token()` must be another one."""
        ...


class Meter(Protocol):
    """The right to make calls, and the ear for what the CRM says about its limits."""

    async def take(self, kind: CallKind) -> None:
        """Permission for one call; RetriableError when the quota is used up."""
        ...

    def observe(self, info: LimitInfo) -> None:
        """What an answer's headers said."""
        ...


class ErrorMapper(Protocol):
    """What a CRM's answers mean."""

    @property
    def crm(self) -> str:
        """The CRM's name for people."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """What every call to this CRM carries."""
        ...

    def limits(self, headers: httpx2.Headers) -> LimitInfo | None:
        """What the headers say about limits, None when nothing."""
        ...

    def expired(self, response: httpx2.Response) -> bool:
        """Whether a new token would help. Not every 401 is an expiry."""
        ...

    def error(self, response: httpx2.Response) -> CrmError:
        """The error that an answer with status 300 or above stands for."""
        ...


class Transport:
    """Makes calls to one side of one connection."""

    def __init__(
        self,
        http: httpx2.AsyncClient,
        tokens: TokenSource,
        meter: Meter,
        *,
        family: ErrorMapper,
        total_seconds: float = TOTAL_SECONDS,
        watch: CallWatch = unwatched,
    ) -> None:
        self._http = http
        self._tokens = tokens
        self._meter = meter
        self._family = family
        self._total_seconds = total_seconds
        self._watch = watch

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        params: Params = (),
        headers: Mapping[str, str] | None = None,
        kind: CallKind = CallKind.CALL,
        files: Files | None = None,
        xml: Xml | None = None,
        max_bytes: int = MAX_BODY_BYTES,
    ) -> httpx2.Response:
        """The answer, with a status below 300 and its body read.

        `path` starts with one slash; `json` is anything msgspec encodes; with `xml` the token is
        in the body only. An answer of more than `max_bytes` is a CrmFatalError
        (crm_answer_too_large). The meter is asked before every call, the repeated one after a
        refused token included. Raises the families of shared.crm.errors, and what the token
        source and the meter raise.
        """
        sent = {**self._family.headers, **(headers or {})}
        content = _encoded(json)
        call = _Call(method, _checked(path), content, tuple(params), sent, files, xml, max_bytes)
        with span(f"CRM {kind_of(method, path)}", **self._attributes(call)) as opened:
            response = await self._answered(call, kind, opened)
            opened.set_attribute("http.response.status_code", response.status_code)
            if response.status_code >= _FIRST_ERROR_STATUS:
                raise self._family.error(response)
            return response

    async def _answered(self, call: "_Call", kind: CallKind, opened: Span) -> httpx2.Response:
        """The CRM's answer; a token that expired is replaced once."""
        token = await self._tokens.token()
        response = await self._send(call, token, kind)
        opened.set_attribute("calls", 1)
        if self._family.expired(response):
            await self._tokens.rejected(token)
            response = await self._send(call, await self._tokens.token(), kind)
            opened.set_attribute("calls", 2)
            if self._family.expired(response):
                raise self._still_expired(response)
        return response

    async def _send(self, call: "_Call", token: AccessToken, kind: CallKind) -> httpx2.Response:
        await self._meter.take(kind)
        request = call.request(self._http, token, self._total_seconds)
        response = await self._exchange(call, request)
        limits = self._family.limits(response.headers)
        if limits is not None:
            self._meter.observe(limits)
        return response

    async def _exchange(self, call: "_Call", request: httpx2.Request) -> httpx2.Response:
        """One call, timed; a call without an answer is told by why there is none."""
        crm, started, status = self._family.crm, time.perf_counter(), "cancelled"
        try:
            response = await exchange(
                self._http,
                request,
                crm=crm,
                total_seconds=self._total_seconds,
                max_bytes=call.max_bytes,
            )
            status = str(response.status_code)
        except CrmError as error:
            status = error.code
            raise
        else:
            return response
        finally:
            self._watch(
                side=crm.lower(),
                kind=kind_of(call.method, call.path),
                status=status,
                seconds=time.perf_counter() - started,
            )

    def _attributes(self, call: "_Call") -> dict[str, str]:
        return {
            "crm": self._family.crm,
            "http.request.method": call.method,
            "http.route": template(call.path),
        }

    def _still_expired(self, response: httpx2.Response) -> CrmAuthError:
        known = self._family.error(response)
        return CrmAuthError(
            f"{self._family.crm} refused a fresh access token as well. Connect it again on the "
            "connection's page.",
            code=known.code,
            status=response.status_code,
        )


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    content: bytes | None
    params: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    files: Files | None
    xml: Xml | None
    max_bytes: int

    def request(
        self, http: httpx2.AsyncClient, token: AccessToken, total_seconds: float
    ) -> httpx2.Request:
        more: dict[str, Any] = {"params": self.params} if self.params else {}
        return http.build_request(
            self.method,
            token.base_url.rstrip("/") + self.path,
            content=self.content if self.xml is None else self.xml(token.value),
            files=self.files,
            headers=self._headers(token),
            timeout=httpx2.Timeout(total_seconds, connect=CONNECT_SECONDS),
            **more,
        )

    def _headers(self, token: AccessToken) -> dict[str, str]:
        if self.xml is not None:
            return {"Accept": "text/xml", "Content-Type": "text/xml; charset=UTF-8", **self.headers}
        headers = {"Accept": "application/json", **self.headers}
        headers["Authorization"] = f"Bearer {token.value}"
        if self.content is not None:
            headers["Content-Type"] = "application/json"
        return headers


def _encoded(json: object) -> bytes | None:
    return None if json is None else _ENCODER.encode(json)


def _checked(path: str) -> str:
    """A path that cannot lead to another host, even when it came out of an answer."""
    readable = path.isascii() and path.isprintable() and not _NO_PATH & set(path)
    if readable and path.startswith("/") and not path.startswith("//"):
        return path
    raise CrmFatalError(
        "A CRM named a follow-up address that is not a path of its own host; it was not called.",
        code="crm_path_refused",
    )
