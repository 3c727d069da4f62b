"""Which calls a pre-flight makes, and how their answers are read."""

import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
import pytest

from services.connection.domain.connection import Grant
from services.connection.domain.features import Feature, rights_for
from services.connection.domain.seen import Calls, FieldSeen, HubSpotSeen, Org, Trouble
from services.connection.gateways import CrmScout
from services.connection.handlers.tokens import BrokenError
from shared.crm.errors import CrmLimitError
from shared.crm.transport import CallKind, LimitInfo, Meter
from shared.kernel.records import Side

CONNECTION = UUID(int=1)
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LIMITS = {"Sforce-Limit-Info": "api-usage=18/15000"}
RIGHTS = rights_for([Feature.MANAGED_PACKAGE])


class Counting:
    """A meter that counts, and grants `left` calls."""

    def __init__(self) -> None:
        self.taken = 0
        self.left = 9

    async def take(self, kind: CallKind) -> None:
        if kind is not CallKind.CALL or self.left == 0:
            raise CrmLimitError("No calls are granted.", code="quota_exhausted")
        self.left -= 1
        self.taken += 1

    def observe(self, info: LimitInfo) -> None:
        del info


class Place:
    """Both CRMs behind one transport; answers by the end of the path."""

    def __init__(self) -> None:
        self.meter = Counting()
        self.requests: list[httpx2.Request] = []
        self.answers: dict[str, tuple[int, Any]] = {}
        self.composite: dict[str, tuple[int, Any]] = {}
        self.token_error: Exception | None = None
        self.tokens_asked: list[str | None] = []
        self.http = httpx2.AsyncClient(transport=httpx2.MockTransport(self._answer))
        self.scout = CrmScout(self.http, self._token, self._open)

    async def _token(self, connection_id: UUID, side: Side, refused: str | None) -> Grant:
        self.tokens_asked.append(refused)
        if self.token_error is not None:
            raise self.token_error
        return Grant(
            connection_id=connection_id,
            side=side,
            access_token=f"token-{len(self.tokens_asked)}",
            refresh_token="r",
            expires_at=NOW + timedelta(hours=1),
            refreshed_at=NOW,
            base_url=f"https://{side.value}.example",
            scopes=frozenset(),
            granted_at=NOW,
        )

    def _open(self, connection_id: UUID, side: Side) -> AbstractAsyncContextManager[Meter]:
        assert (connection_id, side) in {(CONNECTION, one) for one in Side}
        return self._opened()

    @asynccontextmanager
    async def _opened(self) -> AsyncIterator[Meter]:
        yield self.meter

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        self.requests.append(request)
        path = request.url.path
        if path.endswith("/composite"):
            return self._composite(json.loads(request.content))
        status, body = self.answers[path.rpartition("/")[2]]
        return httpx2.Response(status, json=body)

    def _composite(self, body: dict[str, Any]) -> httpx2.Response:
        if "composite" in self.answers:
            status, refusal = self.answers["composite"]
            return httpx2.Response(status, json=refusal, headers=LIMITS)
        items = []
        for one in body["compositeRequest"]:
            status, answer = self.composite[_name(one["url"])]
            items.append(
                {"referenceId": one["referenceId"], "httpStatusCode": status, "body": answer}
            )
        return httpx2.Response(200, json={"compositeResponse": items[::-1]}, headers=LIMITS)


def _name(url: str) -> str:
    """The first field that a query selects, or the object of a describe."""
    query = parse_qs(urlsplit(url).query)
    if "q" in query:
        return query["q"][0].split()[1].rstrip(",")
    return url.split("/")[-2]


def rows(**row: Any) -> tuple[int, Any]:
    return 200, {"totalSize": 1, "done": True, "records": [row]}


def refused(status: int, code: str) -> tuple[int, Any]:
    return status, [{"errorCode": code, "message": "no"}]


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    made = Place()
    made.composite = {
        "OrganizationType": rows(OrganizationType="Developer Edition", IsSandbox=True),
        "PermissionsApiEnabled": rows(PermissionsApiEnabled=True),
        "PermissionsViewSetup": rows(PermissionsViewSetup=False),
        "PermissionsInstallPackaging": rows(PermissionsInstallPackaging=True),
        "Lead": (
            200,
            {
                "name": "Lead",
                "queryable": True,
                "createable": True,
                "updateable": False,
                "fields": [{"name": "Email", "createable": True, "updateable": False}],
            },
        ),
        "Deal": refused(404, "NOT_FOUND"),
    }
    made.answers = {
        "details": (200, {"portalId": 62515, "accountType": "STANDARD"}),
        "private-apps": (200, {"results": [{"usageLimit": 1000, "currentUsage": 7}]}),
    }
    async with made.http:
        yield made


