"""The files of deploy/salesforce agree with each other and with what the code looks for."""

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from services.activity_sync.gateways import FIELDS as TASK_FIELDS
from services.mapping.domain.defaults import DEFAULTS
from services.package_watcher.domain.package_source import METADATA, components, destructive
from services.package_watcher.gateways.sight import KEY_FIELD, OBJECTS, PERMISSION_SET
from services.package_watcher.settings import SOURCE
from shared.crm.salesforce.roots import DEFAULT_VERSION

PARTS = ("change-events", "force-app", "window")
PROJECT = json.loads((SOURCE / "sfdx-project.json").read_bytes())
FILES = sorted(path for path in SOURCE.rglob("*") if path.suffix in {".xml", ".page"})
KEYED = ["Account", "Activity", "Contact", "Lead", "Opportunity"]

NOT_GRANTED = {
    "Contact.FirstName",  # parts of Name, which everybody sees who sees the object
    "Contact.LastName",
    "Contact.Salutation",
    "Lead.FirstName",
    "Lead.LastName",
    "Lead.Salutation",
    "Lead.Company",  # required of every lead
    "Contact.OwnerId",  # no record is without an owner
    "Lead.OwnerId",
    "Task.Id",  # set by Salesforce
    "Task.SystemModstamp",
    "Task.Status",  # required of every task
    "Task.Priority",
}
"""Fields of every user: a permission for one of them would fail the whole deploy."""

ADDRESSES = {
    "Contact": ("MailingAddress", "Mailing"),
    "Lead": ("Address", ""),
}
"""Field permissions know an address as a whole only."""


def parsed(path: Path) -> ET.Element:
    return ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own files


def texts(element: ET.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, {"": METADATA})]


def source_of(part: str) -> dict[str, bytes]:
    root = SOURCE / part
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def permission_set(name: str) -> ET.Element:
    (path,) = SOURCE.rglob(f"{name}.permissionset-meta.xml")
    return parsed(path)


def granted() -> list[str]:
    return texts(permission_set(PERMISSION_SET), "fieldPermissions/field")


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_every_file_is_well_formed(path: Path) -> None:
    expected = f"{{{METADATA}}}" if path.suffix == ".xml" else "{apex}"
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".page":
        text = text.replace("<apex:page ", '<apex:page xmlns:apex="apex" ', 1)
    assert ET.fromstring(text).tag.startswith(expected)  # noqa: S314 - our own files


def test_the_project_has_these_parts_and_each_file_a_known_place() -> None:
    assert sorted(one["path"] for one in PROJECT["packageDirectories"]) == sorted(PARTS)
    found = {path.relative_to(SOURCE).parts[0] for path in FILES}
    assert found == {*PARTS, "uninstall"}
    names = {part: [(one.type, one.name) for one in components(source_of(part))] for part in PARTS}
    assert names == {
        "force-app": [
            *(("CustomField", f"{name}.{KEY_FIELD}") for name in KEYED),
            ("PermissionSet", PERMISSION_SET),
        ],
        "window": [
            ("ApexPage", "Causeway_Contact"),
            ("ApexPage", "Causeway_Lead"),
            ("CspTrustedSite", "Causeway"),
            ("ExtlClntAppCanvasSettings", "Causeway_canvasSettings"),
            ("PermissionSet", "Causeway_Window"),
            ("RemoteSiteSetting", "Causeway"),
        ],
        "change-events": [
            ("PlatformEventChannelMember", f"ChangeEvents_{name}ChangeEvent")
            for name in ("Account", "Contact", "Lead", "Opportunity", "Task")
        ],
    }


def test_there_is_no_apex() -> None:
    """So no tests run at a deploy, and no tool for Apex is needed here."""
    assert not [path for path in SOURCE.rglob("*") if path.suffix in {".cls", ".trigger"}]
    for path in SOURCE.rglob("*.page"):
        page = path.read_text(encoding="utf-8")
        assert "controller=" not in page.replace("standardController=", "")
        assert "extensions=" not in page


def test_the_version_is_the_same_everywhere() -> None:
    assert PROJECT["sourceApiVersion"] == DEFAULT_VERSION
    for path in FILES:
        element = parsed(path) if path.suffix == ".xml" else ET.Element("none")
        versions = texts(element, "apiVersion") + texts(element, "version")
        assert set(versions) <= {DEFAULT_VERSION}, path


