"""What a metadata zip holds, and what is wrong with it (facts: sections 5.1 and 6). Pure."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from tests.simulators.salesforce.schema.fields import Field, FieldType, label_of

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
MANIFEST = "package.xml"
DESTRUCTIVE = ("destructiveChangesPre.xml", "destructiveChanges.xml", "destructiveChangesPost.xml")
FILES: dict[str, str] = {
    "ApexClass": "classes/{}.cls",
    "ApexPage": "pages/{}.page",
    "ApexTrigger": "triggers/{}.trigger",
    "CspTrustedSite": "cspTrustedSites/{}.cspTrustedSite",
    "CustomApplication": "applications/{}.app",
    "CustomObject": "objects/{}.object",
    "CustomTab": "tabs/{}.tab",
    "ExtlClntAppCanvasSettings": "extlClntAppCanvasSettings/{}.ecaCanvas",
    "FlexiPage": "flexipages/{}.flexipage",
    "Flow": "flows/{}.flow",
    "Layout": "layouts/{}.layout",
    "LightningComponentBundle": "lwc/{}/",
    "PermissionSet": "permissionsets/{}.permissionset",
    "PlatformEventChannelMember": "platformEventChannelMembers/{}.platformEventChannelMember",
    "QuickAction": "quickActions/{}.quickAction",
    "RemoteSiteSetting": "remoteSiteSettings/{}.remoteSite",
    "StaticResource": "staticresources/{}.resource",
}
"""Where a member of each type lies in the zip."""
WITH_META = frozenset({"ApexClass", "ApexPage", "ApexTrigger", "StaticResource"})
APEX = frozenset({"ApexClass", "ApexTrigger"})
MAX_FILES = 10_000
MAX_UNZIPPED = 600_000_000
FIELD_TYPES: dict[str, FieldType] = {
    "Text": "string",
    "TextArea": "textarea",
    "LongTextArea": "textarea",
    "Email": "email",
    "Phone": "phone",
    "Url": "url",
    "Checkbox": "boolean",
    "Number": "double",
    "Currency": "currency",
    "Percent": "percent",
    "Date": "date",
    "DateTime": "datetime",
    "Picklist": "picklist",
}
ACTIVITY = "Activity"
"""Custom fields of tasks and events are defined on their common Activity."""
NUMBER_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Member:
    """One component that the manifest names, and its file in the zip."""

    type: str
    name: str
    file: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why one component cannot be deployed."""

    member: Member
    text: str


@dataclass(frozen=True, slots=True)
class PermissionSetSource:
    """A permission set of the zip: its label and the fields it lets people read."""

    name: str
    label: str
    grants: tuple[tuple[str, str], ...]
    description: str = ""


@dataclass(slots=True)
class Contents:
    """Everything that a deploy would do."""

    members: list[Member] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    fields: list[tuple[str, Field]] = field(default_factory=list)
    permission_sets: list[PermissionSetSource] = field(default_factory=list)
    removed: list[Member] = field(default_factory=list)
    sources: dict[Member, dict[str, bytes]] = field(default_factory=dict)
    """The files of each member that is more than fields."""

    def fail(self, member: Member, text: str) -> None:
        """Note a problem."""
        self.problems.append(Problem(member, text))


def read_zip(data: bytes, *, single_package: bool) -> Contents:
    """The contents; whatever is wrong becomes a problem, nothing is raised."""
    contents = Contents()
    package = Member("", MANIFEST, MANIFEST)
    try:
        files = _unzip(data)
    except (zipfile.BadZipFile, ValueError) as wrong:
        contents.fail(package, f"Invalid zip file: {wrong}")
        return contents
    files = files if single_package else _below_top_folder(files)
    if MANIFEST not in files:
        contents.fail(package, "No package.xml found")
        return contents
    try:
        _Reader(files, contents).read()
    except ET.ParseError as wrong:
        contents.fail(package, f"Error parsing file: {wrong}")
    return contents


