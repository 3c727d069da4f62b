"""What goes wrong with a page, as a page: a person must not be shown JSON."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute

from services.console.api.context import (
    Console,
    FormRefusedError,
    RoleTooSmallError,
    SignInNeededError,
)
from services.console.api.rendering import SEE_OTHER
from services.console.handlers.parts import NotSignedInError
from services.console.ports import RefusedError, SilentError

Answering = Callable[[Request], Coroutine[Any, Any, Response]]


def page_route(console: Console) -> type[APIRoute]:
    """The class of the console's routes: their errors become pages."""

    class PageRoute(APIRoute):
        """A route whose errors become pages."""

        def get_route_handler(self) -> Answering:
            """The route's handler, with its errors translated."""
            handler = super().get_route_handler()

            async def shown(request: Request) -> Response:
                try:
                    return await handler(request)
                except Exception as error:  # noqa: BLE001 - what is not known is raised again
                    return _failure(console, request, error)

            return shown

    return PageRoute


def sign_in_url(request: Request) -> str:
    """The sign-in page, which leads back to the page that was asked for."""
    if request.method != "GET" or request.url.path == "/":
        return "/sign-in"
    return f"/sign-in?next={quote(request.url.path)}"


def _failure(console: Console, request: Request, error: Exception) -> Response:
    match error:
        case SignInNeededError() | NotSignedInError() | RefusedError(status=401):
            return RedirectResponse(sign_in_url(request), status_code=SEE_OTHER)
        case FormRefusedError():
            return _page(console, request, 403, "This form is not valid any more", _FORM)
        case RoleTooSmallError(needed=needed):
            text = f"This needs the role {needed.value}. Sign in with a token of that role."
            return _page(console, request, 403, "Your role does not allow this", text)
        case RequestValidationError():
            return _page(console, request, 404, "There is no such page", _ADDRESS)
        case RefusedError(status=404):
            return _page(console, request, 404, "That is not here (any more)", str(error))
        case RefusedError():
            return _page(console, request, 409, "That was refused", str(error))
        case SilentError():
            return _page(console, request, 503, "A service does not answer", str(error))
        case _:
            raise error


def _page(console: Console, request: Request, status: int, title: str, text: str) -> Response:
    session = console.session(request) or console.sessions.visitor()
    return console.pages.page(
        request, session, "failure.html", status=status, title=title, text=text
    )


_FORM = (
    "It was made for another session, or the session has ended since. Nothing was changed. Go "
    "back to the page, reload it and try again."
)
_ADDRESS = "The address or a field of the form cannot be read. Start at the overview."
