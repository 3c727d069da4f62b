"""Who the user of a token is, and where everything is (facts: sections 1.1 and 1.8)."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from tests.simulators.salesforce.grants import ALL_SCOPES, Session
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.members import Member
from tests.simulators.salesforce.oauth import TheOrg, hosts, origin
from tests.simulators.salesforce.org import Org

router = APIRouter()


def _bearer(request: Request, org: Org) -> Session | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    value = value.strip() if scheme.lower() in {"bearer", "oauth"} else ""
    value = value or request.query_params.get("oauth_token", "")
    return org.grants.session(value, org.switches.session_timeout_seconds)


@router.get("/services/oauth2/userinfo")
async def userinfo(request: Request, org: TheOrg) -> Response:
    """Who the user of an access token is, in OpenID words."""
    session = _bearer(request, org)
    if session is None:
        return Response("Bad_OAuth_Token", 403, media_type="text/plain")
    user = session.user
    return JSONResponse(
        {
            "sub": f"{hosts(request, org).identity}/id/{org.settings.org_id}/{user.id}",
            "user_id": user.id,
            "organization_id": org.settings.org_id,
            "preferred_username": user.username,
            "nickname": user.username.partition("@")[0],
            "name": user.name,
            "email": user.email,
            "email_verified": True,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "zoneinfo": "Europe/Berlin",
            "active": user.active,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "urls": _urls(hosts(request, org).instance, "{version}", user),
        }
    )


@router.get("/id/{org_id}/{user_id}")
async def identity(request: Request, org: TheOrg, org_id: str, user_id: str) -> Response:
    """The identity URL; its API URLs hold a literal ``{version}`` unless asked for the latest."""
    session = _bearer(request, org)
    if session is None:
        return Response("Bad_OAuth_Token", 403, media_type="text/plain")
    if long_form(org_id) != org.settings.org_id:
        return Response("Wrong_Org", 403, media_type="text/plain")
    user = org.grants.member(user_id)
    if user.id != session.user.id:
        return Response("Missing_OAuth_Token", 403, media_type="text/plain")
    wanted = request.query_params.get("version", "")
    latest = f"{org.switches.latest_version}.0"
    version = latest if wanted == "latest" else wanted or "{version}"
    where = hosts(request, org)
    base = where.instance
    return JSONResponse(
        {
            "id": f"{where.identity}/id/{org.settings.org_id}/{user.id}",
            "asserted_user": True,
            "user_id": user.id,
            "organization_id": org.settings.org_id,
            "username": user.username,
            "nick_name": user.username.partition("@")[0],
            "display_name": user.name,
            "email": user.email,
            "email_verified": True,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "photos": {"picture": f"{base}/profilephoto/F", "thumbnail": f"{base}/profilephoto/T"},
            "urls": _urls(base, version, user),
            "active": user.active,
            "user_type": "STANDARD",
            "language": "en_US",
            "locale": "en_US",
            "utcOffset": 3_600_000,
            "is_app_installed": not org.switches.app_uninstalled,
        }
    )


def _urls(base: str, version: str, user: Member) -> dict[str, str]:
    rest = f"{base}/services/data/v{version}/"
    return {
        "enterprise": f"{base}/services/Soap/c/{version}/",
        "metadata": f"{base}/services/Soap/m/{version}/",
        "partner": f"{base}/services/Soap/u/{version}/",
        "rest": rest,
        "sobjects": f"{rest}sobjects/",
        "search": f"{rest}search/",
        "query": f"{rest}query/",
        "tooling_rest": f"{rest}tooling/",
        "profile": f"{base}/{user.id}",
    }


@router.get("/.well-known/openid-configuration")
async def discovery(request: Request) -> dict[str, Any]:
    """Where everything is."""
    base = origin(request)
    at = f"{base}/services/oauth2"
    return {
        "issuer": base,
        "authorization_endpoint": f"{at}/authorize",
        "token_endpoint": f"{at}/token",
        "revocation_endpoint": f"{at}/revoke",
        "introspection_endpoint": f"{at}/introspect",
        "userinfo_endpoint": f"{at}/userinfo",
        "jwks_uri": f"{base}/id/keys",
        "registration_endpoint": f"{at}/register",
        "scopes_supported": [*ALL_SCOPES, "openid", "profile", "email", "web", "full"],
        "response_types_supported": ["code", "token", "token id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "code_challenge_methods_supported": ["S256"],
    }
