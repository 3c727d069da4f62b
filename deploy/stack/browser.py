"""An admin's browser, as far as consenting goes: cookies, redirects, one form."""

from html.parser import HTMLParser
from http import HTTPStatus
from urllib.parse import urljoin

import httpx2

MAX_REDIRECTS = 10
"""A consent takes three."""


class ConsentError(Exception):
    """The CRM's consent page, or Causeway's answer to it, is not what it should be."""


class _Form(HTMLParser):
    """The first form of a page: where it goes, and its hidden fields."""

    def __init__(self) -> None:
        super().__init__()
        self.action: str | None = None
        self.fields: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.action = given.get("action", "")
        if tag == "input" and given.get("type") == "hidden" and "name" in given:
            self.fields[given["name"]] = given.get("value", "")


async def consent(link: str, *, allow: bool = True) -> str:
    """Opens a connect link, answers the CRM's question, and returns the last page's text.

    ConsentError when a page is not what it should be; its text is in the error.
    """
    async with httpx2.AsyncClient(max_redirects=MAX_REDIRECTS, follow_redirects=True) as browser:
        page = await browser.get(link)
        form = _Form()
        form.feed(page.text)
        if page.status_code != HTTPStatus.OK or form.action is None:
            raise ConsentError(f"no consent form at {page.url.host}: {page.text[:500]}")
        answer = {**form.fields, "decision": "allow" if allow else "deny"}
        target = urljoin(str(page.url), form.action)
        done = await browser.post(target, data=answer)
    if allow and done.status_code != HTTPStatus.OK:
        raise ConsentError(f"the consent did not end well: {done.text[:500]}")
    return done.text
