"""The package's source as Salesforce's tools keep it, turned into what the Metadata API deploys.

The source is in the CLI's format: a file for every field, `-meta.xml` behind each name, no
manifest. A deploy wants whole objects, plain names and a package.xml (facts: salesforce-api 5.1).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

METADATA = "http://soap.sforce.com/2006/04/metadata"
MANIFEST = "package.xml"
META = "-meta.xml"
PLACE = "main/default/"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SUFFIXES = {
    "cspTrustedSites": ("CspTrustedSite", ".cspTrustedSite"),
    "extlClntAppCanvasSettings": ("ExtlClntAppCanvasSettings", ".ecaCanvas"),
    "layouts": ("Layout", ".layout"),
    "pages": ("ApexPage", ".page"),
    "permissionsets": ("PermissionSet", ".permissionset"),
    "platformEventChannelMembers": (
        "PlatformEventChannelMember",
        ".platformEventChannelMember",
    ),
    "remoteSiteSettings": ("RemoteSiteSetting", ".remoteSite"),
}
"""The type of the components in each folder, and how their files end."""

CONTENT = frozenset({"pages"})
"""Folders whose components have a file of content beside the one that describes it."""

_FIELD = re.compile(r"objects/(?P<object>\w+)/fields/(?P<name>\w+)\.field-meta\.xml")
_BODY = re.compile(r"<CustomField\b[^>]*>\n?(?P<body>.*)</CustomField>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Component:
    """One member of a manifest."""

    type: str
    name: str


@dataclass(frozen=True, slots=True)
class Replacement:
    """A text of the source that each deployment has its own in place of, by variable.

    The CLI reads the same table from sfdx-project.json and takes the variable's value from its
    environment. `folder` is the package directory whose files have the text.
    """

    folder: str
    text: str
    variable: str


def metadata_files(source: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files of one package directory (paths below it) as they lie in a deploy's zip.

    Raises:
        ValueError: a file of the source is of no kind that is known here.
    """
    fields: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    for path in sorted(source):
        inner = path.removeprefix(PLACE)
        field = _FIELD.fullmatch(inner)
        if field is None:
            files[_plain(inner)] = source[path]
        else:
            fields.setdefault(field["object"], []).append(_member(field["name"], source[path]))
    return files | {_object_path(name): _object(parts) for name, parts in fields.items()}


def components(source: Mapping[str, bytes]) -> tuple[Component, ...]:
    """What one package directory consists of, by type and name."""
    found = {_component(path.removeprefix(PLACE)) for path in source}
    return tuple(sorted(found, key=lambda one: (one.type, one.name)))


def manifest(members: Iterable[Component], api_version: str) -> bytes:
    """A package.xml that names these, in this order; without members it names nothing."""
    return _package(members, f"    <version>{api_version}</version>\n")


def destructive(members: Iterable[Component]) -> bytes:
    """A destructiveChanges.xml that takes these out."""
    return _package(members, "")


def localized(
    files: Mapping[str, bytes], replacements: Iterable[Replacement], values: Mapping[str, str]
) -> dict[str, bytes]:
    """The files with this deployment's values, written as XML. KeyError for a missing value."""
    done = dict(files)
    for one in replacements:
        old, new = one.text.encode(), escape(values[one.variable], {'"': "&quot;"}).encode()
        done = {path: data.replace(old, new) for path, data in done.items()}
    return done


def _component(path: str) -> Component:
    field = _FIELD.fullmatch(path)
    if field is not None:
        return Component("CustomField", f"{field['object']}.{field['name']}")
    kind, suffix = _kind(path)
    name = path.rpartition("/")[2].removesuffix(META).removesuffix(suffix)
    return Component(kind, name)


def _kind(path: str) -> tuple[str, str]:
    folder = path.partition("/")[0]
    known = SUFFIXES.get(folder)
    if known is None or not path.removesuffix(META).endswith(known[1]):
        raise ValueError(f"{path} is no component of a package that Causeway knows how to deploy")
    return known


def _plain(path: str) -> str:
    _kind(path)
    return path if path.partition("/")[0] in CONTENT else path.removesuffix(META)


def _object_path(name: str) -> str:
    return f"objects/{name}.object"


def _object(parts: Iterable[str]) -> bytes:
    inner = "".join(parts)
    return f'{HEAD}<CustomObject xmlns="{METADATA}">\n{inner}</CustomObject>\n'.encode()


def _member(name: str, data: bytes) -> str:
    """A field's own file as a part of its object."""
    found = _BODY.search(data.decode())
    if found is None:
        raise ValueError(f"the file of the field {name} holds no CustomField")
    lines = "".join(f"    {line}\n" for line in found["body"].splitlines())
    return f"    <fields>\n{lines}    </fields>\n"


def _package(members: Iterable[Component], end: str) -> bytes:
    by_type: dict[str, list[str]] = {}
    for one in members:
        by_type.setdefault(one.type, []).append(one.name)
    parts = [_types(kind, names) for kind, names in by_type.items()]
    return f'{HEAD}<Package xmlns="{METADATA}">\n{"".join(parts)}{end}</Package>\n'.encode()


def _types(kind: str, names: Iterable[str]) -> str:
    lines = "".join(f"        <members>{escape(name)}</members>\n" for name in names)
    return f"    <types>\n{lines}        <name>{kind}</name>\n    </types>\n"
