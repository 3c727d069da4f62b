"""The connection and the quota service as a worker sees them, in this process.

They hold state: which token each side has now, how many calls are left, which grants are dead.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
from fastapi import APIRouter, FastAPI

from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.security.tokens import TokenKey
from shared.web.peers import CrmAccess, Peer
from shared.web.problems import Problem, install_problem_handlers

LIFE = timedelta(hours=1)


class FakePeers:
    """Both services. `origins` is each side's base URL, `granted` its access token."""

    def __init__(self, origins: dict[Side, str], granted: dict[Side, str]) -> None:
        self.origins = origins
        self.granted = granted
        self.fresh: dict[Side, str] = {}
        self.dead: set[Side] = set()
        self.calls_left = 10_000
        self.purposes: set[str] = set()

    def app(self) -> FastAPI:
        app = FastAPI()
        install_problem_handlers(app)
        app.include_router(self._connection())
        app.include_router(self._quota())
        return app

    def _connection(self) -> APIRouter:
        router = APIRouter(prefix="/api/v1/connections")

        @router.post("/{connection_id}/tokens/{side}")
        async def token(connection_id: UUID, side: Side, body: dict[str, Any]) -> dict[str, str]:
            assert connection_id
            if side in self.dead:
                raise Problem(
                    409, type="connection-broken", title="Broken", detail="Connect again."
                )
            known = hashlib.sha256(self.granted[side].encode()).hexdigest()
            if body["rejected"] == known and side in self.fresh:
                self.granted[side] = self.fresh.pop(side)
            return {
                "access_token": self.granted[side],
                "base_url": self.origins[side],
                "expires_at": (datetime.now(UTC) + LIFE).isoformat(),
            }

        return router

    def _quota(self) -> APIRouter:
        router = APIRouter(prefix="/api/v1/quota/leases")

        @router.post("", status_code=201)
        async def lease(body: dict[str, Any]) -> dict[str, object]:
            self.purposes.add(body["purpose"])
            granted = min(int(body["calls"]), self.calls_left)
            if granted < 1:
                raise Problem(
                    429,
                    type="quota-exhausted",
                    title="Exhausted",
                    detail="No calls are left today.",
                    extra={"retry_after": 1800},
                )
            self.calls_left -= granted
            expires = (datetime.now(UTC) + LIFE).isoformat()
            return {"lease_id": str(new_id()), "granted": granted, "expires_at": expires}

        @router.post("/{lease_id}/return", status_code=204)
        async def give_back(lease_id: UUID, body: dict[str, Any]) -> None:
            assert lease_id
            assert body["used"] >= 0

        return router

    def access(self) -> CrmAccess:
        """What a worker gets its tokens and calls from."""
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=self.app()))
        key = TokenKey.generate()

        def peer(audience: str) -> Peer:
            return Peer(
                client,
                base_url="http://peers",
                audience=audience,
                token_key=key,
                subject="test",
                clock=SystemClock(),
            )

        return CrmAccess(peer("connection"), peer("quota"))


async def simulated(hubspot: str, salesforce: str) -> FakePeers:
    """Peers of a connection that joins two simulators."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        one = (await http.post(f"{hubspot}/_control/token", json={})).json()
        other = (await http.post(f"{salesforce}/_control/grant", json={})).json()
    return FakePeers(
        {Side.HUBSPOT: hubspot, Side.SALESFORCE: salesforce},
        {Side.HUBSPOT: one["access_token"], Side.SALESFORCE: other["access_token"]},
    )
