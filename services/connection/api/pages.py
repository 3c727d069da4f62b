"""The plain pages that a person sees at the end of an attempt to connect."""

from html import escape

from fastapi.responses import HTMLResponse

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title} - Causeway</title></head>
<body>
<main>
<h1>{title}</h1>
{paragraphs}
</main>
</body>
</html>
"""
# Nothing is loaded, nothing runs, and no other page learns the address, which holds a code.
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}


def page(title: str, *paragraphs: str, status: int = 200) -> HTMLResponse:
    """A page of plain paragraphs; everything is escaped."""
    body = "\n".join(f"<p>{escape(text)}</p>" for text in paragraphs if text)
    html = _PAGE.format(title=escape(title), paragraphs=body)
    return HTMLResponse(html, status_code=status, headers=HEADERS)
