"""A CRM on a string: answers from a function, and remembers what it was asked."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import httpx2

from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.mapper import HubSpotErrors
from shared.crm.salesforce.client import SalesforceClient
from shared.crm.salesforce.mapper import SalesforceErrors
from shared.crm.transport import (
    AccessToken,
    CallKind,
    ErrorMapper,
    LimitInfo,
    Transport,
)

ORIGIN = "https://crm.example"
Answer = Callable[[httpx2.Request], httpx2.Response]


class FakeTokens:
    """Hands out token-1, and the next one after each rejection."""

    def __init__(self) -> None:
        self.rejections: list[str] = []

    async def token(self) -> AccessToken:
        return AccessToken(
            f"token-{len(self.rejections) + 1}", ORIGIN, datetime(2026, 11, 24, tzinfo=UTC)
        )

    async def rejected(self, token: AccessToken) -> None:
        self.rejections.append(token.value)


class FakeMeter:
    """Counts what was taken; raises `refusal` in place of a permission when one is set."""

    def __init__(self) -> None:
        self.taken: list[CallKind] = []
        self.observed: list[LimitInfo] = []
        self.refusal: Exception | None = None

    async def take(self, kind: CallKind) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.taken.append(kind)

    def observe(self, info: LimitInfo) -> None:
        self.observed.append(info)


class Line:
    """The transport under test with the fakes around it."""

    def __init__(self, answer: Answer, family: ErrorMapper, **options: Any) -> None:
        self.requests: list[httpx2.Request] = []
        self.tokens = FakeTokens()
        self.meter = FakeMeter()
        self._answer = answer
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._handle))
        self.transport = Transport(self.http, self.tokens, self.meter, family=family, **options)

    def _handle(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        return self._answer(request)

    @property
    def paths(self) -> list[str]:
        return [f"{request.method} {request.url.path}" for request in self.requests]

    @property
    def bodies(self) -> list[Any]:
        return [sent(request) for request in self.requests]


class HubSpotLine(Line):
    def __init__(self, answer: Answer, **options: Any) -> None:
        super().__init__(answer, HubSpotErrors(), **options)
        self.client = HubSpotClient(self.transport)


class SalesforceLine(Line):
    def __init__(self, answer: Answer, **options: Any) -> None:
        super().__init__(answer, SalesforceErrors(), **options)
        self.client = SalesforceClient(self.transport)


def sent(request: httpx2.Request) -> Any:
    return json.loads(request.content) if request.content else None


def reply(
    body: object = None, status: int = 200, headers: Mapping[str, str] | None = None
) -> httpx2.Response:
    return httpx2.Response(status, json=body, headers=headers)


def page(status: int, words: str = "<html><body>Bad gateway</body></html>") -> httpx2.Response:
    return httpx2.Response(status, text=words, headers={"Content-Type": "text/html"})


def in_turn(answers: Iterable[httpx2.Response]) -> Answer:
    """One answer after the other; a call too many fails the test."""
    left = iter(answers)

    def answer(request: httpx2.Request) -> httpx2.Response:
        found = next(left, None)
        assert found is not None, f"an unexpected call: {request.method} {request.url.path}"
        return found

    return answer
