"""Layout files as the org keeps them, and what is wrong with one (facts: section 6). Pure.

The org stores what a layout says, not its text: comments and the writer's own indentation are
gone when it is retrieved. The order of sections, items and related lists is what it says, though.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

METADATA = "http://soap.sforce.com/2006/04/metadata"
NAMESPACE = f"{{{METADATA}}}"
TYPE = "Layout"
SAFE = " -_"
"""Signs of a layout's name that are not percent-encoded."""
INDENT = "    "
HEAD = f'<?xml version="1.0" encoding="UTF-8"?>\n<Layout xmlns="{METADATA}">\n'
KNOWN = frozenset(
    {
        "customButtons",
        "customConsoleComponents",
        "emailDefault",
        "excludeButtons",
        "feedLayout",
        "headers",
        "layoutSections",
        "miniLayout",
        "multilineLayoutFields",
        "platformActionList",
        "quickActionList",
        "relatedContent",
        "relatedLists",
        "relatedObjects",
        "runAssignmentRulesDefault",
        "showEmailCheckbox",
        "showHighlightsPanel",
        "showInteractionLogPanel",
        "showKnowledgeComponent",
        "showRunAssignmentRulesCheckbox",
        "showSolutionSection",
        "showSubmitAndAttachButton",
        "summaryLayout",
    }
)
"""What may stand directly in a layout, by the WSDL."""
MUST_HAVE: dict[str, tuple[str, ...]] = {
    "Account": ("Name",),
    "Contact": ("Name",),
    "Lead": ("Name", "Company", "Status"),
    "Opportunity": ("Name", "CloseDate", "StageName"),
}
"""Fields without which a layout of the object is refused; their behaviour is Required."""


class LayoutError(ValueError):
    """The text is no layout; the message is what a deploy says of it."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a layout may name: fields of its object, and Visualforce pages.

    ``has_field`` is None when there is no such object. ``controllers`` are the pages with the
    object of their standard controller.
    """

    has_field: Callable[[str], bool] | None
    controllers: dict[str, str]


def normal_name(name: str) -> str:
    """``Lead-Lead (Sales) Layout`` -> ``Lead-Lead %28Sales%29 Layout``."""
    return quote(unquote(name), safe=SAFE)


def object_of(name: str) -> str:
    """The object that a layout belongs to: what its name begins with."""
    return name.partition("-")[0]


def read_layout(data: bytes) -> ET.Element:
    """The root of a layout. LayoutError for anything else.

    Elements of one name must stand together at the top level, as the real parser insists.
    """
    try:
        root = ET.fromstring(data)  # noqa: S314 -- the caller's own zip, on the caller's own machine
    except ET.ParseError as wrong:
        raise LayoutError(f"Error parsing file: {wrong}") from wrong
    if root.tag != f"{NAMESPACE}{TYPE}":
        raise LayoutError(f"Error parsing file: Unexpected element {_local(root)} at this location")
    unknown = [name for one in root if (name := _local(one)) not in KNOWN]
    if unknown:
        text = f"Element {{{METADATA}}}{unknown[0]} invalid at this location in type {TYPE}"
        raise LayoutError(f"Error parsing file: {text}")
    scattered_name = scattered(root)
    if scattered_name:
        text = f"Element {scattered_name} is duplicated at this location in type {TYPE}"
        raise LayoutError(f"Error parsing file: {text}")
    return root


def scattered(root: ET.Element) -> str:
    """The first element that comes again after others did, which no metadata file may do."""
    seen: list[str] = []
    for one in root:
        name = _local(one)
        if name in seen[:-1]:
            return name
        if seen[-1:] != [name]:
            seen.append(name)
    return ""


def canonical(data: bytes) -> bytes:
    """A layout as it is retrieved. LayoutError."""
    return _written(read_layout(data))


def without_field(data: bytes, field: str) -> bytes:
    """The layout after a field was deleted: the org takes it off by itself."""
    root = read_layout(data)
    for column in root.iter(f"{NAMESPACE}layoutColumns"):
        for item in list(column):
            if item.findtext(f"{NAMESPACE}field") == field:
                column.remove(item)
    return _written(root)


def pages_of(data: bytes) -> set[str]:
    """The Visualforce pages that stand on a layout."""
    return {one.text or "" for one in read_layout(data).iter(f"{NAMESPACE}page")}


def problems_of(name: str, data: bytes, around: Surroundings) -> list[str]:
    """Why the layout cannot be deployed; like the real one, only the first missing field."""
    try:
        root = read_layout(data)
    except LayoutError as wrong:
        return [str(wrong)]
    kind = object_of(name)
    if around.has_field is None:
        return [f"In field: object - no CustomObject named {kind} found"]
    items = list(root.iter(f"{NAMESPACE}layoutItems"))
    behaviours = {_child(one, "field"): _child(one, "behavior") for one in items}
    found = [
        f"In field: field - no CustomField named {kind}.{field} found"
        for field in behaviours
        if field and not around.has_field(field)
    ]
    found += _page_problems(kind, (_child(one, "page") for one in items), around)
    return found + _required_problems(kind, behaviours)


def _page_problems(kind: str, pages: Iterable[str], around: Surroundings) -> Iterable[str]:
    for page in pages:
        if page and page not in around.controllers:
            yield f"In field: page - no ApexPage named {page} found"
        elif page and around.controllers[page] != kind:
            yield f"Visualforce page {page} does not use the standard controller of {kind}"


def _required_problems(kind: str, behaviours: dict[str, str]) -> list[str]:
    for field in MUST_HAVE.get(kind, ()):
        if field not in behaviours:
            return [f"Layout must contain an item for required layout field: {field}"]
        if behaviours[field] != "Required":
            return [f"Field:{field} must be Required"]
    return []


def _child(node: ET.Element, name: str) -> str:
    return (node.findtext(NAMESPACE + name) or "").strip()


def _local(node: ET.Element) -> str:
    return node.tag.rpartition("}")[2]


def _written(root: ET.Element) -> bytes:
    body = "".join(_lines(one, INDENT) for one in sorted(root, key=_local))
    return f"{HEAD}{body}</{TYPE}>\n".encode()


def _lines(node: ET.Element, indent: str) -> str:
    name = _local(node)
    children = sorted(node, key=_local)
    if children:
        inner = "".join(_lines(one, indent + INDENT) for one in children)
        return f"{indent}<{name}>\n{inner}{indent}</{name}>\n"
    text = escape((node.text or "").strip(), {'"': "&quot;", "'": "&apos;"})
    return f"{indent}<{name}>{text}</{name}>\n" if text else f"{indent}<{name}/>\n"
