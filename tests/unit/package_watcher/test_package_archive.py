"""The zip that a deploy sends, made from the CLI's source."""

import io
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

from services.package_watcher.domain.package_source import (
    Replacement,
    components,
    localized,
    metadata_files,
)
from services.package_watcher.gateways.archive import BASE, CHANGE_EVENTS, WINDOW, PackageSource
from services.package_watcher.settings import SOURCE
from shared.kernel.errors import FatalError

HERE = {
    "CAUSEWAY_PUBLIC_URL": "https://sync.example.com",
    "CAUSEWAY_SALESFORCE_APP_NAME": "Our_App",
}
FIELD = b"""<?xml version="1.0" encoding="UTF-8"?>
<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">
    <fullName>Key__c</fullName>
    <type>Text</type>
</CustomField>
"""
OBJECT = b"""<?xml version="1.0" encoding="UTF-8"?>
<CustomObject xmlns="http://soap.sforce.com/2006/04/metadata">
    <fields>
        <fullName>Key__c</fullName>
        <type>Text</type>
    </fields>
</CustomObject>
"""


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def members(package: bytes) -> dict[str, list[str]]:
    root = ET.fromstring(package)  # noqa: S314 - made by ourselves
    named = {"": "http://soap.sforce.com/2006/04/metadata"}
    return {
        group.findtext("name", "", named): [
            one.text or "" for one in group.findall("members", named)
        ]
        for group in root.findall("types", named)
    }


def test_a_field_becomes_a_part_of_its_object() -> None:
    source = {"main/default/objects/Lead/fields/Key__c.field-meta.xml": FIELD}
    assert metadata_files(source) == {"objects/Lead.object": OBJECT}
    assert [(one.type, one.name) for one in components(source)] == [("CustomField", "Lead.Key__c")]


def test_a_described_component_loses_its_suffix_and_a_page_keeps_it() -> None:
    source = {
        "main/default/permissionsets/One.permissionset-meta.xml": b"1",
        "main/default/pages/Two.page": b"2",
        "main/default/pages/Two.page-meta.xml": b"3",
    }
    assert metadata_files(source) == {
        "pages/Two.page": b"2",
        "pages/Two.page-meta.xml": b"3",
        "permissionsets/One.permissionset": b"1",
    }
    assert [one.name for one in components(source)] == ["Two", "One"]


@pytest.mark.parametrize(
    "path", ["main/default/classes/A.cls", "notes.txt", "main/default/pages/A.txt"]
)
def test_an_unknown_file_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no component"):
        metadata_files({path: b""})


def test_a_value_is_written_as_xml() -> None:
    replacement = Replacement("window", "HERE", "URL")
    done = localized({"a": b"<url>HERE</url>"}, [replacement], {"URL": 'https://a/?b&"c"<'})
    assert done == {"a": b"<url>https://a/?b&amp;&quot;c&quot;&lt;</url>"}


def test_the_base_is_whole_and_reproducible() -> None:
    package = PackageSource(SOURCE)
    assert package.zip(BASE) == package.zip(BASE)
    files = unzipped(package.zip(BASE))
    assert sorted(files) == [
        "objects/Account.object",
        "objects/Activity.object",
        "objects/Contact.object",
        "objects/Lead.object",
        "objects/Opportunity.object",
        "package.xml",
        "permissionsets/Causeway_Integration.permissionset",
    ]
    assert members(files["package.xml"]) == {
        "CustomField": [
            "Account.Causeway_Key__c",
            "Activity.Causeway_Key__c",
            "Contact.Causeway_Key__c",
            "Lead.Causeway_Key__c",
            "Opportunity.Causeway_Key__c",
        ],
        "PermissionSet": ["Causeway_Integration"],
    }
    assert b"<version>66.0</version>" in files["package.xml"]


def test_the_window_names_this_deployment_and_its_app() -> None:
    files = unzipped(PackageSource(SOURCE, HERE).zip(WINDOW))
    everything = b"".join(files.values())
    assert b"causeway.invalid" not in everything
    assert b"CausewayClientApp" not in everything
    canvas = files["extlClntAppCanvasSettings/Causeway_canvasSettings.ecaCanvas"]
    assert b"<canvasUrl>https://sync.example.com/salesforce/canvas</canvasUrl>" in canvas
    assert b"<externalClientApplication>Our_App</externalClientApplication>" in canvas
    assert b'developerName="Our_App"' in files["pages/Causeway_Lead.page"]


def test_layouts_are_sent_as_they_are() -> None:
    name = "Lead-Lead %28Sales%29 Layout"
    files = unzipped(PackageSource(SOURCE, HERE).zip(WINDOW, layouts={name: b"\xef\xbb\xbf<x/>"}))
    assert files[f"layouts/{name}.layout"] == b"\xef\xbb\xbf<x/>"
    assert members(files["package.xml"])["Layout"] == [name]
    alone = unzipped(PackageSource(SOURCE, HERE).zip(layouts={name: b"<x/>"}))
    assert sorted(alone) == [f"layouts/{name}.layout", "package.xml"]


def test_every_member_has_its_file_and_every_file_its_member() -> None:
    files = unzipped(PackageSource(SOURCE, HERE).zip(BASE, WINDOW, CHANGE_EVENTS))
    named = members(files["package.xml"])
    fields = {name.partition(".")[0] for name in named.pop("CustomField")}
    kinds = {path.rpartition("/")[2].partition(".")[0] for path in files if "/" in path}
    assert kinds == fields | {name for names in named.values() for name in names}


def test_a_missing_source_says_which_variable_to_set(tmp_path: Path) -> None:
    with pytest.raises(FatalError, match="CAUSEWAY_PACKAGE_WATCHER_SOURCE") as missing:
        PackageSource(tmp_path).zip(BASE)
    assert missing.value.code == "package_source_missing"
    (tmp_path / "sfdx-project.json").write_text("{}")
    with pytest.raises(FatalError, match="CAUSEWAY_PACKAGE_WATCHER_SOURCE"):
        PackageSource(tmp_path).zip(BASE)
