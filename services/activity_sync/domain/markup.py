"""HubSpot's task bodies are HTML, Salesforce's descriptions are plain text.

Both are compared as plain text, and what goes to HubSpot is escaped, so that a body survives the
way there and back unchanged. Formatting is lost only where Salesforce edited the text.
"""

from html import escape
from html.parser import HTMLParser

BLOCKS = frozenset({"p", "div", "li", "ul", "ol", "tr", "h1", "h2", "h3", "h4", "blockquote"})
"""Elements that end a line; rich text editors make these."""

SILENT = frozenset({"style", "script"})
"""Elements whose text is not for people."""


def plain_text(html: str) -> str:
    """What a person reads in a HubSpot body; text without any markup stays as it is."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.parts)


def as_html(text: str) -> str:
    """Plain text in HubSpot's spelling; `plain_text` gives it back unchanged."""
    return escape(text, quote=False).replace("\n", "<br>")


class _Reader(HTMLParser):
    """Collects the text of a body."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 -- the parser's signature
        if tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("- ")
        self._silent += tag in SILENT

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.parts.append("\n")
        self._silent -= tag in SILENT

    def handle_data(self, data: str) -> None:
        if self._silent <= 0:
            self.parts.append(data)
