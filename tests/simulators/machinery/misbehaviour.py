"""The outermost layer of a simulator: carries out the faults that were asked for."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.simulators.machinery.faults import DEFAULT_STATUS, Fault, FaultBoard

DROP_EXTENSION = "simulator.drop"
"""The ASGI extension under which the server offers to cut the connection (see ``server.py``)."""
CONTROL_PREFIX = "/_control"
"""The control plane itself never misbehaves."""
SLOW_PIECES = 10
"""A slow body arrives in this many pieces: each is late, none is so late that a read times out."""
HTML_PAGE = b"<html><head><title>%d</title></head><body><h1>Something went wrong</h1></body></html>"


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """A complete answer that the simulated CRM gives for a condition."""

    status: int
    headers: dict[str, str]
    body: bytes


AnswerFault = Callable[[Fault, str, str], CannedAnswer]
"""(fault, method, path) -> the exact answer that this CRM gives for ``fault.code``."""


class Misbehaviour:
    """ASGI middleware that lets matching calls fail in the way of their fault."""

    def __init__(self, app: ASGIApp, *, board: FaultBoard, answer: AnswerFault) -> None:
        self._app = app
        self._board = board
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PREFIX):
            await self._app(scope, receive, send)
            return
        fault = self._board.take(scope["method"], scope["path"])
        if fault is None:
            await self._app(scope, receive, send)
        else:
            await self._carry_out(fault, scope, receive, send)

    async def _carry_out(self, fault: Fault, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind:
            case "latency":
                await asyncio.sleep(fault.seconds)
                await self._app(scope, receive, send)
            case "http":
                await _answer(self._answer(fault, scope["method"], scope["path"]), send)
            case "html":
                await _answer(_html(fault.status or DEFAULT_STATUS), send)
            case "drop_before":
                await _drop(scope, receive)
            case "drop_after":
                await self._app(scope, receive, _nowhere)
                await _drop(scope, receive)
            case "slow_body":
                await self._app(scope, receive, _Slowly(send, fault.seconds))


async def _nowhere(_message: Message) -> None:
    """Where an answer goes whose connection is about to be cut."""


async def _drop(scope: Scope, receive: Receive) -> None:
    scope["extensions"][DROP_EXTENSION]()
    while (await receive())["type"] != "http.disconnect":
        pass


def _html(status: int) -> CannedAnswer:
    return CannedAnswer(status, {"content-type": "text/html; charset=utf-8"}, HTML_PAGE % status)


async def _answer(answer: CannedAnswer, send: Send) -> None:
    headers = {**answer.headers, "content-length": str(len(answer.body))}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
    await send({"type": "http.response.body", "body": answer.body})


class _Slowly:
    """A ``send`` that lets the body trickle."""

    def __init__(self, send: Send, seconds: float) -> None:
        self._send = send
        self._seconds = seconds

    async def __call__(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            await self._send(message)
            return
        body: bytes = message.get("body", b"")
        size = max(1, -(-len(body) // SLOW_PIECES))
        starts = range(0, len(body), size)
        for start in starts:
            await asyncio.sleep(self._seconds / len(starts))
            piece = body[start : start + size]
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        rest = {"type": "http.response.body", "body": b"", "more_body": message.get("more_body")}
        await self._send(rest)
