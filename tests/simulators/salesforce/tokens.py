"""The token endpoint: codes and refresh tokens, revoke, introspect (facts: sections 1.3 to 1.6)."""

import base64
import hashlib
import hmac
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from tests.simulators.salesforce.grants import (
    OFFLINE,
    RefreshPolicy,
    Session,
    challenge_of,
)
from tests.simulators.salesforce.hosts import Hosts
from tests.simulators.salesforce.oauth import TheOrg, hosts, read_form
from tests.simulators.salesforce.org import Org

router = APIRouter()
REFRESH = "refresh_token"
MAX_VERIFIER = 128
MIN_VERIFIER = 43


def _refused(error: str, description: str, status: int = 400) -> JSONResponse:
    return JSONResponse({"error": error, "error_description": description}, status)


@router.post("/services/oauth2/token")
async def token(request: Request, org: TheOrg) -> JSONResponse:
    """Tokens for a code or for a refresh token."""
    fields = await read_form(request)
    refusal = _wrong_client(org, fields)
    if refusal is not None:
        return refusal
    where = hosts(request, org)
    if where.foreign:
        return _refused("invalid_grant", "authentication failure")
    if org.switches.ip_restricted:
        return _refused("invalid_grant", "ip restricted")
    match fields.get("grant_type"):
        case "authorization_code":
            return _exchange(org, fields, where)
        case "refresh_token":
            return _refresh(org, fields, where)
        case _:
            return _refused("unsupported_grant_type", "grant type not supported")


def _wrong_client(org: Org, fields: dict[str, str]) -> JSONResponse | None:
    if fields.get("client_id") != org.settings.client_id:
        return _refused("invalid_client_id", "client identifier invalid")
    public = fields.get("grant_type") == REFRESH and not org.switches.secret_required_for_refresh
    if public and "client_secret" not in fields:
        return None
    if not hmac.compare_digest(
        fields.get("client_secret", "").encode(), org.settings.client_secret.encode()
    ):
        return _refused("invalid_client", "invalid client credentials")
    return None


def _exchange(org: Org, fields: dict[str, str], where: Hosts) -> JSONResponse:
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
    session = org.open_session(code.user, code.scopes, refresh)
    return JSONResponse(token_body(org, session, where, refresh))


def _verified(verifier: str, challenge: str) -> bool:
    return MIN_VERIFIER <= len(verifier) <= MAX_VERIFIER and challenge_of(
        verifier
    ) == challenge.rstrip("=")


def _refresh(org: Org, fields: dict[str, str], where: Hosts) -> JSONResponse:
    presented = fields.get("refresh_token", "")
    grant = org.grants.refresh(presented, _policy(org))
    if grant is None:
        return _refused("invalid_grant", "expired access/refresh token")
    if not org.is_active(grant.user.id):
        return _refused("invalid_grant", "inactive user")
    rotated = None
    if org.switches.rotate_refresh_tokens:
        rotated = org.grants.rotate(presented)
    kept = rotated or presented
    session = org.open_session(grant.user, grant.scopes, kept)
    return JSONResponse(token_body(org, session, where, rotated))


def _policy(org: Org) -> RefreshPolicy:
    switches = org.switches
    return RefreshPolicy(switches.refresh_token_seconds, switches.refresh_token_idle_seconds)


def token_body(org: Org, session: Session, where: Hosts, refresh: str | None) -> dict[str, Any]:
    """The token response (facts: section 1.3): times are text, and there is no expires_in."""
    identity = f"{where.identity}/id/{org.settings.org_id}/{session.user.id}"
    issued_at = str(org.clock.milliseconds())
    key = org.settings.client_secret.encode()
    signature = hmac.new(key, (identity + issued_at).encode(), hashlib.sha256).digest()
    body = {
        "access_token": session.token,
        "signature": base64.b64encode(signature).decode(),
        "scope": " ".join(session.scopes),
        "instance_url": org.switches.instance_url or where.instance,
        "id": identity,
        "token_type": "Bearer",
        "issued_at": issued_at,
    }
    return body if refresh is None else {**body, "refresh_token": refresh}


@router.api_route("/services/oauth2/revoke", methods=["GET", "POST"])
async def revoke(request: Request, org: TheOrg) -> Response:
    """Revoke an access or a refresh token."""
    fields = {
        **request.query_params,
        **(await read_form(request) if request.method == "POST" else {}),
    }
    if fields.get("token_type_hint") not in {None, "", "access_token", "refresh_token"}:
        return _refused("unsupported_token_type", "this token type is not supported")
    if not org.grants.revoke(fields.get("token", "")):
        return _refused("invalid_token", "invalid token: " + fields.get("token", "")[:4])
    return Response(status_code=200)


@router.post("/services/oauth2/introspect")
async def introspect(request: Request, org: TheOrg) -> JSONResponse:
    """What a token is worth."""
    fields = await read_form(request)
    refusal = _wrong_client(org, fields)
    if refusal is not None:
        return JSONResponse({"error": "invalid_client"}, 401)
    timeout = org.switches.session_timeout_seconds
    text = fields.get("token", "")
    session = org.grants.session(text, timeout, touch=False)
    grant = session or org.grants.refresh(text, _policy(org), touch=False)
    if grant is None:
        return JSONResponse({"active": False})
    body: dict[str, Any] = {
        "active": True,
        "scope": " ".join(grant.scopes),
        "client_id": org.settings.client_id,
        "username": grant.user.username,
        "sub": f"{hosts(request, org).identity}/id/{org.settings.org_id}/{grant.user.id}",
        "token_type": "access_token" if session else "refresh_token",
    }
    if session is not None:
        body |= {"iat": int(session.used_at), "exp": int(session.used_at + timeout)}
    return JSONResponse(body)
