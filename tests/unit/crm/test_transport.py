import asyncio
import gzip

import httpx2
import pytest

from shared.crm.errors import (
    CrmAuthError,
    CrmFatalError,
    CrmRetriableError,
)
from shared.crm.transport import CallKind, LimitInfo
from shared.kernel.errors import RetriableError
from tests.unit.crm.fakes import HubSpotLine, SalesforceLine, in_turn, page, reply

EXPIRED_HUBSPOT = {
    "status": "error",
    "message": "The OAuth token used to make this call expired 12 second(s) ago.",
    "category": "EXPIRED_AUTHENTICATION",
}
EXPIRED_SALESFORCE = [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}]


async def test_a_call_carries_the_token_and_is_metered_by_its_kind() -> None:
    line = HubSpotLine(lambda _request: reply({"ok": True}))
    answer = await line.transport.request(
        "POST", "/crm/search", json={"a": 1}, params=[("b", "c d")], kind=CallKind.SEARCH
    )
    [request] = line.requests
    assert answer.json() == {"ok": True}
    assert str(request.url) == "https://crm.example/crm/search?b=c+d"
    assert request.headers["authorization"] == "Bearer token-1"
    assert request.headers["content-type"] == "application/json"
    assert line.bodies == [{"a": 1}]
    assert line.meter.taken == [CallKind.SEARCH]


async def test_without_permission_of_the_meter_nothing_is_called() -> None:
    line = HubSpotLine(lambda _request: reply({}))
    line.meter.refusal = RetriableError("used up", code="quota_exhausted", retry_after=60)
    with pytest.raises(RetriableError, match="used up"):
        await line.transport.request("GET", "/crm")
    assert line.requests == []


async def test_an_expired_token_is_replaced_once_and_the_second_call_is_metered_too() -> None:
    line = HubSpotLine(in_turn([reply(EXPIRED_HUBSPOT, 401), reply({"ok": True})]))
    await line.transport.request("GET", "/crm")
    assert [request.headers["authorization"] for request in line.requests] == [
        "Bearer token-1",
        "Bearer token-2",
    ]
    assert line.tokens.rejections == ["token-1"]
    assert line.meter.taken == [CallKind.CALL, CallKind.CALL]


async def test_a_fresh_token_that_is_refused_too_ends_in_an_auth_error() -> None:
    line = SalesforceLine(in_turn([reply(EXPIRED_SALESFORCE, 401)] * 2))
    with pytest.raises(CrmAuthError, match="fresh access token") as caught:
        await line.transport.request("GET", "/services/data/v66.0/limits")
    assert caught.value.code == "INVALID_SESSION_ID"
    assert line.tokens.rejections == ["token-1"]


@pytest.mark.parametrize(
    "message",
    [
        "This session is not valid for use with the REST API",
        "Connected app is not attached to Agent",
        "One of the following scopes is required: api, full",
    ],
)
async def test_a_salesforce_401_that_is_no_expiry_never_refreshes(message: str) -> None:
    body = [{"message": message, "errorCode": "INVALID_SESSION_ID"}]
    line = SalesforceLine(in_turn([reply(body, 401)]))
    with pytest.raises(CrmAuthError):
        await line.transport.request("GET", "/services/data/v66.0/limits")
    assert line.tokens.rejections == []


async def test_a_bad_header_is_no_expiry() -> None:
    body = [{"message": "INVALID_HEADER_TYPE", "errorCode": "INVALID_AUTH_HEADER"}]
    line = SalesforceLine(in_turn([reply(body, 401)]))
    with pytest.raises(CrmAuthError):
        await line.transport.request("GET", "/services/data/v66.0/limits")
    assert line.tokens.rejections == []


async def test_hubspot_missing_credentials_are_no_expiry() -> None:
    body = {
        "message": "Authentication credentials not found.",
        "category": "INVALID_AUTHENTICATION",
    }
    line = HubSpotLine(in_turn([reply(body, 401)]))
    with pytest.raises(CrmAuthError) as caught:
        await line.transport.request("GET", "/crm")
    assert caught.value.code == "INVALID_AUTHENTICATION"
    assert line.tokens.rejections == []


