"""The consent page and the token endpoints, in all their versions (facts: section 1)."""

from collections.abc import Mapping
from html import escape
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from tests.simulators.hubspot.consent import ConsentRefused, ConsentRequest, parse_consent
from tests.simulators.hubspot.errors import not_found
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.portal import InPortal, Portal
from tests.simulators.hubspot.tokens import ACCESS_SECONDS, Access, oauth_error
from tests.simulators.hubspot.wire import no_content, reply

VERSIONS = ("v1", "v3", "2026-03", "2026-09")
"""Versions of the token endpoint; the first one cannot introspect or revoke this way."""
USER_ID = 9_001
USER_EMAIL = "ada.owner@example.com"
HUB_DOMAIN = "simulated.example.com"
FIELDS = (
    "client_id",
    "redirect_uri",
    "scope",
    "optional_scope",
    "state",
    "code_challenge",
    "code_challenge_method",
)
"""What the page carries from the question to the answer."""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>HubSpot</title></head>
<body><main><h1>{title}</h1>{body}</main></body></html>"""

router = APIRouter()


async def form_of(request: Request) -> dict[str, str]:
    """The form in the body; version 1 took the query too, later ones do not."""
    raw = (await request.body()).decode("utf-8", errors="replace")
    fields = {name: values[-1] for name, values in parse_qs(raw, keep_blank_values=True).items()}
    if request.url.path.startswith("/oauth/v1/"):
        return {**request.query_params, **fields}
    return fields


Form = Annotated[dict[str, str], Depends(form_of)]


@router.get("/oauth/authorize")
@router.get("/oauth/{hub_id}/authorize")
async def ask(request: Request, portal: InPortal, hub_id: str | None = None) -> Response:
    """The question to the user; with --auto-approve it answers itself."""
    try:
        _check_hub(portal, hub_id)
        wanted = parse_consent(request.query_params, portal.settings)
    except ConsentRefused as problem:
        return _page("This app cannot be connected", f"<p>{escape(str(problem))}</p>", 400)
    if portal.settings.auto_approve:
        return _allow(portal, wanted)
    return _page("Connect an app to HubSpot", _question(request.query_params, wanted))


@router.post("/oauth/authorize")
@router.post("/oauth/{hub_id}/authorize")
async def answer(portal: InPortal, form: Form, hub_id: str | None = None) -> Response:
    """The user's decision."""
    try:
        _check_hub(portal, hub_id)
        wanted = parse_consent(form, portal.settings)
    except ConsentRefused as problem:
        return _page("This app cannot be connected", f"<p>{escape(str(problem))}</p>", 400)
    if form.get("decision") == "allow":
        return _allow(portal, wanted)
    return RedirectResponse(wanted.denied(), 302)


def _check_hub(portal: Portal, hub_id: str | None) -> None:
    if hub_id is not None and hub_id != str(portal.settings.portal_id):
        raise ConsentRefused(f"you have no access to the account {hub_id}")


def _allow(portal: Portal, wanted: ConsentRequest) -> Response:
    code = portal.tokens.consent(
        wanted.scopes, wanted.redirect_uri, wanted.challenge, wanted.method
    )
    return RedirectResponse(wanted.allowed(code), 302)


def _page(title: str, body: str, status: int = 200) -> Response:
    return HTMLResponse(PAGE.format(title=title, body=body), status)


def _question(fields: Mapping[str, str], wanted: ConsentRequest) -> str:
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(fields[name])}">'
        for name in FIELDS
        if name in fields
    )
    scopes = "".join(f"<li>{escape(scope)}</li>" for scope in wanted.scopes)
    return (
        f'<p>It asks for:</p><ul>{scopes}</ul><form method="post">{hidden}'
        '<button name="decision" value="allow">Connect app</button> '
        '<button name="decision" value="deny">Cancel</button></form>'
    )


@router.post("/oauth/{version}/token")
async def issue(version: str, portal: InPortal, form: Form) -> Response:
    """Tokens for a code, a refresh token, or the app itself."""
    _check_version(version, VERSIONS)
    _check_client(portal, form)
    match form.get("grant_type"):
        case "authorization_code":
            access = portal.tokens.redeem(
                form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", "")
            )
        case "refresh_token":
            access = portal.tokens.refresh(form.get("refresh_token", ""))
        case "client_credentials" if version != "v1":
            access = portal.tokens.grant_client(tuple(form.get("scope", "").split()))
        case _:
            message = "missing or invalid grant type"
            raise oauth_error("BAD_GRANT_TYPE", message, "unsupported_grant_type")
    return reply(_token_json(portal, access, version))


