import asyncio
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from shared.crm.errors import CrmAuthError
from shared.crm.transport import AccessToken, CallKind, LimitInfo
from shared.kernel.records import Side
from shared.security.tokens import Principal, Role, TokenKey, verify
from shared.telemetry.traces import configure_traces, span
from shared.web.peers import (
    CrmAccess,
    LeasedMeter,
    Peer,
    PeerRefusedError,
    PeerUnavailableError,
    QuotaExhaustedError,
)
from shared.web.peers.access import AccountChangedError

KEY = TokenKey.generate()
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CONNECTION = UUID("0191a2b3-0000-7000-8000-000000000001")
Answer = Callable[[httpx2.Request], httpx2.Response]


class MovingClock:
    def __init__(self) -> None:
        self.at = NOW

    def now(self) -> datetime:
        return self.at


def peer(answer: Any, *, audience: str = "quota", clock: MovingClock | None = None) -> Peer:
    return Peer(
        httpx2.AsyncClient(transport=httpx2.MockTransport(answer)),
        base_url="http://causeway:8080/",
        audience=audience,
        token_key=KEY,
        subject="contact_sync",
        clock=clock or MovingClock(),
    )


def problem(status: int, kind: str, detail: str, **extra: Any) -> httpx2.Response:
    body = {"type": f"urn:causeway:problem:{kind}", "status": status, "detail": detail, **extra}
    return httpx2.Response(status, json=body)


async def test_a_call_carries_a_token_for_that_service_and_the_trace() -> None:
    seen: list[httpx2.Request] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        seen.append(request)
        return httpx2.Response(200, json={"ok": True})

    configure_traces(service="tests", export_path=None)
    with span("drain"):
        got = await peer(answer).get("/api/v1/quota/7", params={"day": "today"})
    assert got == {"ok": True}
    (request,) = seen
    assert str(request.url) == "http://causeway:8080/api/v1/quota/7?day=today"
    scheme, token = request.headers["authorization"].split()
    assert scheme == "Bearer"
    principal = verify(KEY, token, audience="quota", now=NOW)
    assert principal == Principal("contact_sync", Role.SERVICE)
    assert request.headers["traceparent"].startswith("00-")


async def test_a_person_can_be_acted_for() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(
            200, json=[request.headers[n] for n in ("authorization", "if-match")]
        )

    response = await peer(answer).request(
        "PUT", "/x", json={}, headers={"If-Match": '"3"'}, bearer="persons-token"
    )
    assert response.json() == ["Bearer persons-token", '"3"']


async def test_an_answer_without_a_body_is_none() -> None:
    assert await peer(lambda _: httpx2.Response(204)).post("/x") is None


@pytest.mark.parametrize("status", [400, 403, 404, 409, 422])
async def test_a_refusal_is_fatal_and_keeps_the_peers_words(status: int) -> None:
    refused = peer(lambda _: problem(status, "no-such-lease", "That lease is unknown."))
    with pytest.raises(PeerRefusedError, match=r"^That lease is unknown\.$") as caught:
        await refused.post("/x", json={})
    assert (caught.value.code, caught.value.status) == ("no_such_lease", status)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
async def test_what_may_pass_is_retriable(status: int) -> None:
    away = peer(lambda _: problem(status, "blocked", "The broker is full.", retry_after=7))
    with pytest.raises(PeerUnavailableError, match=r"The broker is full\.") as caught:
        await away.get("/x")
    assert (caught.value.code, caught.value.retry_after) == ("blocked", 7)


async def test_the_header_says_when_the_body_does_not() -> None:
    away = peer(lambda _: httpx2.Response(503, headers={"Retry-After": "3"}, text="proxy"))
    with pytest.raises(PeerUnavailableError, match="quota answered 503") as caught:
        await away.get("/x")
    assert (caught.value.code, caught.value.retry_after) == ("peer_status_503", 3)


async def test_a_date_as_retry_after_is_nobodys_number() -> None:
    date = {"Retry-After": "Sun, 01 Mar 2026 12:00:00 GMT"}
    with pytest.raises(PeerUnavailableError) as caught:
        await peer(lambda _: httpx2.Response(503, headers=date)).get("/x")
    assert caught.value.retry_after is None


