"""The other services over HTTP, behind the console's ports."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from services.console.ports import Caller, Reader, RefusedError, SilentError
from shared.web.peers import Peer, PeerRefusedError, PeerUnavailableError

PAGE_SECONDS = 5.0
"""All reads of a page together: a page with a gap now is better than a whole one later."""

COMMAND_SECONDS = 15.0
"""A command may ask a CRM (the recommended settings read both); a peer's own limit is shorter."""

AT_ONCE = 16
"""Calls in flight for one page: the overview asks five services about each connection."""

PeerNamed = Callable[[str], Peer]


class PeerServices:
    """The `Services` port over peers; the HTTP client is closed by whoever made it."""

    def __init__(self, peer: PeerNamed) -> None:
        self._peer = peer

    def as_person(self, bearer: str) -> Caller:
        """The clock of the page starts here. ValueError without a token: none may stand in."""
        if not bearer:
            raise ValueError("A call for a person needs that person's token.")
        return PeerCaller(self._peer, bearer)

    def as_itself(self) -> Reader:
        """Reads with the console's own token, which lets in where viewers may look."""
        return PeerCaller(self._peer, None)


class PeerCaller:
    """The `Caller` port for one request to the console; made inside the running loop.

    Without a bearer the calls are the console's own.
    """

    def __init__(self, peer: PeerNamed, bearer: str | None) -> None:
        self._peer = peer
        self._bearer = bearer
        self._room = asyncio.Semaphore(AT_ONCE)
        self._deadline = asyncio.get_running_loop().time() + PAGE_SECONDS

    async def get(
        self, service: str, path: str, params: Mapping[str, str | int] | None = None
    ) -> object:
        """A read, within the time of the page."""
        try:
            async with asyncio.timeout_at(self._deadline), self._room:
                return await self._call("GET", service, path, params=params)
        except TimeoutError:
            raise _silent(service, PAGE_SECONDS) from None

    async def post(
        self, service: str, path: str, json: object = None, *, request_key: str = ""
    ) -> object:
        """A command, made once: it is not repeated, as it may have been done."""
        headers = {"Idempotency-Key": request_key} if request_key else None
        try:
            async with asyncio.timeout(COMMAND_SECONDS):
                return await self._call("POST", service, path, json=json, headers=headers)
        except TimeoutError:
            raise _silent(service, COMMAND_SECONDS) from None

    async def _call(self, method: str, service: str, path: str, **more: Any) -> object:
        try:
            response = await self._peer(service).request(method, path, bearer=self._bearer, **more)
            return response.json() if response.content else None
        except PeerRefusedError as error:
            raise RefusedError(str(error), code=error.code, status=error.status) from None
        except PeerUnavailableError as error:
            raise SilentError(str(error), code=error.code) from None
        except ValueError:
            raise SilentError(
                f"The service {service} answered something that is not JSON. "
                "Check what answers at CAUSEWAY_PEER_URL.",
                code="answer_unreadable",
            ) from None


def _silent(service: str, seconds: float) -> SilentError:
    return SilentError(
        f"The service {service} did not answer within {seconds:g} seconds. "
        "Look at its log and its /readyz.",
        code="no_answer",
    )
