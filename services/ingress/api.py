"""The doors: HubSpot's webhooks. Verify, store, answer; nothing else happens here."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response
from pydantic import SecretStr

from services.ingress.handlers.webhook import RefusedDeliveryError, accept
from services.ingress.ports import Delivery, Store
from shared.kernel.clock import Clock
from shared.kernel.ids import IdSource
from shared.security.hubspot_signature import SignatureError, verify_v3
from shared.telemetry.traces import current_traceparent
from shared.web.problems import Problem

STATUS_OF_REFUSAL = {"portal_unknown": 404}
"""Everything else about a verified body that cannot be used is a 400."""


def routes(
    *,
    store: Store,
    clock: Clock,
    new_id: IdSource,
    client_secret: SecretStr,
    webhook_url: str,
    check_broker: Callable[[], Awaitable[None]],
) -> APIRouter:
    """`webhook_url` is the public address that HubSpot signs, whatever the proxy in front did.

    `check_broker` raises a RetriableError while RabbitMQ is away, which is a 503: the sender
    keeps what would only pile up here.
    """
    router = APIRouter(prefix="/webhooks", tags=["ingress"])

    @router.post("/hubspot", status_code=204, response_class=Response)
    async def hubspot(request: Request) -> Response:
        """Accepts up to 100 change events, signed with the app's client secret (v3)."""
        body = await request.body()  # bounded by the application for all routes
        try:
            verify_v3(
                secret=client_secret.get_secret_value(),
                method=request.method,
                uri=_signed_uri(webhook_url, request),
                body=body,
                timestamp=request.headers.get("X-HubSpot-Request-Timestamp"),
                signature=request.headers.get("X-HubSpot-Signature-v3"),
                now=clock.now(),
            )
        except SignatureError as error:
            raise _refused(401, error.code, "The signature does not hold", str(error)) from None
        await check_broker()
        try:
            await accept(store, Delivery(new_id(), body, current_traceparent()))
        except RefusedDeliveryError as error:
            status = STATUS_OF_REFUSAL.get(error.code, 400)
            raise _refused(status, error.code, "The delivery was refused", str(error)) from None
        return Response(status_code=204)

    return router


def _signed_uri(webhook_url: str, request: Request) -> str:
    query = request.url.query
    return f"{webhook_url}?{query}" if query else webhook_url


def _refused(status: int, code: str, title: str, detail: str) -> Problem:
    return Problem(status, type=code.replace("_", "-"), title=title, detail=detail)