async def test_silence_is_retriable_and_names_the_service() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("refused", request=request)

    with pytest.raises(PeerUnavailableError, match="quota does not answer") as caught:
        await peer(answer).get("/x")
    assert (caught.value.code, caught.value.status) == ("peer_unreachable", 0)


@pytest.mark.parametrize(
    "response",
    [httpx2.Response(200, text="<html>"), httpx2.Response(302, headers={"Location": "/login"})],
)
async def test_somebody_else_answering_is_not_mistaken_for_the_peer(
    response: httpx2.Response,
) -> None:
    with pytest.raises(PeerUnavailableError):
        await peer(lambda _: response).get("/x")


class Grants:
    """The connection service: a new token for every rejected one, valid for an hour."""

    def __init__(self, clock: MovingClock) -> None:
        self.clock = clock
        self.asked: list[dict[str, Any]] = []
        self.paths: list[str] = []
        self.failure: httpx2.Response | None = None
        self.account_id: str | None = None
        self.reached = asyncio.Event()
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(json.loads(request.content))
        self.paths.append(request.url.path)
        self.reached.set()
        await self.open.wait()
        if self.failure:
            return self.failure
        expires = self.clock.at + timedelta(hours=1)
        return httpx2.Response(
            200,
            json={
                "access_token": f"token-{len(self.asked)}",
                "base_url": "https://api.hubapi.com",
                "expires_at": expires.isoformat(),
                "account_id": self.account_id,
            },
        )


class Bank:
    """The quota service: grants what is asked, up to `left`, for 30 seconds."""

    def __init__(self, clock: MovingClock, *, left: int = 1000) -> None:
        self.clock = clock
        self.left = left
        self.leases: list[dict[str, Any]] = []
        self.returns: list[tuple[str, dict[str, Any]]] = []
        self.away = False

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        body = json.loads(request.content)
        if request.url.path.endswith("/return"):
            if self.away:
                return httpx2.Response(503)
            self.returns.append((request.url.path.split("/")[-2], body))
            return httpx2.Response(204)
        if self.left == 0:
            return problem(429, "quota-exhausted", "No calls until midnight.", retry_after=3600)
        granted = min(self.left, body["calls"])
        self.left -= granted
        self.leases.append(body)
        return httpx2.Response(
            201,
            json={
                "lease_id": f"lease-{len(self.leases)}",
                "granted": granted,
                "expires_at": (self.clock.at + timedelta(seconds=30)).isoformat(),
            },
        )


class World:
    def __init__(self, *, left: int = 1000) -> None:
        self.clock = MovingClock()
        self.grants = Grants(self.clock)
        self.bank = Bank(self.clock, left=left)
        self.access = CrmAccess(
            peer(self.grants, audience="connection", clock=self.clock),
            peer(self.bank, clock=self.clock),
        )

    async def token(self) -> AccessToken:
        return await self.access.token(CONNECTION, Side.HUBSPOT)

    def meter(self, purpose: str = "live") -> LeasedMeter:
        return self.access.meter(CONNECTION, Side.HUBSPOT, purpose=purpose)


async def test_a_token_is_asked_once_and_kept_until_a_minute_before_its_end() -> None:
    world = World()
    token = await world.token()
    assert token == AccessToken(
        value="token-1", base_url="https://api.hubapi.com", expires_at=NOW + timedelta(hours=1)
    )
    world.clock.at += timedelta(minutes=58, seconds=59)
    assert (await world.token()).value == "token-1"
    world.clock.at += timedelta(seconds=1)
    assert (await world.token()).value == "token-2"
    assert world.grants.asked == [{"rejected": None}, {"rejected": None}]
    assert set(world.grants.paths) == {f"/api/v1/connections/{CONNECTION}/tokens/hubspot"}


async def test_each_side_has_its_own() -> None:
    world = World()
    await world.token()
    await world.access.token(CONNECTION, Side.SALESFORCE)
    assert [path.rsplit("/", 1)[1] for path in world.grants.paths] == ["hubspot", "salesforce"]


