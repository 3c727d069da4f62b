"""The account itself and its owners, and the end of the app in it."""

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.errors import bad_request, error, not_found
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import flag
from tests.simulators.hubspot.portal import InPortal
from tests.simulators.hubspot.wire import iso, no_content, reply

DEFAULT_OWNERS = 100
MAX_OWNERS = 500
"""Owners on a page; widely cited, not documented."""
DAILY_LIMIT = 1_000_000
"""Calls a day of private apps in an Enterprise account (facts: section 11)."""

account = APIRouter()
owners = APIRouter()


@account.get("/account-info/{version}/details")
async def details(version: str, portal: InPortal) -> Response:
    """Who this account is."""
    body: Json = {
        "portalId": portal.settings.portal_id,
        "accountType": "STANDARD",
        "timeZone": "Europe/Berlin",
        "companyCurrency": "EUR",
        "additionalCurrencies": ["USD"],
        "utcOffset": "+01:00",
        "utcOffsetMilliseconds": 3_600_000,
        "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "na1",
    }
    if version == "2026-09":
        body["portalName"] = "Simulated Portal"
    return reply(body)


@account.get("/account-info/{version}/api-usage/daily/private-apps")
async def usage(version: str, portal: InPortal) -> Response:
    """Today's calls against the day's allowance."""
    now = portal.machinery.clock.milliseconds()
    day = 86_400_000
    one = {
        "name": "private-apps-api-calls-daily",
        "usageLimit": DAILY_LIMIT,
        "currentUsage": portal.machinery.calls.total,
        "collectedAt": iso(now),
        "fetchStatus": "SUCCESS",
        "resetsAt": iso(now - now % day + day),
    }
    return reply({"results": [one]})


@account.delete("/appinstalls/{version}/external-install")
async def uninstall(version: str, portal: InPortal) -> Response:
    """The app leaves this account: all its tokens are void."""
    portal.tokens.uninstall()
    return no_content()


@owners.get("")
async def list_owners(request: Request, portal: InPortal) -> Response:
    """One page by id."""
    query = request.query_params
    try:
        limit, after = int(query.get("limit") or DEFAULT_OWNERS), int(query.get("after") or 0)
    except ValueError:
        raise bad_request() from None
    if not 1 <= limit <= MAX_OWNERS:
        raise error(400, f"limit is {limit}, it must be from 1 to {MAX_OWNERS}")
    found = portal.owners.listed(archived=flag(request, "archived"), email=query.get("email"))
    page = [one for one in found if int(one.id) > after][: limit + 1]
    body: Json = {"results": [one.as_json() for one in page[:limit]]}
    if len(page) > limit:
        last = page[limit - 1].id
        link = str(request.url.include_query_params(after=last))
        body["paging"] = {"next": {"after": last, "link": link}}
    return reply(body)


@owners.get("/{owner_id}")
async def read_owner(owner_id: str, request: Request, portal: InPortal) -> Response:
    """One owner, by its own id or by that of its user."""
    by_user = request.query_params.get("idProperty") == "userId"
    find = portal.owners.by_user_id if by_user else portal.owners.by_id
    owner = find(owner_id)
    if owner is None or owner.archived != flag(request, "archived"):
        raise not_found()
    return reply(owner.as_json())
