"""What a person may ask of the other services. Each answers what to tell that person.

A refusal passes as RefusedError with the service's own words, silence as SilentError.
"""

from dataclasses import dataclass

from services.console.domain.answers import items, mapping, text
from services.console.ports import Caller
from shared.kernel.records import Side


@dataclass(frozen=True, slots=True)
class AuthorizationLink:
    """Where a person allows access to one side; good for minutes, and only once."""

    side: Side
    url: str


@dataclass(frozen=True, slots=True)
class Order:
    """How the package is to be installed.

    `method` is deploy, version or manual; `version_id` is needed for `version` and gives
    `manual` its link; `consent` lets a package version call the sites that it names.
    """

    method: str
    version_id: str = ""
    audience: str = "admins"
    consent: bool = False


async def start_connection(
    caller: Caller, environment: str, salesforce_domain: str, *, request_key: str
) -> tuple[str, AuthorizationLink]:
    """A new connection's id, and the link to connect HubSpot first.

    `salesforce_domain` is empty where the org signs in at Salesforce's common address.
    """
    body = {"environment": environment}
    if salesforce_domain:
        body["salesforce_domain"] = salesforce_domain
    answer = mapping(
        await caller.post("connection", "/api/v1/connections", body, request_key=request_key)
    )
    link = AuthorizationLink(Side.HUBSPOT, text(answer, "hubspot_authorize_url"))
    return text(answer, "id"), link


async def start_authorization(caller: Caller, connection_id: str, side: Side) -> AuthorizationLink:
    """A link to connect, or connect again, one side."""
    path = f"/api/v1/connections/{connection_id}/authorizations/{side.value}"
    answer = mapping(await caller.post("connection", path))
    return AuthorizationLink(side, text(answer, "authorize_url"))


async def install_package(
    caller: Caller, connection_id: str, order: Order, *, request_key: str
) -> str:
    """Orders an installation, or, with the method `manual`, only a look."""
    body = {
        "method": order.method,
        "audience": order.audience,
        "grant_third_party_access": order.consent,
    }
    if order.version_id:
        body["version_id"] = order.version_id
    path = f"/api/v1/packages/{connection_id}/installations"
    await caller.post("package_watcher", path, body, request_key=request_key)
    if order.method == "manual":
        return "Causeway looks for the package in the org now."
    return "The installation has been ordered. Salesforce takes from seconds to some minutes."


async def skip_visualforce(caller: Caller, connection_id: str) -> str:
    """Goes on without the window inside Salesforce records."""
    path = f"/api/v1/packages/{connection_id}/visualforce"
    await caller.post("package_watcher", path, {"action": "skip"})
    return "The window inside Salesforce records is skipped. It can be added later."


async def choose_recommended(caller: Caller, connection_id: str) -> str:
    """Drafts the settings that fit both accounts."""
    path = f"/api/v1/setup/{connection_id}/choice"
    answer = mapping(await caller.post("mapping", path, {"kind": "recommended"}))
    left_out = items(answer.get("left_out"))
    drafted = "The recommended settings are drafted. Read them through, then finish the setup."
    if not left_out:
        return drafted
    names = ", ".join(text(item, "hubspot_property") for item in left_out)
    return f"{drafted} Left out, as these accounts cannot have them: {names}."


async def finish_setup(caller: Caller, connection_id: str, *, acknowledge: bool) -> str:
    """Starts the sync; `acknowledge`: in spite of what the review warns of now."""
    setup, body = f"/api/v1/setup/{connection_id}", None
    if acknowledge:
        review = mapping(await caller.get("mapping", f"{setup}/review"))
        body = {"acknowledge": review.get("acknowledge", [])}
    answer = mapping(await caller.post("mapping", f"{setup}/finish", body))
    return f"The setup is finished and the sync has started. {text(answer, 'message')}".strip()


async def pause_sync(caller: Caller, connection_id: str, reason: str) -> str:
    """Nothing is written until it is resumed."""
    path = f"/api/v1/settings/{connection_id}/pause"
    await caller.post("mapping", path, {"reason": reason} if reason else None)
    return "The sync is paused. Changes are still noted, and synced when you resume."


async def resume_sync(caller: Caller, connection_id: str) -> str:
    """Goes on with what was noted."""
    await caller.post("mapping", f"/api/v1/settings/{connection_id}/resume")
    return "The sync goes on."


async def start_import(caller: Caller, connection_id: str, side: Side, *, request_key: str) -> str:
    """Looks at all people of one side."""
    body = {"connection_id": connection_id, "side": side.value}
    await caller.post("contact_sync", "/api/v1/imports", body, request_key=request_key)
    return "The import has started. Live changes still go first."


async def retry_error(caller: Caller, connection_id: str, error_id: str) -> str:
    """Puts a record back, ahead of everything else."""
    path = f"/api/v1/errors/{error_id}/retry"
    await caller.post("contact_sync", path, {"connection_id": connection_id})
    return "The record is tried again now. If it fails again, it comes back to this list."
