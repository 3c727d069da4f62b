"""One HubSpot address in front of several simulated portals, as the real one has.

A portal is chosen where a person chooses it: on the consent page. From then on the code, and every
token that comes of it, belongs to that portal.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

SECRETS = ("access_token", "refresh_token", "code")
HOP = frozenset({"host", "content-length", "transfer-encoding", "connection", "content-encoding"})
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


@dataclass
class Portals:
    """Which portal answers: that of the token or code, else the one that a person has open."""

    open: str = ""
    owners: dict[str, str] = field(default_factory=dict)

    def of(self, request: Request, form: Mapping[str, list[str]]) -> str:
        """The base URL of the portal that a request is for."""
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        named = [bearer, request.url.path.rpartition("/")[2]]
        named += [value for name in SECRETS for value in form.get(name, [])]
        return next((self.owners[one] for one in named if one in self.owners), self.open)

    def learn(self, portal: str, answer: httpx2.Response) -> None:
        """Whose are the code in a redirect and the tokens in an answer."""
        target = parse_qs(urlsplit(answer.headers.get("location", "")).query)
        found = target.get("code", [])
        if "json" in answer.headers.get("content-type", "") and b"_token" in answer.content:
            content = answer.json()
            found += [str(content[name]) for name in SECRETS if name in content]
        self.owners.update(dict.fromkeys(found, portal))


def front(portals: Portals, http: httpx2.AsyncClient) -> Starlette:
    """Hands every request on, and its answer back."""

    async def hand_on(request: Request) -> Response:
        body = await request.body()
        is_form = "urlencoded" in request.headers.get("content-type", "")
        form = parse_qs(body.decode()) if is_form else {}
        portal = portals.of(request, form)
        answer = await http.request(
            request.method,
            f"{portal}{request.url.path}",
            params=str(request.url.query),
            content=body,
            headers={k: v for k, v in request.headers.items() if k not in HOP},
        )
        portals.learn(portal, answer)
        kept = {k: v for k, v in answer.headers.items() if k not in HOP}
        return Response(answer.content, answer.status_code, kept)

    return Starlette(routes=[Route("/{rest:path}", hand_on, methods=METHODS)])


@asynccontextmanager
async def serving(portals: Portals, port: int) -> AsyncIterator[str]:
    """The front at a port of loopback; its address."""
    async with httpx2.AsyncClient(timeout=60.0, trust_env=False) as http:
        config = uvicorn.Config(front(portals, http), port=port, log_level="warning")
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.should_exit = True
            await running