async def test_a_login_page_in_place_of_a_401_breaks_no_connection() -> None:
    line = SalesforceLine(in_turn([page(401)]))
    with pytest.raises(CrmRetriableError) as caught:
        await line.transport.request("GET", "/services/data/v66.0/limits")
    assert caught.value.code == "HTTP_401"
    assert line.tokens.rejections == []


async def test_redirects_are_never_followed() -> None:
    elsewhere = {"Location": "https://evil.example/"}
    line = HubSpotLine(in_turn([httpx2.Response(302, headers=elsewhere)]))
    with pytest.raises(CrmFatalError) as caught:
        await line.transport.request("GET", "/crm")
    assert caught.value.code == "HTTP_302"
    assert len(line.requests) == 1


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/",
        "https://evil.example/",
        "@evil.example/",
        "",
        "/a\\b",
        "/a b",
        "/a\n",
        "/ä",
    ],
)
async def test_a_path_that_could_lead_elsewhere_is_not_called(path: str) -> None:
    line = SalesforceLine(lambda _request: reply({}))
    with pytest.raises(CrmFatalError) as caught:
        await line.transport.request("GET", path)
    assert caught.value.code == "crm_path_refused"
    assert line.requests == []


async def test_cookies_of_one_answer_are_not_sent_with_the_next_call() -> None:
    line = SalesforceLine(lambda _request: reply({}, headers={"Set-Cookie": "BrowserId=x; Path=/"}))
    await line.transport.request("GET", "/services/data/")
    await line.transport.request("GET", "/services/data/")
    assert "cookie" not in line.requests[1].headers


async def test_limits_are_observed_also_on_errors() -> None:
    headers = {"X-HubSpot-RateLimit-Max": "190", "X-HubSpot-RateLimit-Remaining": "12"}
    line = HubSpotLine(in_turn([reply({"message": "resource not found"}, 404, headers)]))
    with pytest.raises(CrmFatalError):
        await line.transport.request("GET", "/crm")
    assert line.meter.observed == [LimitInfo(remaining_burst=12)]


async def test_a_hung_crm_is_a_retriable_error() -> None:
    line = HubSpotLine(lambda _request: reply({}), total_seconds=0.01)

    async def never(_request: httpx2.Request) -> httpx2.Response:
        await asyncio.Event().wait()
        raise AssertionError

    line.http._transport = httpx2.MockTransport(never)
    with pytest.raises(CrmRetriableError) as caught:
        await line.transport.request("GET", "/crm")
    assert caught.value.code == "crm_timeout"


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (httpx2.ConnectError("refused ada@example.com"), "crm_unreachable"),
        (httpx2.ConnectTimeout("late"), "crm_timeout"),
        (httpx2.ReadError("reset ada@example.com"), "crm_connection_lost"),
        (httpx2.RemoteProtocolError("ada@example.com"), "crm_connection_lost"),
        (httpx2.PoolTimeout("busy"), "crm_timeout"),
    ],
)
async def test_a_broken_connection_is_retriable_and_tells_no_values(
    failure: Exception, code: str
) -> None:
    def fail(_request: httpx2.Request) -> httpx2.Response:
        raise failure

    line = HubSpotLine(fail)
    with pytest.raises(CrmRetriableError) as caught:
        await line.transport.request("GET", "/crm")
    assert caught.value.code == code
    assert "ada" not in str(caught.value)
    assert caught.value.__suppress_context__


async def test_a_zipped_body_is_read_once() -> None:
    packed = gzip.compress(b'{"ok":true}')
    line = HubSpotLine(
        lambda _request: httpx2.Response(200, content=packed, headers={"Content-Encoding": "gzip"})
    )
    assert (await line.transport.request("GET", "/crm")).json() == {"ok": True}


async def test_a_token_never_shows_in_its_repr() -> None:
    line = HubSpotLine(lambda _request: reply({}))
    assert "token-1" not in repr(await line.tokens.token())
