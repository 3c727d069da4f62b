"""What a deploy does to layouts and pages, and what it may not do (facts: sections 5.1 and 6)."""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from tests.simulators.salesforce.layouts.canonical import (
    NAMESPACE,
    TYPE,
    Surroundings,
    canonical,
    normal_name,
    object_of,
    pages_of,
    problems_of,
    scattered,
)
from tests.simulators.salesforce.manifest import Contents, Member, Problem

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

PAGE = "ApexPage"
PERMISSIONS = "PermissionSet"
PAGE_ACCESS = f"{NAMESPACE}pageAccesses"
LATE = "destructiveChangesPost.xml"
"""Removals of any other manifest come before the additions."""
CONTROLLER = re.compile(
    rb"""<apex:page\b[^>]*?\bstandardController\s*=\s*["'](\w+)["']""", re.IGNORECASE
)


def component_problems(org: "Org", contents: Contents) -> list[Problem]:
    """Layouts that cannot be kept, and pages that cannot go because a layout shows them."""
    controllers = {one.name: _controller(dict(one.files)) for one in org.shelf.of_type(PAGE)}
    controllers |= {
        one.name: _controller(files) for one, files in contents.sources.items() if one.type == PAGE
    }
    found: list[Problem] = []
    for member, files in _layouts(contents):
        around = Surroundings(_fields_of(org, contents, object_of(member.name)), controllers)
        texts = problems_of(member.name, files[member.file], around)
        found += [Problem(member, text) for text in texts]
    for member, files in contents.sources.items():
        if member.type == PERMISSIONS:
            texts = _permission_problems(files[member.file], controllers)
            found += [Problem(member, text) for text in texts]
    return found + _still_shown(org, contents)


def _permission_problems(data: bytes, pages: Collection[str]) -> list[str]:
    try:
        root = ET.fromstring(data)  # noqa: S314 -- the caller's own zip, on the caller's machine
    except ET.ParseError:
        # Reading the manifest has told of it.
        return []
    twice = scattered(root)
    if twice:
        text = f"Element {twice} is duplicated at this location in type {PERMISSIONS}"
        return [f"Error parsing file: {text}"]
    named = [one.findtext(f"{NAMESPACE}apexPage") or "" for one in root.iter(PAGE_ACCESS)]
    return [
        f"In field: apexPage - no ApexPage named {name} found"
        for name in named
        if name not in pages
    ]


def _layouts(contents: Contents) -> list[tuple[Member, dict[str, bytes]]]:
    return [(one, files) for one, files in contents.sources.items() if one.type == TYPE]


def _controller(files: dict[str, bytes]) -> str:
    found = (CONTROLLER.search(data) for name, data in files.items() if name.endswith(".page"))
    return next((one.group(1).decode() for one in found if one), "")


def _fields_of(org: "Org", contents: Contents, name: str) -> "_HasField | None":
    kind = org.catalogue.get(name)
    if kind is None:
        return None
    coming = {one.name for target, one in contents.fields if target.lower() == name.lower()}
    return _HasField(frozenset(one.name for one in kind.fields.values()) | coming)


class _HasField:
    """Whether an object has a field, or will have it."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def __call__(self, name: str) -> bool:
        return name in self._names


def _still_shown(org: "Org", contents: Contents) -> list[Problem]:
    arriving = {normal_name(one.name): files[one.file] for one, files in _layouts(contents)}
    found = []
    for member in contents.removed:
        if member.type != PAGE or org.shelf.get(PAGE, member.name) is None:
            continue
        for layout in org.shelf.of_type(TYPE):
            after = arriving.get(layout.name) if member.file == LATE else None
            shown = after if after is not None else next(iter(layout.files.values()))
            if member.name in pages_of(shown):
                text = (
                    "This Visualforce Page is referenced elsewhere in salesforce.com. Remove the "
                    f"usage and try again. : Layout - {layout.name}"
                )
                found.append(Problem(member, text))
    return found


def spared(contents: Contents, problems: list[Problem]) -> Contents:
    """What is left of a deploy that may succeed in part: all that has no problem."""
    bad = {one.member.name for one in problems}
    return Contents(
        members=[one for one in contents.members if one.name not in bad],
        fields=[(name, one) for name, one in contents.fields if f"{name}.{one.name}" not in bad],
        permission_sets=[one for one in contents.permission_sets if one.name not in bad],
        removed=[one for one in contents.removed if one.name not in bad],
        sources={one: files for one, files in contents.sources.items() if one.name not in bad},
    )


def apply_components(org: "Org", contents: Contents) -> None:
    """Keep what was deployed, and drop what was to be removed, in the order of the real org."""
    for member in contents.removed:
        if member.file != LATE:
            org.shelf.remove(member.type, _kept_name(member))
    for member, files in contents.sources.items():
        keep(org, member.type, member.name, files, sent=files.get(member.file, b""))
    for member in contents.removed:
        if member.file == LATE:
            org.shelf.remove(member.type, _kept_name(member))


def _kept_name(member: Member) -> str:
    return normal_name(member.name) if member.type == TYPE else member.name


def keep(
    org: "Org", kind: str, name: str, files: dict[str, bytes], *, sent: bytes | None = None
) -> None:
    """Put a component on the shelf; of a layout only what it says is kept."""
    if kind == TYPE:
        name = normal_name(name)
        files = {f"layouts/{name}.layout": canonical(next(iter(files.values())))}
    org.shelf.put(kind, name, files, sent=sent)
