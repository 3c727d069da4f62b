"""The one HTTP server of a process: bound before anything starts, stopped after the loops."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from shared.kernel.errors import FatalError

BACKLOG = 1024  # connections that wait while the loop is busy; a webhook burst opens hundreds
KEEP_ALIVE_SECONDS = 75  # longer than the idle time of usual proxies, so that they close first
DRAIN_SECONDS = 5  # for requests in flight at the stop; ours are short


class CannotListenError(FatalError):
    """The port is taken or not allowed."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; CannotListenError says which address and why. Port 0 takes a free one.

    Whoever connects before the server accepts waits, and is not refused.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, socket.SOCK_STREAM)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
            bound.listen(BACKLOG)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise CannotListenError(
            f"Cannot listen on {host}:{port} ({error.strerror}). Stop what uses that port, or set "
            "CAUSEWAY_HOST and CAUSEWAY_PORT.",
            code="cannot_listen",
        ) from None
    return bound


class HttpServer(uvicorn.Server):
    """Uvicorn without signal handlers of its own: the process decides when HTTP stops."""

    def __init__(self, app: FastAPI, bound: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,  # configure_logs has set the handlers
            access_log=False,  # paths with callback codes would be in it; ours has templates
            lifespan="off",
            server_header=False,
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        super().__init__(config)
        self._bound = bound
        self._task: asyncio.Task[None] | None = None

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to the process."""
        yield

    def start(self) -> asyncio.Task[None]:
        """Serve in a task, which ends only by `stop` or by a failure."""
        self._task = asyncio.create_task(self.serve(sockets=[self._bound]), name="http")
        return self._task

    async def stop(self) -> None:
        """Accept no more, let requests in flight finish, and return."""
        self.should_exit = True
        if self._task is not None:
            await asyncio.wait({self._task})
