"""The page inside a Salesforce record: opened by a request that Salesforce signs."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from services.console.api.context import Console
from services.console.api.failures import Answering
from services.console.domain.record_page import (
    ANY_SALESFORCE,
    MAX_CHARS,
    RequestRefusedError,
    framers,
    visit_of,
)
from services.console.handlers.record_page import record_page
from services.console.ports import RefusedError, SilentError
from shared.kernel.clock import Clock

PATH = "/salesforce/canvas"
NOT_ALLOWED = (
    "Salesforce has not sent this page your sign-in. An admin should open the app's policies in "
    "Setup > External Client App Manager, choose Admin approved users are pre-authorized, and "
    "add the permission set Causeway_Window."
)
STATUS = {"request_too_old": 403, "request_forged": 403, "unknown_org": 403, "no_record": 404}


@dataclass(frozen=True, slots=True)
class Signed:
    """What signed requests are checked with: the Salesforce app's consumer secret, the time."""

    secret: str = field(repr=False)
    clock: Clock


def record_page_routes(console: Console, signed: Signed) -> APIRouter:
    """The one address that Salesforce's canvas calls. It reads no cookie and sets none."""
    router = APIRouter(route_class=_framed_route(console))

    @router.post(PATH, response_class=HTMLResponse)
    async def inside(
        signed_request: Annotated[str, Form(max_length=MAX_CHARS)],
    ) -> Response:
        """The link, the latest syncs and events of the record that somebody looks at."""
        visit = visit_of(signed_request, secret=signed.secret, now=signed.clock.now())
        page = await record_page(console.services.as_itself(), visit)
        return console.pages.framed("record_page.html", framers(page.instance_url), page=page)

    @router.get(PATH, response_class=HTMLResponse)
    async def unsigned() -> Response:
        """What Salesforce asks for where a person has not been allowed to use the app."""
        return _said(console, 403, NOT_ALLOWED)

    return router


def _framed_route(console: Console) -> type[APIRoute]:
    """Errors as small pages that fit into the frame; they say nothing about any record."""

    class FramedRoute(APIRoute):
        """A route whose errors are such pages."""

        def get_route_handler(self) -> Answering:
            """The route's handler, with its errors translated."""
            handler = super().get_route_handler()

            async def shown(request: Request) -> Response:
                try:
                    return await handler(request)
                except RequestRefusedError as error:
                    return _said(console, STATUS[error.code], str(error))
                except RequestValidationError:
                    return _said(console, 400, "Salesforce sent no signed request.")
                except (SilentError, RefusedError):
                    return _said(
                        console, 503, "Causeway cannot answer now. Reload the record in a minute."
                    )

            return shown

    return FramedRoute


def _said(console: Console, status: int, text: str) -> Response:
    return console.pages.framed("record_page_said.html", ANY_SALESFORCE, status=status, said=text)
