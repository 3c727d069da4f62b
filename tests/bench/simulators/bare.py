"""A server that reads a batch and answers as many bytes: the speed that nobody here can beat.

``python -m tests.bench.simulators.bare`` runs on the same server software as the simulators, so
what a simulator needs beyond it is its own work, and what it needs itself is HTTP and the client.
"""

from typing import Annotated

import typer
from starlette.requests import Request as Received
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from tests.bench.comparing import Run
from tests.bench.simulators.wire import Request, Server
from tests.simulators.machinery.server import serve

RECORD = b'{"id": "1", "properties": {"name": "' + b"x" * 560 + b'"}}'
"""About as long as a record is on its way in or out."""


def exchange(server: Server, items: int, *, batch: int) -> Run:
    """Batches of that many records there and back."""
    requests = [
        Request("POST", "/", b"[" + b",".join([RECORD] * min(batch, items - first)) + b"]")
        for first in range(0, items, batch)
    ]
    answers, spent = server.timed(requests)
    arrived = sum(answer.count(b'"id"') for answer in answers)
    return Run(items, arrived, spent.seconds, spent.core_seconds)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "http":
        await Response(await Received(scope, receive).body())(scope, receive, send)


def main(
    *,
    port: Annotated[int, typer.Option(help="Where it listens; 0 picks a free port.")] = 0,
    control: Annotated[bool, typer.Option(help="There is nothing to control.")] = False,
) -> None:
    """Answer every body with itself."""
    serve(echo, port=port)


if __name__ == "__main__":
    typer.run(main)