def _unzip(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [one for one in archive.infolist() if not one.is_dir()]
        if len(entries) > MAX_FILES or sum(one.file_size for one in entries) > MAX_UNZIPPED:
            raise ValueError("too many files or too much data")
        return {one.filename: archive.read(one) for one in entries}


def _below_top_folder(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name.partition("/")[2]: data for name, data in files.items() if "/" in name}


def _xml(data: bytes) -> ET.Element:
    return ET.fromstring(data)  # noqa: S314 -- the caller's own zip, on the caller's own machine


def _text(node: ET.Element, name: str, default: str = "") -> str:
    return (node.findtext(NAMESPACE + name) or default).strip()


def _named(root: ET.Element) -> Iterable[tuple[str, str]]:
    for types in root.findall(f"{NAMESPACE}types"):
        kind = _text(types, "name")
        for member in types.findall(f"{NAMESPACE}members"):
            yield kind, (member.text or "").strip()


class _Reader:
    def __init__(self, files: dict[str, bytes], contents: Contents) -> None:
        self._files = files
        self._contents = contents
        self._objects: dict[str, dict[str, ET.Element]] = {}

    def read(self) -> None:
        for kind, name in _named(_xml(self._files[MANIFEST])):
            self._component(kind, name)
        for manifest in DESTRUCTIVE:
            if manifest in self._files:
                named = _named(_xml(self._files[manifest]))
                self._contents.removed += [Member(kind, name, manifest) for kind, name in named]

    def _component(self, kind: str, name: str) -> None:
        readers: dict[str, Callable[[str], None]] = {
            "CustomField": self._custom_field,
            "CustomObject": self._custom_object,
            "PermissionSet": self._permission_set,
        }
        if kind in readers and name != "*":
            readers[kind](name)
        elif kind in FILES:
            for one in self._wildcard(kind) if name == "*" else [name]:
                if kind in readers:
                    readers[kind](one)
                else:
                    self._plain(kind, one)
        else:
            unknown = Member(kind, name, MANIFEST)
            self._contents.fail(unknown, f"Unknown type name '{kind}' specified in package.xml")

    def _wildcard(self, kind: str) -> list[str]:
        pattern = re.escape(FILES[kind]).replace(r"\{\}", "([^/]+)")
        matches = (re.match(pattern, name) for name in self._files)
        return sorted({match.group(1) for match in matches if match})

    def _plain(self, kind: str, name: str) -> Member | None:
        path = FILES[kind].format(name)
        member = Member(kind, name, path)
        found = {one: data for one, data in self._files.items() if one.startswith(path)}
        if not found:
            self._contents.fail(member, _absent(kind, name))
            return None
        if kind in WITH_META and f"{path}-meta.xml" not in self._files:
            self._contents.fail(member, f"Required field is missing: {path}-meta.xml")
            return None
        self._contents.members.append(member)
        self._contents.sources[member] = found
        return member

    def _object_fields(self, object_name: str) -> dict[str, ET.Element]:
        if object_name not in self._objects:
            data = self._files.get(FILES["CustomObject"].format(object_name))
            nodes = [] if data is None else _xml(data).findall(f"{NAMESPACE}fields")
            self._objects[object_name] = {_text(one, "fullName"): one for one in nodes}
        return self._objects[object_name]

    def _custom_object(self, name: str) -> None:
        if self._plain("CustomObject", name) is not None:
            for field_name, node in self._object_fields(name).items():
                self._add_field(name, field_name, node)

    def _custom_field(self, name: str) -> None:
        object_name, _, field_name = name.partition(".")
        node = self._object_fields(object_name).get(field_name)
        member = Member("CustomField", name, FILES["CustomObject"].format(object_name))
        if node is None:
            self._contents.fail(member, _absent("CustomField", name))
        elif self._add_field(object_name, field_name, node):
            self._contents.members.append(member)

    def _add_field(self, object_name: str, field_name: str, node: ET.Element) -> bool:
        member = Member("CustomField", f"{object_name}.{field_name}")
        kind = FIELD_TYPES.get(_text(node, "type"))
        if not field_name.endswith("__c"):
            return False
        if kind is None:
            self._contents.fail(member, f"Invalid field type {_text(node, 'type')}")
            return False
        target = "Task" if object_name == ACTIVITY else object_name
        self._contents.fields.append((target, _field(field_name, kind, node)))
        return True

    def _permission_set(self, name: str) -> None:
        if self._plain("PermissionSet", name) is None:
            return
        root = _xml(self._files[FILES["PermissionSet"].format(name)])
        grants = [
            _text(one, "field").partition(".")
            for one in root.findall(f"{NAMESPACE}fieldPermissions")
            if _text(one, "readable") == "true"
        ]
        granted = tuple((object_name, field_name) for object_name, _, field_name in grants)
        about = _text(root, "description")
        source = PermissionSetSource(name, _text(root, "label", name), granted, about)
        self._contents.permission_sets.append(source)


def _absent(kind: str, name: str) -> str:
    return (
        f"An object '{name}' of type {kind} was named in package.xml, but was not found in zipped "
        "directory"
    )


def _field(name: str, kind: FieldType, node: ET.Element) -> Field:
    external = _text(node, "externalId") == "true"
    values = tuple(one.text or "" for one in node.iter(f"{NAMESPACE}fullName") if one.text != name)
    boolean = kind == "boolean"
    return Field(
        name,
        kind,
        _text(node, "label") or label_of(name),
        length=int(_text(node, "length", "255")),
        precision=int(_text(node, "precision", str(NUMBER_DIGITS))),
        scale=int(_text(node, "scale", "0")),
        nillable=not boolean and _text(node, "required") != "true",
        defaulted=boolean,
        default=_text(node, "defaultValue") == "true" if boolean else None,
        picklist=values if kind == "picklist" else (),
        restricted=any(one.text == "true" for one in node.iter(f"{NAMESPACE}restricted")),
        external_id=external,
        unique=_text(node, "unique") == "true",
        id_lookup=external,
    )
