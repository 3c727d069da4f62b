"""What goes wrong while a side is connected, in words that say what to do next."""

from dataclasses import dataclass
from enum import Enum

from shared.kernel.errors import FatalError


@dataclass(frozen=True, slots=True)
class Failure:
    """`code` is stable; `title`, `what` and `next_step` are for a person; `status` is HTTP's."""

    code: str
    title: str
    what: str
    next_step: str
    status: int = 400


class Failures(Enum):
    """Every failure that has its own explanation."""

    DENIED = Failure(
        "authorization-denied",
        "The connection was not allowed",
        "The person at the CRM's page chose not to allow Causeway.",
        "Ask for a new link and choose Allow. Sign in with an account that may install apps.",
    )
    LINK_EXPIRED = Failure(
        "authorization-link-expired",
        "This link cannot be used",
        "The link is unknown, was used before, is older than ten minutes, or was opened in "
        "another browser than this one.",
        "Ask for a new link, open it, and finish in the same browser within ten minutes.",
    )
    CODE_EXPIRED = Failure(
        "authorization-code-expired",
        "The CRM's answer cannot be used any more",
        "The code in the answer has expired or was used before.",
        "Ask for a new link and go through it once, without the Back button.",
    )
    CHALLENGE = Failure(
        "authorization-challenge",
        "The CRM did not accept the proof of origin",
        "The CRM missed the PKCE code challenge, or it did not fit the verifier. A proxy may have "
        "cut the address, or the answer belongs to another attempt.",
        "Ask for a new link. If it happens again, allow PKCE (S256) in the app's settings.",
    )
    APP_NOT_INSTALLED = Failure(
        "app-not-installed",
        "Salesforce refuses an app that is not installed in this org",
        "Since September 2025 Salesforce blocks apps that are not installed in the org.",
        "In this org, create a local External Client App with Causeway's callback address and "
        "give its key and secret to Causeway, or sign in as a user who has the permission "
        "Approve Uninstalled Connected Apps (System Administrator has it). Then ask for a new "
        "link.",
    )
    SCOPES = Failure(
        "scopes-not-granted",
        "Causeway was not given all the permissions it needs",
        "Some of the permissions (scopes) were not granted.",
        "Add the scopes to the app's settings, sign in with an account that may grant them "
        "(HubSpot: super admin), and ask for a new link.",
    )
    NO_REFRESH_TOKEN = Failure(
        "refresh-token-missing",
        "The CRM gave no refresh token",
        "Without it the connection would end within hours.",
        "Allow the scope refresh_token (Perform requests at any time) in the app's settings, set "
        "its refresh token policy to valid until revoked, and ask for a new link.",
    )
    CLIENT = Failure(
        "oauth-client-refused",
        "The CRM does not know this installation of Causeway",
        "The client id, the client secret or the callback address is not the one that the app at "
        "the CRM has.",
        "Compare CAUSEWAY_HUBSPOT_CLIENT_ID and _CLIENT_SECRET, CAUSEWAY_SALESFORCE_CLIENT_ID "
        "and _CLIENT_SECRET and CAUSEWAY_PUBLIC_URL with the app's settings, restart, and ask "
        "for a new link.",
        502,
    )
    NO_ACCESS = Failure(
        "account-refused",
        "The CRM refused this account",
        "The account that signed in may not connect apps here, or the CRM's API is not available "
        "to it.",
        "Sign in with an administrator's account (HubSpot: super admin; Salesforce: API Enabled) "
        "and ask for a new link.",
    )
    OTHER_PORTAL = Failure(
        "other-portal",
        "This is another HubSpot account",
        "The connection belongs to another HubSpot account (portal) than the one that signed in.",
        "Ask for a new link and choose the right account, or create a new connection for this one.",
        409,
    )
    OTHER_ORG = Failure(
        "other-org",
        "This is another Salesforce org",
        "The connection's records are linked to another org than the one that signed in.",
        "Ask for a new link and sign in to the right org. To move to another org, remove the "
        "connection and create a new one.",
        409,
    )
    PORTAL_TAKEN = Failure(
        "portal-already-connected",
        "This HubSpot account is connected already",
        "A HubSpot account (portal) can be joined to one Salesforce org only, and another "
        "connection has it.",
        "Reconnect that connection instead, or remove it first.",
        409,
    )
    UNTRUSTED_HOST = Failure(
        "instance-url-refused",
        "The CRM named an address that is not one of its own",
        "Salesforce's answer names an instance that is not on a Salesforce host; it is not used.",
        "Check the Salesforce domain of the connection. For a private host, list its origin in "
        "CAUSEWAY_EXTRA_CRM_ORIGINS.",
    )
    UNAVAILABLE = Failure(
        "crm-unavailable",
        "The CRM did not answer",
        "The CRM could not be reached, or is too busy.",
        "Wait a minute and ask for a new link.",
        503,
    )
    OTHER = Failure(
        "authorization-failed",
        "The CRM refused the connection",
        "The CRM gave a reason that Causeway does not know.",
        "Ask for a new link. If it happens again, look for the code in the CRM's documentation.",
    )


class ConnectError(FatalError):
    """A side could not be connected; `detail` adds what is known of this case, never a secret."""

    def __init__(self, failure: Failures, detail: str = "") -> None:
        self.failure = failure.value
        self.detail = detail
        text = " ".join(
            part for part in (self.failure.what, detail, self.failure.next_step) if part
        )
        super().__init__(text, code=self.failure.code)


# Errors as both CRMs write them, in the callback and at the token endpoint, lower case (facts:
# hubspot-api §1, salesforce-api §1.6). Descriptions first: Salesforce's `error` is often vague.
_BY_DESCRIPTION = (
    ("end-user denied", Failures.DENIED),
    ("code challenge", Failures.CHALLENGE),
    ("code verifier", Failures.CHALLENGE),
    ("must be installed into org", Failures.APP_NOT_INSTALLED),
    ("expired authorization code", Failures.CODE_EXPIRED),
    ("authentication failure", Failures.NO_ACCESS),
)
_BY_ERROR = {
    "access_denied": Failures.DENIED,
    "access-denied": Failures.DENIED,
    "oauth_approval_error_generic": Failures.APP_NOT_INSTALLED,
    "oauth_ec_app_not_found": Failures.APP_NOT_INSTALLED,
    "bad_auth_code": Failures.CODE_EXPIRED,
    "invalid_grant": Failures.CODE_EXPIRED,
    "bad_code_verifier": Failures.CHALLENGE,
    "bad_scopes": Failures.SCOPES,
    "invalid_scope": Failures.SCOPES,
    "bad_hub": Failures.NO_ACCESS,
    "api_disabled_for_org": Failures.NO_ACCESS,
    "bad_client_id": Failures.CLIENT,
    "bad_client_secret": Failures.CLIENT,
    "bad_redirect_uri": Failures.CLIENT,
    "redirect_uri_mismatch": Failures.CLIENT,
    "invalid_client": Failures.CLIENT,
    "invalid_client_id": Failures.CLIENT,
    "unauthorized_client": Failures.CLIENT,
    "request_limit_exceeded": Failures.UNAVAILABLE,
    "temporarily_unavailable": Failures.UNAVAILABLE,
    "server_error": Failures.UNAVAILABLE,
}


def failure_of(error: str, description: str = "") -> Failures:
    """Which explanation fits an error of a callback or of a token endpoint."""
    text = description.lower()
    for part, failure in _BY_DESCRIPTION:
        if part in text:
            return failure
    return _BY_ERROR.get(error.lower(), Failures.OTHER)
