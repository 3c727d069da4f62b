"""Metadata zips: what a deploy takes and a retrieve gives."""

import io
import json
import zipfile
from typing import Any

import httpx2

from tests.contracts.simulators.salesforce.driver import VERSION, Driver

DEPLOYS = "/metadata/deployRequest"
OPTIONS = {"singlePackage": True, "rollbackOnError": True, "testLevel": "NoTestRun"}
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def package_xml(*members: tuple[str, str]) -> str:
    types = "".join(
        f"<types><members>{name}</members><name>{kind}</name></types>" for kind, name in members
    )
    return f"<Package {NAMESPACE}>{types}<version>66.0</version></Package>"


def key_field(object_name: str) -> str:
    required = "<fullName>Causeway_Key__c</fullName><label>Causeway Key</label>"
    more = "<externalId>true</externalId><length>255</length><type>Text</type><unique>true</unique>"
    return f"<CustomObject {NAMESPACE}><fields>{required}{more}</fields></CustomObject>"


KEYED = ("Account", "Activity", "Contact", "Lead", "Opportunity")
GRANTS = "".join(
    "<fieldPermissions><editable>true</editable>"
    f"<field>{name}.Causeway_Key__c</field><readable>true</readable></fieldPermissions>"
    for name in ("Account", "Contact", "Lead", "Opportunity", "Task")
)
MEMBERS = [
    *(("CustomField", f"{name}.Causeway_Key__c") for name in KEYED),
    ("PermissionSet", "Causeway_Integration"),
]


def package() -> dict[str, str]:
    """A field of five objects, and the permission set that shows it."""
    return {
        "package.xml": package_xml(*MEMBERS),
        **{f"objects/{name}.object": key_field(name) for name in KEYED},
        "permissionsets/Causeway_Integration.permissionset": (
            f"<PermissionSet {NAMESPACE}>{GRANTS}<label>Causeway</label></PermissionSet>"
        ),
    }


def removal() -> dict[str, str]:
    """What takes the package away."""
    return {"package.xml": package_xml(), "destructiveChanges.xml": package_xml(*MEMBERS)}


def zipped(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def post(org: Driver, data: bytes, *, part: str = "json", **options: Any) -> httpx2.Response:
    body = json.dumps({"deployOptions": {**OPTIONS, **options}})
    files = {
        part: (None, body.encode(), "application/json"),
        "file": ("deploy.zip", data, "application/zip"),
    }
    headers = {"Authorization": f"Bearer {org.token}"}
    return org.http.post(VERSION + DEPLOYS, files=files, headers=headers)


def status(org: Driver, deploy_id: str) -> dict[str, Any]:
    answer = org.call("GET", f"{DEPLOYS}/{deploy_id}", params={"includeDetails": "true"})
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["deployResult"]
    return found


def deploy(org: Driver, data: bytes, **options: Any) -> dict[str, Any]:
    answer = post(org, data, **options)
    assert answer.status_code == 201, answer.text
    return status(org, answer.json()["id"])


def problems(org: Driver, files: dict[str, str], **options: Any) -> list[str]:
    result = deploy(org, zipped(files), **options)
    assert result["status"] == "Failed"
    assert (result["done"], result["success"]) == (True, False)
    return [one["problem"] for one in result["details"]["componentFailures"]]