async def test_a_token_says_which_account_it_opens() -> None:
    world = World()
    world.grants.account_id = "62515"
    assert (await world.token()).account_id == "62515"


async def test_a_kept_token_of_another_account_is_asked_for_anew() -> None:
    world = World()
    world.grants.account_id = "00D1"
    await world.access.token(CONNECTION, Side.SALESFORCE)
    world.grants.account_id = "00D2"
    bound = world.access.token_source(CONNECTION, Side.SALESFORCE, account_id="00D2")
    assert (await bound.token()).value == "token-2"
    assert (await bound.token()).value == "token-2"


async def test_nobody_talks_to_another_account_than_was_meant() -> None:
    world = World()
    world.grants.account_id = "00D2"
    bound = world.access.token_source(CONNECTION, Side.SALESFORCE, account_id="00D1")
    with pytest.raises(AccountChangedError) as caught:
        await bound.token()
    assert (caught.value.code, caught.value.retry_after) == ("account_changed", 5.0)
    assert (await world.access.token_source(CONNECTION, Side.SALESFORCE).token()).account_id


async def test_a_grant_of_an_older_version_names_no_account_and_fits_all() -> None:
    world = World()
    bound = world.access.token_source(CONNECTION, Side.SALESFORCE, account_id="00D1")
    assert (await bound.token()).value == "token-1"


async def test_tasks_that_need_the_same_token_share_one_request() -> None:
    world = World()
    world.grants.open.clear()
    waiting = [asyncio.create_task(world.token()) for _ in range(5)]
    await world.grants.reached.wait()
    waiting[0].cancel()
    world.grants.open.set()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert isinstance(results[0], asyncio.CancelledError)
    assert {token.value for token in results[1:]} == {"token-1"}  # type: ignore[union-attr]
    assert len(world.grants.asked) == 1


