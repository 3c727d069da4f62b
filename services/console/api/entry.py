"""Signing in and out."""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from services.console.api.context import MAX_FORM_TEXT, Console, CsrfField, FormRefusedError
from services.console.api.failures import page_route
from services.console.api.rendering import SEE_OTHER
from services.console.api.sessions import Session
from shared.security.tokens import TokenRefusedError

STALE_FORM = "This page had been open for too long. Please paste the token again."


def entry_routes(console: Console) -> APIRouter:
    """/sign-in and /sign-out."""
    router = APIRouter(route_class=page_route(console))

    @router.get("/sign-in", response_class=HTMLResponse)
    async def sign_in_page(request: Request, next: str = "/") -> Response:  # noqa: A002
        """Where a token is pasted."""
        session = console.session(request)
        if session is not None and session.principal is not None:
            return RedirectResponse(local_path(next), status_code=SEE_OTHER)
        return _form(console, request, session, goal=next)

    @router.post("/sign-in", response_class=HTMLResponse)
    async def sign_in(
        request: Request,
        token: Annotated[str, Form(max_length=MAX_FORM_TEXT)] = "",
        goal: Annotated[str, Form(max_length=MAX_FORM_TEXT)] = "/",
        csrf: CsrfField = "",
    ) -> Response:
        """Checks the token and starts a session."""
        visitor = console.session(request)
        if visitor is None or not console.sessions.form_is_ours(visitor, csrf):
            return _form(console, request, visitor, goal=goal, problem=STALE_FORM)
        try:
            session = console.sessions.sign_in("".join(token.split()))
        except TokenRefusedError as error:
            return _form(console, request, visitor, goal=goal, problem=str(error))
        response = RedirectResponse(local_path(goal), status_code=SEE_OTHER)
        console.cookies.put(response, console.cookies.session, console.sessions.seal(session))
        return response

    @router.post("/sign-out", response_class=HTMLResponse)
    async def sign_out(request: Request, csrf: CsrfField = "") -> Response:
        """Ends the session in this browser."""
        session = console.signed_in(request)
        if not console.sessions.form_is_ours(session, csrf):
            raise FormRefusedError
        response = RedirectResponse("/sign-in", status_code=SEE_OTHER)
        console.cookies.drop(response, console.cookies.session)
        console.cookies.drop(response, console.cookies.flash)
        return response

    return router


def local_path(goal: str) -> str:
    """`goal` when it is a page of ours, else the overview: nobody is sent to another site."""
    plain = goal.isprintable() and "\\" not in goal and " " not in goal
    if not plain or not goal.startswith("/") or goal.startswith("//"):
        return "/"
    parts = urlsplit(goal)
    return "/" if parts.scheme or parts.netloc else parts.path


def _form(
    console: Console, request: Request, session: Session | None, *, goal: str, problem: str = ""
) -> Response:
    visitor = session or console.sessions.visitor()
    response = console.pages.page(
        request,
        visitor,
        "sign_in.html",
        status=400 if problem else 200,
        goal=local_path(goal),
        problem=problem,
    )
    console.cookies.put(response, console.cookies.session, console.sessions.seal(visitor))
    return response
