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
        "The client id or the client secret is not the one that the app at the CRM has.",
        "Compare CAUSEWAY_HUBSPOT_CLIENT_ID and _CLIENT_SECRET, or CAUSEWAY_SALESFORCE_CLIENT_ID "
        "and _CLIENT_SECRET, with the app's settings, restart, and ask for a new link.",
        502,
    )
    REDIRECT = Failure(
        "redirect-address-refused",
        "The CRM does not accept the address that it should send the browser back to",
        "The callback address of this installation is not among those of the app at the CRM, "
        "letter by letter.",
        "Add <CAUSEWAY_PUBLIC_URL>/api/v1/connections/callbacks/hubspot (or .../salesforce) to "
        "the app's redirect or callback URLs; HubSpot wants https. Then ask for a new link.",
        502,
    )
    NO_ACCESS = Failure(
        "account-refused",
        "The CRM refused this account",
        "The CRM could not sign this account in, or the account may not connect apps here.",
        "Sign in with an administrator's account (HubSpot: super admin; Salesforce: System "
        "Administrator) and ask for a new link. Salesforce's Login History says why it refused.",
    )
    HUBSPOT_PERMISSION = Failure(
        "hubspot-permission-missing",
        "This HubSpot user may not install apps",
        "HubSpot lets only super admins and users with App Marketplace access install an app.",
        "Let a super admin open a new link, or have one grant you the permission App Marketplace "
        "access (Settings > Users & Teams) and Account Access.",
    )
    WRONG_HUB = Failure(
        "hubspot-account-unknown",
        "HubSpot does not know the account that was chosen",
        "The account (hub) is missing, closed, or not one that this user belongs to.",
        "Ask for a new link, sign in to HubSpot, and choose the right account in the list.",
    )
    NOT_APPROVED = Failure(
        "user-not-approved",
        "Salesforce lets only users use this app whom an admin has approved",
        "The app's policy is 'Admin approved users are pre-authorized', and this user has none of "
        "its profiles and permission sets.",
        "In Salesforce, open the app's policies and add a permission set that this user has, or "
        "let all users authorize themselves. Then ask for a new link.",
    )
    USER_INACTIVE = Failure(
        "user-or-org-inactive",
        "Salesforce says that the user or the org is not active",
        "The user is deactivated or frozen, the password has expired, or the org is suspended.",
        "Activate the user (Setup > Users) or have the org reactivated, then ask for a new link.",
    )
    IP_RESTRICTED = Failure(
        "ip-restricted",
        "Salesforce does not allow this user to sign in from here",
        "Login IP ranges or login hours of the user's profile, or the IP policy of the app, shut "
        "out the browser or the server that Causeway runs on.",
        "Add the addresses of both to the profile's Login IP Ranges, or set the app's IP "
        "Relaxation to 'Relax IP restrictions'. Then ask for a new link.",
    )
    API_DISABLED = Failure(
        "api-not-available",
        "This Salesforce org or user has no API access",
        "The edition has no API (Group and Essentials have none; Professional needs the add-on), "
        "or the user lacks the permission API Enabled.",
        "Give the user API Enabled (a profile or permission set), or ask Salesforce to enable the "
        "API for the org. Then ask for a new link.",
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
        "Ask for a new link and sign in to the right org. A HubSpot account is joined to one org "
        "at a time; to change it for another (from a sandbox to production, say) and keep the "
        "settings, use POST /api/v1/connections/{id}/move.",
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
