"""Which explanation fits what a CRM wrote, in the callback or at its token endpoint.

Both CRMs' words, in lower case (facts: hubspot-api §1, salesforce-api §1.4, §1.6, §1.9, §2.10).
"""

from services.connection.domain.failures import Failures

# Looked at first: Salesforce's `error` is often vague (five meanings of invalid_grant).
_BY_DESCRIPTION = (
    ("end-user denied", Failures.DENIED),
    ("must be installed into org", Failures.APP_NOT_INSTALLED),
    ("code challenge", Failures.CHALLENGE),
    ("code verifier", Failures.CHALLENGE),
    ("expired authorization code", Failures.CODE_EXPIRED),
    ("authentication failure", Failures.NO_ACCESS),
    ("ip restricted", Failures.IP_RESTRICTED),
    ("hasn't approved this consumer", Failures.NOT_APPROVED),
    ("not admin approved", Failures.NOT_APPROVED),
    ("inactive user", Failures.USER_INACTIVE),
    ("inactive organization", Failures.USER_INACTIVE),
    ("password expired", Failures.USER_INACTIVE),
    ("redirect_uri must match", Failures.REDIRECT),
    ("unknown hub id", Failures.WRONG_HUB),
    ("super admin", Failures.HUBSPOT_PERMISSION),
    ("app marketplace", Failures.HUBSPOT_PERMISSION),
)
_BY_ERROR = {
    "access_denied": Failures.DENIED,
    "access-denied": Failures.DENIED,
    "oauth_approval_error_generic": Failures.APP_NOT_INSTALLED,
    "oauth_ec_app_not_found": Failures.APP_NOT_INSTALLED,
    "oauth_app_blocked": Failures.APP_NOT_INSTALLED,
    "oauth_app_access_denied": Failures.NOT_APPROVED,
    "invalid_app_access": Failures.NOT_APPROVED,
    "inactive_user": Failures.USER_INACTIVE,
    "inactive_org": Failures.USER_INACTIVE,
    "bad_auth_code": Failures.CODE_EXPIRED,
    "bad_refresh_token": Failures.CODE_EXPIRED,
    "invalid_grant": Failures.CODE_EXPIRED,
    "bad_code_verifier": Failures.CHALLENGE,
    "invalid_request": Failures.CHALLENGE,
    "bad_scopes": Failures.SCOPES,
    "invalid_scope": Failures.SCOPES,
    "missing_scopes": Failures.SCOPES,
    "grant_unreadable": Failures.SCOPES,
    "bad_hub": Failures.WRONG_HUB,
    "api_disabled_for_org": Failures.API_DISABLED,
    "api_currently_disabled": Failures.API_DISABLED,
    "bad_client_id": Failures.CLIENT,
    "bad_client_secret": Failures.CLIENT,
    "bad_grant_type": Failures.CLIENT,
    "invalid_client": Failures.CLIENT,
    "invalid_client_id": Failures.CLIENT,
    "unauthorized_client": Failures.CLIENT,
    "unsupported_grant_type": Failures.CLIENT,
    "unsupported_response_type": Failures.CLIENT,
    "bad_redirect_uri": Failures.REDIRECT,
    "redirect_uri_mismatch": Failures.REDIRECT,
    "request_limit_exceeded": Failures.UNAVAILABLE,
    "rate_limit_exceeded": Failures.UNAVAILABLE,
    "temporarily_unavailable": Failures.UNAVAILABLE,
    "server_error": Failures.UNAVAILABLE,
    "unknown_error": Failures.UNAVAILABLE,
}


def failure_of(error: str, description: str = "") -> Failures:
    """Which explanation fits an error of a callback or of a token endpoint."""
    text = description.lower()
    for part, failure in _BY_DESCRIPTION:
        if part in text:
            return failure
    return _BY_ERROR.get(error.lower(), Failures.OTHER)
