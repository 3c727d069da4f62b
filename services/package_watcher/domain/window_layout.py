"""The window's section in a page layout: is it there, put it in, take it out. Pure.

The admin's layout stays as it is, byte for byte, but for the section (facts: salesforce-api 6).
"""

import difflib
from collections.abc import Sequence

from services.package_watcher.domain.window_elements import (
    METADATA,
    Element,
    Style,
    default_space,
    read_layout,
    style_of,
    with_its_line,
)

PAGES = {"Contact": "Causeway_Contact", "Lead": "Causeway_Lead"}
"""The Visualforce page of each object; a page stands on layouts of its own object only."""

LABEL = "Causeway"
HEIGHT = "320"
"""Pixels: the link, the last sync and some lines of the journal; the rest scrolls."""

SECTION = "layoutSections"
MAX_DIFF_LINES = 200
"""A section is some twenty lines; a layout that differs in more is told so."""

_ITEM = (
    ("height", HEIGHT),
    ("page", ""),
    ("showLabel", "false"),
    ("showScrollbars", "true"),
    ("width", "100%"),
)
_INDENT = "    "
_ITEMS = frozenset({"layoutItems", "layoutItem"})
"""What a page stands in: a place of a section, or a card of the phone's related content."""


def object_of(layout: str) -> str:
    """The object that a layout belongs to, by its full name (`Lead-Lead Layout`)."""
    return layout.partition("-")[0]


def page_of(layout: str) -> str:
    """The window's page for a layout; KeyError when its object has none."""
    return PAGES[object_of(layout)]


def has_window(data: bytes, page: str) -> bool:
    """Whether the page stands anywhere on the layout, wherever an admin may have moved it.

    Raises:
        LayoutError: the bytes are no layout.
    """
    return bool(_pages(read_layout(data), page))


def with_window(data: bytes, page: str) -> bytes:
    """The layout with a section for the page behind its last one; as it is if that is there.

    Raises:
        LayoutError: the bytes are no layout.
    """
    root = read_layout(data)
    if _pages(root, page):
        return data
    sections = [one for one in root.children if one.name == SECTION]
    if sections:
        at, style = sections[-1].end, style_of(data, sections[-1])
        text = style.newline + style.indent + _section(data, root, page, style)
    else:
        behind = _following(root)
        at, style = behind.start, style_of(data, behind)
        text = _section(data, root, page, style) + style.newline + style.indent
    return data[:at] + text.encode() + data[at:]


def without_window(data: bytes, page: str) -> bytes:
    """The layout without the page: without our section where it holds nothing else.

    Raises:
        LayoutError: the bytes are no layout.
    """
    root = read_layout(data)
    holders = {id(one): one for one in (_holder(found, page) for found in _pages(root, page))}
    cuts = sorted(with_its_line(data, one) for one in holders.values())
    for start, end in reversed(cuts):
        data = data[:start] + data[end:]
    return data


def difference(layout: str, before: bytes, after: bytes) -> str:
    """What a patch changes, as a unified diff; empty when it changes nothing."""
    lines = list(
        difflib.unified_diff(
            _lines(before), _lines(after), f"{layout} (now)", f"{layout} (then)", lineterm=""
        )
    )
    more = len(lines) - MAX_DIFF_LINES
    shown = lines if more <= 0 else [*lines[:MAX_DIFF_LINES], f"... and {more} lines more"]
    return "\n".join(shown)


def _lines(data: bytes) -> Sequence[str]:
    return data.decode("utf-8", "replace").splitlines()


def _pages(root: Element, page: str) -> list[Element]:
    """The elements that put our page somewhere; a packaged page has a namespace before it."""
    return [
        one
        for one in root.below("page")
        if one.parent is not None
        and one.parent.name in _ITEMS
        and one.text.strip().rpartition("__")[2] == page
    ]


def _holder(found: Element, page: str) -> Element:
    """What has to go with the page: its item, or our whole section."""
    item = found.parent or found
    outer = item.parent
    if outer is not None and outer.name == "relatedContentItems":
        return outer
    section = outer.parent if outer is not None else None
    if section is None or section.name != SECTION or not _ours(section, page):
        return item
    return section


def _ours(section: Element, page: str) -> bool:
    label = section.child("label")
    items = section.below("layoutItems")
    return (
        label is not None
        and label.text.strip() == LABEL
        and len(items) == len(_pages(section, page))
    )


def _following(root: Element) -> Element:
    """What our section stands before in a layout without any: names go by the alphabet."""
    later = (one for one in root.children if one.name > SECTION)
    return next(later, root.children[0])


def _section(data: bytes, root: Element, page: str, style: Style) -> str:
    space = "" if default_space(data, root) else f' xmlns="{METADATA}"'
    step = style.indent or _INDENT
    lines: list[tuple[int, str]] = [
        (0, f"<{SECTION}{space}>"),
        (1, "<customLabel>true</customLabel>"),
        (1, "<detailHeading>true</detailHeading>"),
        (1, "<editHeading>false</editHeading>"),
        (1, f"<label>{LABEL}</label>"),
        (1, "<layoutColumns>"),
        (2, "<layoutItems>"),
        *((3, f"<{name}>{text or page}</{name}>") for name, text in _ITEM),
        (2, "</layoutItems>"),
        (1, "</layoutColumns>"),
        (1, "<style>OneColumn</style>"),
        (0, f"</{SECTION}>"),
    ]
    if not style.newline:
        return "".join(line for _, line in lines)
    return (style.newline + style.indent).join(step * depth + line for depth, line in lines)
