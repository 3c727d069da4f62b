"""Forms and what is submitted to them: definitions, submissions, and the way in."""

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.errors import bad_request, error, not_found
from tests.simulators.hubspot.form_definitions import THANKS
from tests.simulators.hubspot.form_submission import read_submission
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import Body, flag, listed
from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.portal import InPortal, Portal
from tests.simulators.hubspot.values import Rules
from tests.simulators.hubspot.wire import reply

ROOTS = ("/marketing/v3/forms", "/marketing/forms/2026-09-beta")
"""Definitions have no version of 2026-03; the one of 2026-09 is a beta (specification)."""
DEFAULT_FORMS = 20
MAX_FORMS = 500
"""Definitions on a page; HubSpot publishes neither number."""
DEFAULT_SUBMISSIONS = 20
MAX_SUBMISSIONS = 50
"""Submissions on a page (documentation: form-integrations v1)."""

definitions = APIRouter()
submissions = APIRouter()


@definitions.get("")
async def list_forms(request: Request, portal: InPortal) -> Response:
    """One page of definitions, oldest first; none of them is archived."""
    limit, after = _page(request, DEFAULT_FORMS, MAX_FORMS)
    kinds = set(listed(request, "formTypes"))
    forms = [] if flag(request, "archived") else portal.forms.listed()
    if kinds and not kinds & {"hubspot", "all"}:
        forms = []
    body = _paged(request, [one.as_json() for one in forms], limit, after)
    return reply(body)


@definitions.get("/{form_id}")
async def read_form(portal: InPortal, form_id: str) -> Response:
    """One definition."""
    return reply(portal.forms.find(form_id).as_json())


@submissions.get("/form-integrations/v1/submissions/forms/{form_id}")
async def list_submissions(request: Request, portal: InPortal, form_id: str) -> Response:
    """One page of submissions, the latest first."""
    limit, after = _page(request, DEFAULT_SUBMISSIONS, MAX_SUBMISSIONS)
    found = portal.forms.submissions(portal.forms.find(form_id))
    return reply(_paged(request, [one.as_json() for one in found], limit, after))


def _page(request: Request, default: int, highest: int) -> tuple[int, int]:
    query = request.query_params
    try:
        limit, after = int(query.get("limit") or default), int(query.get("after") or 0)
    except ValueError:
        raise bad_request() from None
    if not 1 <= limit <= highest or after < 0:
        raise error(400, f"limit is {limit}, it must be from 1 to {highest}")
    return limit, after


def _paged(request: Request, found: list[Json], limit: int, after: int) -> Json:
    end = after + limit
    body: Json = {"results": found[after:end]}
    if end < len(found):
        link = str(request.url.include_query_params(after=end))
        body["paging"] = {"next": {"after": str(end), "link": link}}
    return body


@submissions.post("/submissions/v3/integration/submit/{portal_id}/{form_id}")
async def submit(portal: InPortal, portal_id: str, form_id: str, body: Body) -> Response:
    """A submission from anybody, without a token, which has a rate limit of its own."""
    portal.limits.admit_submission()
    return _take(portal, portal_id, form_id, body, only_listed=True)


@submissions.post("/submissions/v3/integration/secure/submit/{portal_id}/{form_id}")
async def submit_securely(portal: InPortal, portal_id: str, form_id: str, body: Body) -> Response:
    """A submission with a token: fields need not be in the form's definition."""
    return _take(portal, portal_id, form_id, body, only_listed=False)


def _take(
    portal: Portal, portal_id: str, form_id: str, body: Json, *, only_listed: bool
) -> Response:
    if portal_id != str(portal.settings.portal_id):
        raise not_found()
    form = portal.forms.find(form_id)
    rules = Rules(portal.registry.of(CONTACT), portal.owners.ids())
    sent = read_submission(form, body, rules, only_listed=only_listed)
    portal.forms.submit(form, sent.values, answers=sent.answers, at=sent.at, page_url=sent.page_url)
    return reply({"inlineMessage": THANKS})
