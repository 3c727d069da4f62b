"""The two addresses that a browser visits without a token: the link, and the CRM's callback."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import BaseModel, Field

from services.connection.api.errors import connect_problem
from services.connection.api.models import view_of
from services.connection.api.pages import HEADERS, page
from services.connection.api.parts import PREFIX, Parts
from services.connection.domain.attempt import CONSENT_LIFETIME, digest
from services.connection.domain.failures import ConnectError, Failures
from services.connection.handlers.find import UnknownConnectionError, overview
from services.connection.handlers.preflight import run_again
from services.connection.handlers.setup import Finished, finish, open_link
from shared.kernel.errors import CausewayError, RetriableError
from shared.kernel.records import Side
from shared.telemetry.logs import get_logger

_LOG = get_logger(__name__)
CALLBACKS = f"{PREFIX}/callbacks"
MOVED = (
    "The connection has moved to this org. Its settings came along; links of records belong to the "
    "org before and wait there. Install the package here, review the settings, then start the sync."
)
BACK = (
    "The connection is back: its settings and the links of its records were kept. The sync waits "
    "until you start it; an import finds what changed in HubSpot meanwhile."
)
NAMES = {Side.HUBSPOT: "HubSpot", Side.SALESFORCE: "Salesforce"}


class Answer(BaseModel):
    """What a CRM hangs on the callback's address (codes have under 200 characters)."""

    state: str = Field(default="", max_length=4096)
    code: str = Field(default="", max_length=4096)
    error: str = Field(default="", max_length=4096)
    error_description: str = Field(default="", max_length=4096)


def browser_routes(parts: Parts) -> APIRouter:
    """Both are bound by secrets in their addresses (and the callback by a cookie)."""
    router = APIRouter(prefix=PREFIX)

    @router.get("/authorizations/{ticket}/start", response_class=RedirectResponse)
    async def start(ticket: str, request: Request) -> Response:
        """Binds this browser to the attempt and sends it to the CRM."""
        try:
            _, departure, url = await open_link(
                parts.store, parts.crms, ticket, new_secret=parts.new_secret
            )
        except (ConnectError, UnknownConnectionError) as error:
            return _failed(request, _as_connect_error(error))
        response = RedirectResponse(url, status_code=302, headers=HEADERS)
        response.set_cookie(
            _cookie(departure.state),
            departure.binding,
            max_age=int(CONSENT_LIFETIME.total_seconds()),
            path=CALLBACKS,
            secure=parts.public_url.startswith("https://"),
            httponly=True,
            samesite="lax",
        )
        return response

    @router.get("/callbacks/{side}")
    async def callback(
        side: Side, request: Request, answer: Annotated[Answer, Query()]
    ) -> Response:
        """Where the CRM sends the browser back; a page, or JSON for a client that asks for it."""
        try:
            finished = await finish(
                parts.store,
                parts.crms,
                side,
                state=answer.state,
                binding=request.cookies.get(_cookie(answer.state), ""),
                code=answer.code,
                error=(answer.error, answer.error_description),
                hubspot_app_id=parts.hubspot_app_id,
            )
        except (ConnectError, UnknownConnectionError, RetriableError) as failed:
            response = _failed(request, _as_connect_error(failed))
        else:
            await _follow_up(parts, finished, side)
            response = await _connected(parts, request, finished, side)
        response.delete_cookie(_cookie(answer.state), path=CALLBACKS)
        return response

    return router


def _cookie(state: str) -> str:
    """One cookie an attempt, so that two tabs do not spoil each other's."""
    return f"causeway_oauth_{digest(state)[:16]}"


def _as_connect_error(
    error: ConnectError | UnknownConnectionError | RetriableError,
) -> ConnectError:
    if isinstance(error, ConnectError):
        return error
    if isinstance(error, RetriableError):
        return ConnectError(Failures.UNAVAILABLE, str(error))
    return ConnectError(Failures.LINK_EXPIRED, str(error))


def _failed(request: Request, error: ConnectError) -> Response:
    _LOG.warning("side not connected", code=error.code)
    if _wants_json(request):
        return connect_problem(error).response()
    failure = error.failure
    return page(failure.title, failure.what, error.detail, failure.next_step, status=failure.status)


async def _follow_up(parts: Parts, finished: Finished, side: Side) -> None:
    """Another user may do less, another org is another world: the pre-flight runs anew."""
    connection_id = finished.connection.id
    _LOG.info(
        "side connected",
        connection_id=str(connection_id),
        side=side.value,
        moved=finished.moved,
        other_user=finished.other_user,
    )
    if finished.not_revoked is not None:
        code = finished.not_revoked.code
        _LOG.warning("old grant not revoked", connection_id=str(connection_id), code=code)
    if finished.other_user:
        try:
            await run_again(parts.store, parts.scout, connection_id)
        except CausewayError as error:
            _LOG.warning("preflight failed", connection_id=str(connection_id), code=error.code)


async def _connected(parts: Parts, request: Request, finished: Finished, side: Side) -> Response:
    seen = view_of(await overview(parts.store, finished.connection.id))
    if _wants_json(request):
        return JSONResponse(seen.model_dump(mode="json"), headers=HEADERS)
    account = seen.portal_id if side is Side.HUBSPOT else seen.org_id
    return page(
        f"{NAMES[side]} is connected",
        f"Account {account} is now part of connection {seen.id}.",
        MOVED if finished.moved else BACK if finished.back else "",
        f"Next: {seen.next_step}"
        if seen.next_step
        else "Both sides are connected. You can close this page and go on with the setup.",
        *(f"Note: {warning.text}" for warning in seen.warnings),
    )


def _wants_json(request: Request) -> bool:
    accepted = request.headers.get("accept", "")
    return "json" in accepted and "text/html" not in accepted
