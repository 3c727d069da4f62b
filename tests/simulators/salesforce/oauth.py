"""The login host: the pages of the web server flow with PKCE (facts: section 1)."""

from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from tests.simulators.salesforce import pages
from tests.simulators.salesforce.grants import ALL_SCOPES
from tests.simulators.salesforce.hosts import Hosts, hosts_of
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.rights import ANY_CLIENT, APPROVE_APPS

router = APIRouter()
SCOPES = frozenset(
    {
        *ALL_SCOPES,
        "offline_access",
        "openid",
        "profile",
        "email",
        "address",
        "phone",
        "web",
        "full",
        "visualforce",
        "lightning",
        "content",
        "chatter_api",
        "custom_permissions",
        "pardot_api",
        "cdp_query_api",
        "cdp_ingest_api",
        "eclair_api",
        "wave_api",
    }
)
"""What an app may ask for (facts: section 1.7)."""
FORM_LIMIT = 64_000
"""Bytes of a form that are read."""


def org_of(request: Request) -> Org:
    """The org that this process plays."""
    found: Org = request.app.state.org
    return found


TheOrg = Annotated[Org, Depends(org_of)]


def hosts(request: Request, org: Org) -> Hosts:
    """The login host, the My Domain and so on that belong to the host of a request."""
    return hosts_of(request, sandbox=org.settings.sandbox)


def origin(request: Request) -> str:
    """This process' own base URL: login host, instance host and identity host in one."""
    return str(request.base_url).rstrip("/")


def _callback(fields: dict[str, str], **result: str) -> RedirectResponse:
    if fields.get("state"):
        result["state"] = fields["state"]
    target = fields["redirect_uri"]
    joint = "&" if urlsplit(target).query else "?"
    return RedirectResponse(f"{target}{joint}{urlencode(result)}", status_code=302)


def _problem(org: Org, fields: dict[str, str]) -> Response | None:
    """What is wrong with an authorization request, as a page or as a redirect."""
    if fields.get("client_id") != org.settings.client_id:
        return HTMLResponse(pages.error("invalid_client_id", "client identifier invalid"), 400)
    target = urlsplit(fields.get("redirect_uri", ""))
    if target.scheme not in {"http", "https"} or not target.netloc or target.fragment:
        text = "redirect_uri must match configuration"
        return HTMLResponse(pages.error("redirect_uri_mismatch", text), 400)
    if org.switches.authorize_error:
        return _callback(fields, **org.switches.authorize_error)
    if fields.get("response_type") != "code":
        text = "response type not supported"
        return _callback(fields, error="unsupported_response_type", error_description=text)
    if org.switches.app_uninstalled and not _trusted(org, fields):
        text = "app must be installed into org"
        return _callback(fields, error="invalid_client", error_description=text)
    challenge = fields.get("code_challenge", "")
    if not challenge and org.switches.pkce_required:
        text = "missing required code challenge"
        return _callback(fields, error="invalid_request", error_description=text)
    if challenge and fields.get("code_challenge_method", "S256") != "S256":
        text = "unsupported code challenge method"
        return _callback(fields, error="invalid_request", error_description=text)
    if not SCOPES.issuperset(_scopes(fields.get("scope", ""))):
        text = "the requested scope is not allowed"
        return _callback(fields, error="invalid_scope", error_description=text)
    return None


def _stranger(request: Request, org: Org, fields: dict[str, str]) -> Response | None:
    """The login page's answer to a user whom this host does not know, or lets in no more."""
    user = org.grants.member(fields.get("login_hint", ""))
    if not hosts(request, org).foreign and org.is_active(user.id):
        return None
    text = "Please check your username and password."
    return HTMLResponse(pages.error("login_failed", text), 401)


def _trusted(org: Org, fields: dict[str, str]) -> bool:
    """Whether the user may use an app that is not installed (facts: section 1.9)."""
    user = org.grants.member(fields.get("login_hint", ""))
    return user.id in org.grants.authorised or org.rights.has(user.id, APPROVE_APPS, ANY_CLIENT)


@router.get("/services/oauth2/authorize")
async def ask(request: Request, org: TheOrg) -> Response:
    """The page on which a user allows or denies the app."""
    fields = dict(request.query_params)
    problem = _problem(org, fields) or _stranger(request, org, fields)
    if problem is not None:
        return problem
    user = org.grants.member(fields.get("login_hint", ""))
    return HTMLResponse(pages.consent(fields, user.name, _scopes(fields.get("scope", ""))))


@router.post("/services/oauth2/authorize")
async def decide(request: Request, org: TheOrg) -> Response:
    """The user's decision, as the page posts it: back to the app with a code or an error."""
    fields = await read_form(request)
    problem = _problem(org, fields) or _stranger(request, org, fields)
    if problem is not None:
        return problem
    if fields.get("decision") != "allow":
        text = "end-user denied authorization"
        return _callback(fields, error="access_denied", error_description=text)
    code = org.grants.issue_code(
        org.grants.member(fields.get("login_hint", "")),
        scopes=_scopes(fields.get("scope", "")),
        redirect_uri=fields["redirect_uri"],
        challenge=fields.get("code_challenge", ""),
    )
    return _callback(fields, code=code)


def _scopes(text: str) -> tuple[str, ...]:
    return tuple(text.split()) or ALL_SCOPES


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form, without files."""
    form = await request.form(max_part_size=FORM_LIMIT)
    return {name: value for name, value in form.items() if isinstance(value, str)}
