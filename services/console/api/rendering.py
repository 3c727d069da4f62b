"""Pages out of templates: escaped always, with a strict policy, and a message carried over once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.console.api.assets import Asset
from services.console.api.sessions import Session, Sessions
from services.console.domain import moments, quota, words
from services.console.domain.connections import web
from shared.kernel.clock import Clock
from shared.security.tokens import Role

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
FRAMED_POLICY = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'"
NOBODY = "'none'"
FLASH_SECONDS = 60
"""A message is for the page that follows at once."""

MAX_FLASH_BYTES = 2400
"""Fits into a cookie of 4 kB with its signature and base64's third more."""

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class Cookies:
    """The cookies' names and whether they are for https only (`__Host-` then pins the host)."""

    secure: bool

    @property
    def session(self) -> str:
        """The session's."""
        return "__Host-causeway" if self.secure else "causeway"

    @property
    def flash(self) -> str:
        """The message's."""
        return f"{self.session}-flash"

    def put(self, response: Response, name: str, value: str, max_age: int | None = None) -> None:
        """Sets a cookie that scripts and other sites cannot use."""
        response.set_cookie(
            name,
            value,
            max_age=max_age,
            path="/",
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )

    def drop(self, response: Response, name: str) -> None:
        """Removes a cookie."""
        self.put(response, name, "", max_age=0)


class Pages:
    """Renders the templates of one folder."""

    def __init__(
        self,
        folder: Path,
        assets: Mapping[str, Asset],
        *,
        sessions: Sessions,
        cookies: Cookies,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self._clock = clock
        self._environment = Environment(
            loader=FileSystemLoader(folder),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(_words(assets))
        self._environment.filters.update(utc=moments.utc)

    def page(
        self,
        request: Request,
        session: Session,
        template: str,
        *,
        status: int = 200,
        **values: Any,
    ) -> HTMLResponse:
        """One page. A message that waits for this session is shown, and gone."""
        flash = self._flash(request, session)
        now = self._clock.now()
        html = self._environment.get_template(template).render(
            session=session,
            csrf=self._sessions.csrf(session),
            flash=flash,
            now=now,
            ago=lambda moment: moments.relative(moment, now),
            path=request.url.path,
            **values,
        )
        headers = {"Content-Security-Policy": POLICY, "Referrer-Policy": "same-origin"}
        response = HTMLResponse(html, status_code=status, headers=headers)
        if flash is not None:
            self._cookies.drop(response, self._cookies.flash)
        return response

    def framed(
        self, template: str, framers: Iterable[str], *, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page without a session, which only these origins may put into a frame."""
        now = self._clock.now()
        html = self._environment.get_template(template).render(
            now=now, ago=lambda moment: moments.relative(moment, now), **values
        )
        policy = f"{FRAMED_POLICY}; frame-ancestors {' '.join(framers) or NOBODY}"
        headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return HTMLResponse(html, status_code=status, headers=headers)

    def back(self, session: Session, to: str, message: str, *, good: bool = True) -> Response:
        """A redirect to a page of ours that shows `message`."""
        response = RedirectResponse(to, status_code=SEE_OTHER)
        short = message.encode()[:MAX_FLASH_BYTES].decode(errors="ignore")
        sealed = self._sessions.sealed("flash", session.id, f"{'good' if good else 'bad'}:{short}")
        self._cookies.put(response, self._cookies.flash, sealed, max_age=FLASH_SECONDS)
        return response

    def _flash(self, request: Request, session: Session) -> tuple[str, str] | None:
        found = self._sessions.unsealed("flash", request.cookies.get(self._cookies.flash))
        if found is None or found[0] != session.id:
            return None
        tone, _, message = found[1].partition(":")
        return tone, message


def _words(assets: Mapping[str, Asset]) -> dict[str, Any]:
    """What every template knows."""
    return {
        "asset": {name: asset.address for name, asset in assets.items()},
        "words": words,
        "quota": quota,
        "is_web": web,
        "roles": Role,
    }
