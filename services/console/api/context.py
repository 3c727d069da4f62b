"""What every route of the console is given: who asks, and whether a form may be acted on."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Form, Request

from services.console.api.rendering import Cookies, Pages
from services.console.api.sessions import Session, Sessions
from services.console.ports import Caller, Services
from shared.security.tokens import Role

MAX_FORM_TEXT = 4096
"""Longer than any field of ours; the body itself is bounded by the application."""

CsrfField = Annotated[str, Form(max_length=MAX_FORM_TEXT)]


class SignInNeededError(Exception):
    """Nobody is signed in, or not any more."""


class FormRefusedError(Exception):
    """A form that was not made for this session."""


class RoleTooSmallError(Exception):
    """The person may look but not do this."""

    def __init__(self, needed: Role) -> None:
        super().__init__(needed.value)
        self.needed = needed


@dataclass(frozen=True, slots=True)
class Console:
    """The parts that the routes share. `hubspot_app_url` is where people open HubSpot records."""

    sessions: Sessions
    cookies: Cookies
    pages: Pages
    services: Services
    hubspot_app_url: str

    def session(self, request: Request) -> Session | None:
        """The session of the browser, signed in or not."""
        return self.sessions.opened(request.cookies.get(self.cookies.session))

    def signed_in(self, request: Request) -> Session:
        """The session of a person.

        Raises:
            SignInNeededError: nobody is signed in.
        """
        session = self.session(request)
        if session is None or session.principal is None:
            raise SignInNeededError
        return session

    async def person(self, request: Request) -> Session:
        """`signed_in` as a dependency of the pages."""
        return self.signed_in(request)

    def acting(self, role: Role) -> Callable[[Request, CsrfField], Awaitable[Session]]:
        """A dependency for every POST: signed in, our own form, the role."""

        async def check(request: Request, csrf: CsrfField = "") -> Session:
            session = self.signed_in(request)
            if not self.sessions.form_is_ours(session, csrf):
                raise FormRefusedError
            if not session.may(role):
                raise RoleTooSmallError(role)
            return session

        return check

    def caller(self, session: Session) -> Caller:
        """The other services, asked as this person."""
        return self.services.as_person(session.token)