@pytest.mark.parametrize("name", KEYED)
def test_the_key_is_a_unique_external_id(name: str) -> None:
    path = SOURCE / f"force-app/main/default/objects/{name}/fields/{KEY_FIELD}.field-meta.xml"
    expected = {
        "fullName": KEY_FIELD,
        "type": "Text",
        "length": "255",
        "externalId": "true",
        "unique": "true",
        "caseSensitive": "false",
        "required": "false",
    }
    element = parsed(path)
    assert {key: texts(element, key) for key in expected} == {
        key: [value] for key, value in expected.items()
    }


def test_the_permission_set_grants_every_key() -> None:
    tasks_live_on_activity = {"Event", "Task"}
    expected = {
        f"{name}.{KEY_FIELD}" for name in (set(KEYED) - {"Activity"}) | tasks_live_on_activity
    }
    assert {name for name in granted() if name.endswith(KEY_FIELD)} == expected
    assert {f"{name}.{KEY_FIELD}" for name in OBJECTS} <= expected


def test_the_permission_set_grants_the_fields_of_the_default_mappings() -> None:
    wanted = {
        _permission(name, mapping.salesforce_field)
        for default in DEFAULTS
        for mapping in default.wanted()
        for name in mapping.salesforce_objects
    }
    wanted |= {f"Task.{name}" for name in TASK_FIELDS}
    assert wanted - NOT_GRANTED - set(granted()) == set()
    assert not NOT_GRANTED & set(granted())


def test_the_permission_set_is_in_order_and_says_everything_once() -> None:
    assert granted() == sorted(set(granted()))
    element = permission_set(PERMISSION_SET)
    assert set(texts(element, "fieldPermissions/editable")) == {"true"}
    assert set(texts(element, "fieldPermissions/readable")) == {"true"}


def test_the_permission_set_replaces_modify_all() -> None:
    element = permission_set(PERMISSION_SET)
    assert texts(element, "objectPermissions/object") == [
        "Account",
        "Contact",
        "Lead",
        "Opportunity",
    ]
    assert set(texts(element, "objectPermissions/modifyAllRecords")) == {"false"}
    assert set(texts(element, "objectPermissions/viewAllRecords")) == {"true"}
    assert texts(element, "userPermissions/name") == ["ApiEnabled", "EditTask", "ViewSetup"]


def test_every_permission_is_explained() -> None:
    readme = (SOURCE / "README.md").read_text(encoding="utf-8")
    element = permission_set(PERMISSION_SET)
    named = [name.partition(".")[2] for name in granted()] + [
        *texts(element, "objectPermissions/object"),
        *texts(element, "userPermissions/name"),
    ]
    assert [name for name in named if f"`{name}`" not in readme] == []


def test_a_page_belongs_to_its_object_and_is_granted() -> None:
    pages = sorted((SOURCE / "window/main/default/pages").glob("*.page"))
    assert [page.stem for page in pages] == ["Causeway_Contact", "Causeway_Lead"]
    for page in pages:
        name = page.stem.removeprefix("Causeway_")
        text = page.read_text(encoding="utf-8")
        assert f'standardController="{name}"' in text
        assert f"{{!JSENCODE({name}.Id)}}" in text
    window = permission_set("Causeway_Window")
    assert texts(window, "pageAccesses/apexPage") == [page.stem for page in pages]
    assert set(texts(window, "pageAccesses/enabled")) == {"true"}


def test_the_placeholders_of_a_deployment_are_the_ones_that_are_replaced() -> None:
    replaced = {one["stringToReplace"]: one["replaceWithEnv"] for one in PROJECT["replacements"]}
    assert replaced == {
        "https://causeway.invalid": "CAUSEWAY_PUBLIC_URL",
        "CausewayClientApp": "CAUSEWAY_SALESFORCE_APP_NAME",
    }
    with_host = sorted(
        path.name for path in FILES if "causeway.invalid" in path.read_text(encoding="utf-8")
    )
    assert with_host == [
        "Causeway.cspTrustedSite-meta.xml",
        "Causeway.remoteSite-meta.xml",
        "Causeway_canvasSettings.ecaCanvas-meta.xml",
    ]


@pytest.mark.parametrize("part", PARTS)
def test_the_uninstall_removes_what_a_part_brings(part: str) -> None:
    folder = SOURCE / "uninstall" / part
    found = (folder / "destructiveChanges.xml").read_bytes()
    assert found == destructive(components(source_of(part)))
    assert texts(parsed(folder / "package.xml"), "types") == []


def _permission(object_name: str, field: str) -> str:
    whole, prefix = ADDRESSES.get(object_name, ("", ""))
    parts = {f"{prefix}{part}" for part in ("Street", "City", "State", "PostalCode", "Country")}
    return f"{object_name}.{whole if field in parts else field}"