async def test_they_share_its_failure_and_the_next_one_asks_again() -> None:
    world = World()
    world.grants.failure = httpx2.Response(503)
    results = await asyncio.gather(*(world.token() for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [PeerUnavailableError] * 3
    assert len(world.grants.asked) == 1
    world.grants.failure = None
    assert (await world.token()).value == "token-2"


async def test_a_refused_token_is_reported_by_its_hash_and_replaced() -> None:
    world = World()
    source = world.access.token_source(CONNECTION, Side.HUBSPOT)
    first = await source.token()
    await source.rejected(first)
    assert (await source.token()).value == "token-2"
    digest = hashlib.sha256(b"token-1").hexdigest()
    assert world.grants.asked == [{"rejected": None}, {"rejected": digest}]


async def test_a_late_refusal_of_an_old_token_leaves_the_new_one_alone() -> None:
    world = World()
    first = await world.token()
    await world.access.rejected(CONNECTION, Side.HUBSPOT, first)
    await world.token()
    await world.access.rejected(CONNECTION, Side.HUBSPOT, first)
    assert (await world.token()).value == "token-2"


async def test_a_refusal_is_not_forgotten_when_the_answer_fails() -> None:
    world = World()
    await world.access.rejected(CONNECTION, Side.HUBSPOT, await world.token())
    world.grants.failure = httpx2.Response(503)
    with pytest.raises(PeerUnavailableError):
        await world.token()
    world.grants.failure = None
    await world.token()
    digest = hashlib.sha256(b"token-1").hexdigest()
    assert [asked["rejected"] for asked in world.grants.asked] == [None, digest, digest]


async def test_a_dead_grant_is_an_error_of_the_crm() -> None:
    world = World()
    world.grants.failure = problem(409, "connection-broken", "HubSpot revoked the grant.")
    with pytest.raises(CrmAuthError, match="HubSpot revoked the grant") as caught:
        await world.token()
    assert caught.value.code == "connection_broken"


async def test_an_unknown_connection_stays_the_peers_refusal() -> None:
    world = World()
    world.grants.failure = problem(404, "no-such-connection", "It was removed.")
    with pytest.raises(PeerRefusedError, match="It was removed"):
        await world.token()


async def test_an_answer_of_another_version_is_noticed() -> None:
    world = World()
    world.grants.failure = httpx2.Response(200, json={"token": "x"})
    with pytest.raises(PeerUnavailableError, match="same version"):
        await world.token()


async def test_calls_are_taken_in_blocks_and_the_rest_goes_back() -> None:
    world = World()
    async with world.meter() as meter:
        for _ in range(13):
            await meter.take(CallKind.CALL)
        meter.observe(LimitInfo(used=400, limit=15000, remaining_burst=90))
        meter.observe(LimitInfo(used=None, limit=None, remaining_burst=89))
    assert (
        world.bank.leases
        == [
            {
                "connection_id": str(CONNECTION),
                "side": "hubspot",
                "kind": "call",
                "calls": 10,
                "purpose": "live",
            }
        ]
        * 2
    )
    assert world.bank.returns == [
        ("lease-1", {"used": 10, "reported_used": None, "reported_limit": None}),
        ("lease-2", {"used": 3, "reported_used": 400, "reported_limit": 15000}),
    ]


async def test_imports_take_more_and_searches_their_own() -> None:
    world = World()
    async with world.meter("import") as meter:
        await meter.take(CallKind.CALL)
        await meter.take(CallKind.SEARCH)
    asked = [(lease["kind"], lease["calls"], lease["purpose"]) for lease in world.bank.leases]
    assert asked == [("call", 50, "import"), ("search", 5, "import")]


async def test_nothing_is_leased_for_nothing() -> None:
    world = World()
    async with world.meter():
        pass
    assert (world.bank.leases, world.bank.returns) == ([], [])


async def test_a_lease_that_ran_out_is_not_used() -> None:
    world = World()
    async with world.meter() as meter:
        await meter.take(CallKind.CALL)
        world.clock.at += timedelta(seconds=29)
        await meter.take(CallKind.CALL)
    assert [lease_id for lease_id, _ in world.bank.returns] == ["lease-1", "lease-2"]


async def test_tasks_share_the_block() -> None:
    world = World()
    async with world.meter() as meter:
        await asyncio.gather(*(meter.take(CallKind.CALL) for _ in range(10)))
    assert len(world.bank.leases) == 1


async def test_when_no_call_is_left_it_says_when_to_come_back() -> None:
    world = World(left=2)
    async with world.meter() as meter:
        await meter.take(CallKind.CALL)
        await meter.take(CallKind.CALL)
        with pytest.raises(QuotaExhaustedError, match="No calls until midnight") as caught:
            await meter.take(CallKind.CALL)
    assert (caught.value.code, caught.value.retry_after) == ("quota_exhausted", 3600)
    assert world.bank.returns == [
        ("lease-1", {"used": 2, "reported_used": None, "reported_limit": None})
    ]


async def test_a_grant_of_nothing_is_exhaustion_too() -> None:
    clock = MovingClock()
    empty = {"lease_id": "x", "granted": 0, "expires_at": NOW.isoformat()}
    quota = peer(lambda _: httpx2.Response(201, json=empty), clock=clock)
    with pytest.raises(QuotaExhaustedError) as caught:
        await LeasedMeter(quota, CONNECTION, Side.HUBSPOT, purpose="live").take(CallKind.CALL)
    assert caught.value.retry_after == 60


async def test_nothing_is_called_uncounted_while_quota_is_away() -> None:
    quota = peer(lambda _: httpx2.Response(503))
    with pytest.raises(PeerUnavailableError):
        await LeasedMeter(quota, CONNECTION, Side.HUBSPOT, purpose="live").take(CallKind.CALL)


async def test_an_unreadable_lease_is_noticed() -> None:
    quota = peer(lambda _: httpx2.Response(201, json={"lease": 1}))
    with pytest.raises(PeerUnavailableError, match="same version"):
        await LeasedMeter(quota, CONNECTION, Side.HUBSPOT, purpose="live").take(CallKind.CALL)


async def test_work_that_is_done_does_not_fail_over_a_return() -> None:
    world = World()
    async with world.meter() as meter:
        await meter.take(CallKind.CALL)
        world.bank.away = True
    assert world.bank.returns == []
