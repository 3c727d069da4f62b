"""The latest calls of anybody, for people who want to see what is going on."""

import time
from collections import deque
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.simulators.machinery.clock import VirtualClock
from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX

KEPT_CALLS = 200
PAGES = ("/", "/records", "/favicon.ico")
"""What people look at is no call."""
MAX_PATH = 300
"""Characters of a path that are kept: a caller may send thousands."""


@dataclass(frozen=True, slots=True)
class SeenCall:
    """One call; ``at`` in milliseconds of the virtual clock, ``status`` 0 if it was cut off."""

    at: int
    method: str
    path: str
    status: int
    milliseconds: float


class RecentCalls:
    """The last ``KEPT_CALLS`` calls, the newest first."""

    def __init__(self) -> None:
        self._calls: deque[SeenCall] = deque(maxlen=KEPT_CALLS)

    def note(self, call: SeenCall) -> None:
        """Remember a call that has been answered."""
        self._calls.appendleft(call)

    def latest(self) -> list[SeenCall]:
        """The newest first."""
        return list(self._calls)

    def reset(self) -> None:
        """Forget them."""
        self._calls.clear()


class Watching:
    """ASGI middleware around everything: notes method, path, status and time of each call.

    Queries are left out, they may hold codes and tokens.
    """

    def __init__(self, app: ASGIApp, *, recent: RecentCalls, clock: VirtualClock) -> None:
        self._app = app
        self._recent = recent
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_looked_at(scope["path"]):
            await self._app(scope, receive, send)
            return
        started, status = time.perf_counter(), 0
        path = scope["path"]

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            spent = (time.perf_counter() - started) * 1_000
            at = self._clock.milliseconds()
            self._recent.note(SeenCall(at, scope["method"], path[:MAX_PATH], status, spent))


def _is_looked_at(path: str) -> bool:
    return path.startswith((CONTROL_PREFIX, f"{PAGES[1]}/")) or path in PAGES
