"""The few HTML pages that the org shows."""

from collections.abc import Iterable, Mapping
from html import escape

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:15px sans-serif;margin:3em auto;max-width:60em}}td,th{{padding:.2em 1em .2em 0;
text-align:left}}button{{font-size:1em;padding:.4em 1.5em}}</style></head><body><h1>{title}</h1>
{body}</body></html>"""


def page(title: str, body: str) -> str:
    """A whole page; ``body`` is HTML."""
    return PAGE.format(title=escape(title), body=body)


def consent(fields: Mapping[str, str], user: str, scopes: Iterable[str]) -> str:
    """Allow or Deny: a form with all the fields of the request and ``decision``."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
        if name != "decision"
    )
    listed = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    return page(
        "Allow Access?",
        f"<p>The app asks to act for {escape(user)}:</p><ul>{listed}</ul>"
        f'<form method="post" action="/services/oauth2/authorize">{hidden}'
        '<button name="decision" value="allow">Allow</button> '
        '<button name="decision" value="deny">Deny</button></form>',
    )


def error(code: str, description: str) -> str:
    """An authorization request that is so wrong that it must not be redirected."""
    text = f"<p>error={escape(code)}&amp;error_description={escape(description)}</p>"
    return page("OAuth Error", text)
