"""The files of deploy/salesforce agree with each other and with what the code looks for."""

import io
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

from services.package_watcher.gateways.archive import package_zip
from services.package_watcher.gateways.sight import KEY_FIELD, OBJECTS, PERMISSION_SET
from services.package_watcher.settings import SOURCE
from shared.kernel.errors import FatalError

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
UNINSTALL = SOURCE.parent / "uninstall"
FILES = sorted(path for path in SOURCE.parent.rglob("*") if path.is_file() and path.suffix != ".md")


def parsed(path: Path) -> ET.Element:
    return ET.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314 - our own files


def texts(element: ET.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, {"": NAMESPACE})]


def members(path: Path) -> dict[str, list[str]]:
    return {
        texts(group, "name")[0]: texts(group, "members")
        for group in parsed(path).findall("types", {"": NAMESPACE})
    }


def objects() -> dict[str, ET.Element]:
    return {path.stem: parsed(path) for path in sorted((SOURCE / "objects").glob("*.object"))}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE.parent)))
def test_every_file_is_metadata(path: Path) -> None:
    assert parsed(path).tag.startswith(f"{{{NAMESPACE}}}")


def test_the_manifest_names_what_is_there() -> None:
    assert members(SOURCE / "package.xml") == {
        "CustomField": [f"{name}.{KEY_FIELD}" for name in sorted(objects())],
        "PermissionSet": [PERMISSION_SET],
    }
    assert [path.name for path in SOURCE.joinpath("permissionsets").iterdir()] == [
        f"{PERMISSION_SET}.permissionset"
    ]
    assert {path.parent.name for path in SOURCE.rglob("*") if path.is_file()} == {
        "src",
        "objects",
        "permissionsets",
    }


def test_all_objects_that_are_created_have_the_key() -> None:
    assert sorted(objects()) == ["Account", "Activity", "Contact", "Lead", "Opportunity"]


@pytest.mark.parametrize("name", ["Account", "Activity", "Contact", "Lead", "Opportunity"])
def test_the_key_is_a_unique_external_id(name: str) -> None:
    element = objects()[name]
    assert texts(element, "fields/fullName") == [KEY_FIELD]
    expected = {
        "type": "Text",
        "length": "255",
        "externalId": "true",
        "unique": "true",
        "caseSensitive": "false",
        "required": "false",
    }
    assert {key: texts(element, f"fields/{key}") for key in expected} == {
        key: [value] for key, value in expected.items()
    }


def test_the_permission_set_grants_every_key() -> None:
    element = parsed(SOURCE / "permissionsets" / f"{PERMISSION_SET}.permissionset")
    granted = texts(element, "fieldPermissions/field")
    tasks_live_on_activity = {"Event", "Task"}
    expected = (set(objects()) - {"Activity"}) | tasks_live_on_activity
    assert granted == [f"{name}.{KEY_FIELD}" for name in sorted(expected)]
    assert set(texts(element, "fieldPermissions/editable")) == {"true"}
    assert set(texts(element, "fieldPermissions/readable")) == {"true"}


def test_what_is_looked_at_is_granted() -> None:
    element = parsed(SOURCE / "permissionsets" / f"{PERMISSION_SET}.permissionset")
    granted = texts(element, "fieldPermissions/field")
    assert {f"{name}.{KEY_FIELD}" for name in OBJECTS} <= set(granted)


def test_the_uninstall_removes_what_the_manifest_names() -> None:
    assert members(UNINSTALL / "destructiveChanges.xml") == members(SOURCE / "package.xml")
    assert members(UNINSTALL / "package.xml") == {}


def test_the_zip_has_the_manifest_at_its_root_and_is_reproducible() -> None:
    first = package_zip(SOURCE)
    assert first == package_zip(SOURCE)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [
            "objects/Account.object",
            "objects/Activity.object",
            "objects/Contact.object",
            "objects/Lead.object",
            "objects/Opportunity.object",
            "package.xml",
            "permissionsets/Causeway_Integration.permissionset",
        ]
        assert archive.read("package.xml") == (SOURCE / "package.xml").read_bytes()


def test_a_missing_source_says_which_variable_to_set(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="CAUSEWAY_PACKAGE_WATCHER_SOURCE") as missing:
        package_zip(tmp_path)
    assert missing.value.code == "package_source_missing"
