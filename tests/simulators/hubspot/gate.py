"""What every API call passes before it is looked at: token, scopes, rate limit, the bill."""

import uuid_utils
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.simulators.hubspot.errors import HubSpotError
from tests.simulators.hubspot.portal import Portal
from tests.simulators.hubspot.scopes import required_scopes
from tests.simulators.hubspot.tokens import missing_scopes
from tests.simulators.hubspot.wire import CORRELATION_HEADER, refusal
from tests.simulators.machinery.calls import endpoint

API_PREFIXES = (
    "/crm/",
    "/account-info/",
    "/appinstalls/",
    "/marketing/",
    "/form-integrations/",
    "/submissions/v3/integration/secure/",
    "/email/",
)
"""Paths that need an access token and count.

Token endpoints, webhook settings and the open way into a form do not.
"""
CORRELATION_ID = "correlation_id"
SCOPES = "scopes"
"""Of the token, for answers that depend on them."""


class Gate:
    """ASGI middleware in front of the API's routes."""

    def __init__(self, app: ASGIApp, *, portal: Portal) -> None:
        self._app = app
        self._portal = portal

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        correlation_id = str(uuid_utils.uuid7())
        scope.setdefault("state", {})[CORRELATION_ID] = correlation_id
        scope["path"] = scope["path"].rstrip("/") or "/"
        headers = {CORRELATION_HEADER: correlation_id}
        try:
            headers |= self._admit(scope)
        except HubSpotError as problem:
            answer = refusal(problem, correlation_id)
            await answer(scope, receive, _with_headers(send, headers))
            return
        await self._app(scope, receive, _with_headers(send, headers))

    def _admit(self, scope: Scope) -> dict[str, str]:
        """Rate-limit headers of a call that may go on. HubSpotError 401, 403 or 429 if not."""
        path, method = scope["path"], scope["method"]
        if not path.startswith(API_PREFIXES):
            return {}
        access = self._portal.tokens.authenticate(_authorization(scope))
        scope["state"][SCOPES] = access.scopes
        name = endpoint(method, path)
        try:
            headers = self._portal.limits.admit(path)
        except HubSpotError:
            self._portal.machinery.calls.reject(name)
            raise
        self._portal.machinery.calls.accept(name)
        wanted = required_scopes(method, path)
        if wanted and not set(wanted).intersection(access.scopes):
            raise missing_scopes(wanted[:1])
        return headers


def _authorization(scope: Scope) -> str:
    found = [value for name, value in scope["headers"] if name == b"authorization"]
    return found[0].decode("latin-1") if found else ""


def _with_headers(send: Send, headers: dict[str, str]) -> Send:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *raw]}
        await send(message)

    return sending
