"""The login host: web server flow with PKCE, refresh, revoke, introspect, identity (facts: §1)."""

import base64
import hashlib
import hmac
from typing import Annotated, Any
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from tests.simulators.salesforce import pages
from tests.simulators.salesforce.grants import ALL_SCOPES, OFFLINE, Session, challenge_of
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.rights import ANY_CLIENT, APPROVE_APPS

router = APIRouter()
MAX_VERIFIER = 128
MIN_VERIFIER = 43
FORM_LIMIT = 64_000
"""Bytes of a form that are read."""


def org_of(request: Request) -> Org:
    """The org that this process plays."""
    found: Org = request.app.state.org
    return found


TheOrg = Annotated[Org, Depends(org_of)]


def origin(request: Request) -> str:
    """This process' own base URL: login host, instance host and identity host in one."""
    return str(request.base_url).rstrip("/")


def _refused(error: str, description: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status)


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
    return None


def _trusted(org: Org, fields: dict[str, str]) -> bool:
    """Whether the user may use an app that is not installed (facts: section 1.9)."""
    user = org.grants.member(fields.get("login_hint", ""))
    return user.id in org.grants.authorised or org.rights.has(user.id, APPROVE_APPS, ANY_CLIENT)


@router.get("/services/oauth2/authorize")
async def ask(request: Request, org: TheOrg) -> Response:
    """The page on which a user allows or denies the app."""
    fields = dict(request.query_params)
    problem = _problem(org, fields)
    if problem is not None:
        return problem
    user = org.grants.member(fields.get("login_hint", ""))
    return HTMLResponse(pages.consent(fields, user.name, _scopes(fields.get("scope", ""))))


@router.post("/services/oauth2/authorize")
async def decide(request: Request, org: TheOrg) -> Response:
    """The user's decision, as the page posts it: back to the app with a code or an error."""
    fields = await _form(request)
    problem = _problem(org, fields)
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


async def _form(request: Request) -> dict[str, str]:
    form = await request.form(max_part_size=FORM_LIMIT)
    return {name: value for name, value in form.items() if isinstance(value, str)}


@router.post("/services/oauth2/token")
async def token(request: Request, org: TheOrg) -> JSONResponse:
    """Tokens for a code or for a refresh token."""
    fields = await _form(request)
    refusal = _wrong_client(org, fields)
    if refusal is not None:
        return refusal
    match fields.get("grant_type"):
        case "authorization_code":
            return _exchange(org, fields, origin(request))
        case "refresh_token":
            return _refresh(org, fields, origin(request))
        case _:
            return _refused("unsupported_grant_type", "grant type not supported")


def _wrong_client(org: Org, fields: dict[str, str]) -> JSONResponse | None:
    if fields.get("client_id") != org.settings.client_id:
        return _refused("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(
        fields.get("client_secret", "").encode(), org.settings.client_secret.encode()
    ):
        return _refused("invalid_client", "invalid client credentials")
    return None


def _exchange(org: Org, fields: dict[str, str], base: str) -> JSONResponse:
    code = org.grants.take_code(fields.get("code", ""))
    if code is None:
        return _refused("invalid_grant", "expired authorization code")
    if fields.get("redirect_uri") != code.redirect_uri:
        return _refused("redirect_uri_mismatch", "redirect_uri must match configuration")
    verifier = fields.get("code_verifier", "")
    if verifier and not code.challenge:
        return _refused("invalid_grant", "unexpected code verifier")
    if code.challenge and not _verified(verifier, code.challenge):
        return _refused("invalid_grant", "invalid code verifier")
    refresh = None
    if OFFLINE.intersection(code.scopes):
        refresh = org.grants.issue_refresh(code.user, code.scopes)
    session = org.grants.open_session(code.user, code.scopes, refresh, org.settings.org_id)
    return JSONResponse(token_body(org, session, base, refresh))


def _verified(verifier: str, challenge: str) -> bool:
    return MIN_VERIFIER <= len(verifier) <= MAX_VERIFIER and challenge_of(
        verifier
    ) == challenge.rstrip("=")


def _refresh(org: Org, fields: dict[str, str], base: str) -> JSONResponse:
    presented = fields.get("refresh_token", "")
    grant = org.grants.refresh(presented)
    if grant is None:
        return _refused("invalid_grant", "expired access/refresh token")
    rotated = None
    if org.switches.rotate_refresh_tokens:
        rotated = org.grants.rotate(presented)
    kept = rotated or presented
    session = org.grants.open_session(grant.user, grant.scopes, kept, org.settings.org_id)
    return JSONResponse(token_body(org, session, base, rotated))


def token_body(org: Org, session: Session, base: str, refresh: str | None) -> dict[str, Any]:
    """The token response (facts: section 1.3): times are text, and there is no expires_in."""
    identity = f"{base}/id/{org.settings.org_id}/{session.user.id}"
    issued_at = str(org.clock.milliseconds())
    key = org.settings.client_secret.encode()
    signature = hmac.new(key, (identity + issued_at).encode(), hashlib.sha256).digest()
    body = {
        "access_token": session.token,
        "signature": base64.b64encode(signature).decode(),
        "scope": " ".join(session.scopes),
        "instance_url": base,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    return body if refresh is None else {**body, "refresh_token": refresh}


@router.api_route("/services/oauth2/revoke", methods=["GET", "POST"])
async def revoke(request: Request, org: TheOrg) -> Response:
    """Revoke an access or a refresh token."""
    fields = {**request.query_params, **(await _form(request) if request.method == "POST" else {})}
    if fields.get("token_type_hint") not in {None, "", "access_token", "refresh_token"}:
        return _refused("unsupported_token_type", "this token type is not supported")
    if not org.grants.revoke(fields.get("token", "")):
        return _refused("invalid_token", "invalid token: " + fields.get("token", "")[:4])
    return Response(status_code=200)


@router.post("/services/oauth2/introspect")
async def introspect(request: Request, org: TheOrg) -> JSONResponse:
    """What a token is worth."""
    fields = await _form(request)
    refusal = _wrong_client(org, fields)
    if refusal is not None:
        return JSONResponse({"error": "invalid_client"}, 401)
    timeout = org.switches.session_timeout_seconds
    text = fields.get("token", "")
    session = org.grants.session(text, timeout, touch=False)
    grant = session or org.grants.refresh(text)
    if grant is None:
        return JSONResponse({"active": False})
    body: dict[str, Any] = {
        "active": True,
        "scope": " ".join(grant.scopes),
        "client_id": org.settings.client_id,
        "username": grant.user.username,
        "sub": f"{origin(request)}/id/{org.settings.org_id}/{grant.user.id}",
        "token_type": "access_token" if session else "refresh_token",
    }
    if session is not None:
        body |= {"iat": int(session.used_at), "exp": int(session.used_at + timeout)}
    return JSONResponse(body)
