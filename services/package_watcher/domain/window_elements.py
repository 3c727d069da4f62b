"""Where the elements of a layout file lie in its bytes.

A deploy replaces a whole layout, so its text is patched and never written anew: what is not
touched stays as it is, byte for byte. The parser only tells places.
"""

from dataclasses import dataclass, field
from xml.parsers import expat

METADATA = "http://soap.sforce.com/2006/04/metadata"
ROOT = "Layout"
MAX_DEPTH = 30
"""Salesforce's own layouts are seven deep."""
_SPACE = b" \t\r\n"


class LayoutError(ValueError):
    """The bytes are no layout file that can be patched; the text says why."""


@dataclass(slots=True)
class Element:
    """One element: `data[start:end]` is all of it.

    `name` is local; `text` is its own, without its children's.
    """

    name: str
    start: int
    parent: "Element | None"
    end: int = 0
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def child(self, name: str) -> "Element | None":
        """The first child of this name."""
        return next((one for one in self.children if one.name == name), None)

    def below(self, name: str) -> list["Element"]:
        """All elements of this name inside it, in their order."""
        found = [one for one in self.children if one.name == name]
        return [*found, *(deep for one in self.children for deep in one.below(name))]


def read_layout(data: bytes) -> Element:
    """The root of a layout file.

    Raises:
        LayoutError: it is not XML, not in UTF-8, has a document type, or is no layout.
    """
    if b"\x00" in data:
        raise LayoutError("the layout is not in UTF-8")
    root = _Reader(data).read()
    if not root.children:
        raise LayoutError("the layout is empty")
    return root


class _Reader:
    """One pass over the bytes. Elements of other namespaces are kept with an empty name."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._root: Element | None = None
        self._open: list[Element] = []
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.XmlDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._started
        parser.EndElementHandler = self._ended
        parser.CharacterDataHandler = self._text
        self._parser = parser

    def read(self) -> Element:
        try:
            self._parser.Parse(self._data, True)  # noqa: FBT003 - expat takes no names
        except expat.ExpatError as wrong:
            raise LayoutError(f"the layout is not well-formed ({wrong})") from None
        if self._root is None or self._root.name != ROOT:
            raise LayoutError("the file is no layout")
        return self._root

    def _declared(self, _version: str, encoding: str | None, _standalone: int) -> None:
        if encoding is not None and encoding.lower() not in {"utf-8", "utf8"}:
            raise LayoutError("the layout is not in UTF-8")

    def _doctype(self, *_told: object) -> None:
        raise LayoutError("the layout has a document type, which Salesforce never writes")

    def _started(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) >= MAX_DEPTH:
            raise LayoutError("the layout is nested deeper than any that Salesforce writes")
        space, _, local = name.rpartition(" ")
        parent = self._open[-1] if self._open else None
        made = Element(local if space == METADATA else "", self._parser.CurrentByteIndex, parent)
        if parent is None:
            self._root = made
        else:
            parent.children.append(made)
        self._open.append(made)

    def _ended(self, _name: str) -> None:
        done, at = self._open.pop(), self._parser.CurrentByteIndex
        # Behind an empty-element tag expat stands at its end already, else at the end tag.
        empty = not done.children and not done.text and self._data[at - 2 : at] == b"/>"
        done.end = at if empty else self._data.index(b">", at) + 1

    def _text(self, text: str) -> None:
        self._open[-1].text += text


@dataclass(frozen=True, slots=True)
class Style:
    """How a file is written: its line break and what its sections are indented by.

    Both are empty in a file whose elements do not stand on lines of their own.
    """

    newline: str
    indent: str


def style_of(data: bytes, element: Element) -> Style:
    """How the line of this element is written."""
    line = data.rfind(b"\n", 0, element.start) + 1
    indent = data[line : element.start]
    if line == 0 or indent.strip(b" \t"):
        return Style("", "")
    newline = "\r\n" if data[line - 2 : line] == b"\r\n" else "\n"
    return Style(newline, indent.decode())


def with_its_line(data: bytes, element: Element) -> tuple[int, int]:
    """Where to cut so that the element goes, and with it the line that it began."""
    start = element.start
    while data[start - 1 : start] in {b" ", b"\t"}:
        start -= 1
    if data[start - 1 : start] != b"\n":
        return element.start, element.end
    start -= 2 if data[start - 2 : start] == b"\r\n" else 1
    return start, element.end


def default_space(data: bytes, root: Element) -> bool:
    """Whether elements without a prefix are metadata, as in every file of Salesforce's."""
    tag = data[root.start : root.start + len(ROOT) + 2]
    return tag.rstrip(_SPACE + b">").strip() == b"<" + ROOT.encode()