def _check_version(version: str, known: tuple[str, ...]) -> None:
    if version not in known:
        raise not_found()


def _check_client(portal: Portal, form: Mapping[str, str]) -> None:
    if form.get("client_id") != portal.settings.client_id:
        raise oauth_error("BAD_CLIENT_ID", "missing or invalid client id", "invalid_client")
    if form.get("client_secret") != portal.settings.client_secret:
        message = "missing or invalid client secret"
        raise oauth_error("BAD_CLIENT_SECRET", message, "invalid_client")


def _token_json(portal: Portal, access: Access, version: str) -> Json:
    body: Json = {
        "access_token": access.token,
        "expires_in": ACCESS_SECONDS,
        "token_type": "bearer",
    }
    if access.refresh_token:
        body["refresh_token"] = access.refresh_token
    if version == "v1":
        return body
    return {
        **body,
        "token_use": "access_token",
        "hub_id": portal.settings.portal_id,
        "user_id": USER_ID,
        "scopes": list(access.scopes),
    }


def _facts(portal: Portal, scopes: tuple[str, ...]) -> Json:
    return {
        "user": USER_EMAIL,
        "hub_domain": HUB_DOMAIN,
        "scopes": list(scopes),
        "hub_id": portal.settings.portal_id,
        "user_id": USER_ID,
        "client_id": portal.settings.client_id,
    }


def _access_facts(portal: Portal, access: Access) -> Json:
    left = (access.expires_at - portal.machinery.clock.milliseconds()) // 1_000
    return {
        **_facts(portal, access.scopes),
        "token": access.token,
        "app_id": portal.settings.app_id,
        "expires_in": left,
        "token_type": "access",
        "is_private_distribution": False,
    }


@router.get("/oauth/v1/access-tokens/{token}")
async def access_facts(token: str, portal: InPortal) -> Response:
    """What an access token is good for."""
    access = portal.tokens.live_access(token)
    if access is None:
        raise oauth_error("BAD_ACCESS_TOKEN", "access token is invalid, expired or revoked")
    facts = _access_facts(portal, access)
    del facts["client_id"]
    return reply({**facts, "signed_access_token": {"hubId": portal.settings.portal_id}})


@router.get("/oauth/v1/refresh-tokens/{token}")
async def refresh_facts(token: str, portal: InPortal) -> Response:
    """What a refresh token is good for."""
    scopes = portal.tokens.refresh_scopes(token)
    if scopes is None:
        raise oauth_error("BAD_REFRESH_TOKEN", "missing or invalid refresh token")
    return reply({**_facts(portal, scopes), "token": token, "token_type": "refresh"})


@router.delete("/oauth/v1/refresh-tokens/{token}")
async def delete_refresh(token: str, portal: InPortal) -> Response:
    """No more access tokens from this one."""
    portal.tokens.revoke(token)
    return no_content()


@router.post("/oauth/{version}/token/introspect")
async def introspect(version: str, portal: InPortal, form: Form) -> Response:
    """The same, since version 3 as a form."""
    _check_version(version, VERSIONS[1:])
    _check_client(portal, form)
    token = _named_token(form)
    access = portal.tokens.live_access(token)
    if access is not None:
        use = {"active": True, "token_use": "access_token"}
        return reply({**_access_facts(portal, access), **use})
    scopes = portal.tokens.refresh_scopes(token)
    if scopes is None:
        return reply({"active": False})
    use = {"active": True, "token_use": "refresh_token", "token_type": "refresh"}
    return reply({**_facts(portal, scopes), "token": token, **use})


@router.post("/oauth/{version}/token/revoke")
async def revoke(version: str, portal: InPortal, form: Form) -> Response:
    """200 whatever it was; access tokens live on until they expire."""
    _check_version(version, VERSIONS[1:])
    _check_client(portal, form)
    portal.tokens.revoke(_named_token(form))
    return reply({})


def _named_token(form: Mapping[str, str]) -> str:
    """The documentation and the specification disagree about the field's name."""
    return form.get("token") or form.get("access_token") or form.get("refresh_token") or ""
