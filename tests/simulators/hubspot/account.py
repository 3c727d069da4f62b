"""The account itself, its owners and its pipelines, and the end of the app in it."""

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.catalogue import DEAL_STAGES
from tests.simulators.hubspot.errors import bad_request, error, not_found
from tests.simulators.hubspot.model import Json, ObjectType
from tests.simulators.hubspot.object_requests import Kind, flag
from tests.simulators.hubspot.object_types import DEAL
from tests.simulators.hubspot.portal import InPortal
from tests.simulators.hubspot.wire import iso, no_content, reply

DEFAULT_OWNERS = 100
MAX_OWNERS = 500
"""Owners on a page; widely cited, not documented."""
DAILY_LIMIT = 1_000_000
"""Calls a day of private apps in an Enterprise account (facts: section 11)."""
PROBABILITIES = ("0.2", "0.4", "0.6", "0.8", "0.9", "1.0", "0.0")
STAGE_LABELS = (
    "Appointment Scheduled",
    "Qualified To Buy",
    "Presentation Scheduled",
    "Decision Maker Bought-In",
    "Contract Sent",
    "Closed Won",
    "Closed Lost",
)

account = APIRouter()
owners = APIRouter()
pipelines = APIRouter(prefix="/{object_type}")


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


@pipelines.get("")
async def list_pipelines(kind: Kind) -> Response:
    """All pipelines of a type."""
    return reply({"results": _known(kind)})


@pipelines.get("/{pipeline_id}")
async def read_pipeline(kind: Kind, pipeline_id: str) -> Response:
    """One pipeline with its stages."""
    return reply(_pipeline(_known(kind), pipeline_id))


@pipelines.get("/{pipeline_id}/stages")
async def list_stages(kind: Kind, pipeline_id: str) -> Response:
    """The stages of one pipeline."""
    return reply({"results": _pipeline(_known(kind), pipeline_id)["stages"]})


@pipelines.get("/{pipeline_id}/stages/{stage_id}")
async def read_stage(kind: Kind, pipeline_id: str, stage_id: str) -> Response:
    """One stage."""
    stages: list[Json] = _pipeline(_known(kind), pipeline_id)["stages"]
    for stage in stages:
        if stage["id"] == stage_id:
            return reply(stage)
    raise not_found()


def _known(kind: ObjectType) -> list[Json]:
    return _pipelines() if kind is DEAL else []


def _pipeline(known: list[Json], pipeline_id: str) -> Json:
    for one in known:
        if one["id"] == pipeline_id:
            return one
    raise not_found()


def _pipelines() -> list[Json]:
    born = {"archived": False, "createdAt": iso(0), "updatedAt": iso(0)}
    stages = [
        {
            "id": stage,
            "label": label,
            "displayOrder": order,
            "metadata": {
                "probability": probability,
                "isClosed": str(stage.startswith("closed")).lower(),
            },
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            **born,
        }
        for order, (stage, label, probability) in enumerate(
            zip(DEAL_STAGES, STAGE_LABELS, PROBABILITIES, strict=True)
        )
    ]
    label = "Sales Pipeline"
    return [{"id": "default", "label": label, "displayOrder": 0, "stages": stages, **born}]
