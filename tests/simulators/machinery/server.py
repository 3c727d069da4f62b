"""Runs a simulator as a process of its own."""

import asyncio
import signal
import socket
import sys
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from tests.simulators.machinery.misbehaviour import DROP_EXTENSION

HOST = "127.0.0.1"
BACKLOG = 512
"""Connections that may wait to be accepted: a test with hundreds of clients is no overload."""
READY_NOTE = "simulator.ready_note"
"""What an application's lifespan yields under this name follows the address in the ready line."""
GRACE_SECONDS = 3
"""How long a stop waits for the answers under way."""


class DroppableProtocol(HttpToolsProtocol):
    """HTTP/1.1 that offers the application to cut the connection without an answer."""

    def on_message_begin(self) -> None:
        """A new request: its scope gets the offer."""
        super().on_message_begin()
        self.scope["extensions"] = {DROP_EXTENSION: self.transport.abort}  # type: ignore[dict-item]


class _Server(uvicorn.Server):
    """Says where it listens as soon as it does."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if sockets and not self.should_exit:
            port = sockets[0].getsockname()[1]
            note = self.lifespan.state.get(READY_NOTE, "")
            sys.stdout.write(f"ready http://{HOST}:{port} {note}".rstrip() + "\n")
            sys.stdout.flush()


def serve(app: ASGIApp, *, port: int) -> None:
    """Serve ``app`` on 127.0.0.1 until SIGTERM or SIGINT, then return.

    Port 0 picks a free one. Prints ``ready http://127.0.0.1:PORT`` once it answers.
    """
    config = uvicorn.Config(
        app,
        http=DroppableProtocol,
        loop="uvloop",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    with socket.create_server((HOST, port), backlog=BACKLOG) as listener:
        _take_signals_as_answered()
        with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner:
            runner.run(_Server(config).serve(sockets=[listener]))


def _take_signals_as_answered() -> None:
    """uvicorn raises the signal again once it has stopped; that must not end in exit code -15."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _nothing_left_to_do)


def _nothing_left_to_do(_number: int, _frame: FrameType | None) -> None:
    """The server has stopped already."""