async def test_two_calls_say_everything_of_an_org(place: Place) -> None:
    seen = await place.scout.salesforce(CONNECTION, rights=RIGHTS, objects=["Lead", "Deal"])
    assert seen.org == Org("Developer Edition", sandbox=True)
    assert seen.rights == {
        "PermissionsApiEnabled": True,
        "PermissionsViewSetup": False,
        "PermissionsInstallPackaging": True,
    }
    lead, deal = seen.objects["Lead"], seen.objects["Deal"]
    assert not isinstance(lead, Trouble)
    assert (lead.queryable, lead.createable, lead.updateable) == (True, True, False)
    assert lead.fields == {"Email": FieldSeen(createable=True, updateable=False)}
    assert isinstance(deal, Trouble)
    assert (deal.code, deal.refused) == ("NOT_FOUND", True)
    assert seen.calls == Calls(18, 15_000)
    assert place.meter.taken == 2
    assert {request.headers["authorization"] for request in place.requests} == {
        "Bearer token-1",
        "Bearer token-2",
    }


async def test_a_right_that_the_org_does_not_know_spoils_no_other(place: Place) -> None:
    place.composite["PermissionsInstallPackaging"] = refused(400, "INVALID_FIELD")
    place.composite["PermissionsViewSetup"] = (200, {"records": []})
    seen = await place.scout.salesforce(CONNECTION, rights=RIGHTS, objects=[])
    troubles = {name: held.code for name, held in seen.rights.items() if isinstance(held, Trouble)}
    assert troubles == {
        "PermissionsInstallPackaging": "INVALID_FIELD",
        "PermissionsViewSetup": "no_row",
    }
    assert seen.rights["PermissionsApiEnabled"] is True
    assert place.meter.taken == 1


async def test_an_org_without_api_access_is_one_trouble(place: Place) -> None:
    place.answers["composite"] = refused(403, "API_DISABLED_FOR_ORG")
    seen = await place.scout.salesforce(CONNECTION, rights=RIGHTS, objects=["Lead"])
    assert seen.trouble is not None
    assert (seen.trouble.code, seen.trouble.refused) == ("API_DISABLED_FOR_ORG", True)


async def test_a_describe_that_gets_no_answer_leaves_what_was_answered(place: Place) -> None:
    place.meter.left = 1
    seen = await place.scout.salesforce(CONNECTION, rights=RIGHTS, objects=["Lead"])
    assert seen.org == Org("Developer Edition", sandbox=True)
    assert isinstance(seen.objects["Lead"], Trouble)


async def test_without_calls_nothing_is_asked(place: Place) -> None:
    place.meter.left = 0
    seen = await place.scout.salesforce(CONNECTION, rights=RIGHTS, objects=["Lead"])
    assert seen.trouble is not None
    assert (seen.trouble.code, seen.trouble.refused) == ("quota_exhausted", False)
    assert place.requests == []


async def test_a_dead_grant_is_a_trouble_of_its_own(place: Place) -> None:
    place.token_error = BrokenError("Connect again.", code="connection-broken")
    seen = await place.scout.salesforce(CONNECTION, rights=RIGHTS, objects=[])
    assert seen.trouble == Trouble("connection-broken", "Connect again.", refused=True)
    portal = await place.scout.hubspot(CONNECTION)
    assert portal == HubSpotSeen(trouble=seen.trouble)


async def test_a_token_that_the_crm_refuses_is_replaced_once(place: Place) -> None:
    place.answers["composite"] = refused(401, "INVALID_SESSION_ID")
    seen = await place.scout.salesforce(CONNECTION, rights=RIGHTS, objects=[])
    assert place.tokens_asked == [None, "token-1"]
    assert seen.trouble is not None
    assert seen.trouble.refused


async def test_two_calls_say_everything_of_a_portal(place: Place) -> None:
    assert await place.scout.hubspot(CONNECTION) == HubSpotSeen("62515", "STANDARD", Calls(7, 1000))
    assert place.meter.taken == 2


@pytest.mark.parametrize(
    "answer", [(403, {"category": "MISSING_SCOPES"}), (404, {}), (200, {"results": []})]
)
async def test_a_portal_that_does_not_count_calls(place: Place, answer: tuple[int, Any]) -> None:
    place.answers["private-apps"] = answer
    assert await place.scout.hubspot(CONNECTION) == HubSpotSeen("62515", "STANDARD", None)


async def test_a_portal_that_does_not_answer(place: Place) -> None:
    place.answers["details"] = (502, {})
    seen = await place.scout.hubspot(CONNECTION)
    assert seen.trouble is not None
    assert not seen.trouble.refused
