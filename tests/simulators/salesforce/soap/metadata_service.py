"""The SOAP Metadata API, which alone can list and retrieve (REST has deploys only).

``/services/Soap/m/{version}``; the session header takes an OAuth access token.
"""

import base64
import binascii
from typing import Any
from xml.etree import ElementTree as ET

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.manifest import FILES
from tests.simulators.salesforce.metadata import check_permission
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.soap.door import FAULT, Service, Visit

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
MAX_QUERIES = 3
Json = dict[str, Any]


def _list(org: Org, visit: Visit) -> list[Json]:
    check_permission(org, visit.user_id)
    kinds = [(one.findtext("type") or "").strip() for one in visit.call.body.findall("queries")]
    if len(kinds) > MAX_QUERIES:
        message = f"Exceeded max number of queries: {MAX_QUERIES}"
        raise SalesforceError(FAULT, "EXCEEDED_ID_LIMIT", message)
    for kind in kinds:
        if kind not in FILES:
            raise SalesforceError(FAULT, "INVALID_TYPE", f"Unknown type:{kind}")
    return [org.retrieves.file(one) for kind in kinds for one in org.shelf.of_type(kind)]


def _retrieve(org: Org, visit: Visit) -> Json:
    check_permission(org, visit.user_id)
    request = visit.call.body.find("retrieveRequest")
    package = None if request is None else request.find("unpackaged")
    if package is None:
        message = "Either packageNames, or unpackaged must be specified"
        raise SalesforceError(FAULT, "INVALID_CROSS_REFERENCE_KEY", message)
    single = visit.call.flag("retrieveRequest/singlePackage")
    version = (package.findtext("version") or visit.version).strip()
    made = org.retrieves.request(_members(package), single=single, version=version)
    org.retrieves.settle()
    return {"done": False, "id": made.id, "state": "Queued"}


def _members(package: ET.Element) -> list[tuple[str, str]]:
    return [
        ((types.findtext("name") or "").strip(), (member.text or "").strip())
        for types in package.findall("types")
        for member in types.findall("members")
    ]


def _retrieved(org: Org, visit: Visit) -> Json:
    one = org.retrieves.get(visit.call.text("asyncProcessId"))
    shown: Json = {"done": one.done, "id": one.id, "status": one.status}
    if not one.done:
        return {**shown, "success": False}
    where = f"{one.folder}package.xml"
    messages = [{"fileName": where, "problem": text} for text in one.messages]
    shown |= {"fileProperties": org.retrieves.properties(one), "messages": messages}
    shown["success"] = True
    if visit.call.flag("includeZip", default=True):
        shown["zipFile"] = base64.b64encode(org.retrieves.take(one)).decode()
    return shown


def _deploy(org: Org, visit: Visit) -> Json:
    check_permission(org, visit.user_id)
    options: Json = {}
    for one in visit.call.body.find("DeployOptions") or ():
        options[one.tag] = (one.text or "").strip()
    try:
        data = base64.b64decode(visit.call.text("ZipFile"), validate=False)
    except binascii.Error as wrong:
        raise SalesforceError(FAULT, "INVALID_FIELD", f"ZipFile: {wrong}") from wrong
    made = org.deploys.request(options, data, visit.user_id)
    return {"done": False, "id": made.id, "state": "Queued"}


def _deployed(org: Org, visit: Visit) -> Json:
    deploy = org.deploys.get(visit.call.text("asyncProcessId"))
    return org.deploys.result(deploy, details=visit.call.flag("includeDetails"))


METADATA = Service(
    letter="m",
    namespace=NAMESPACE,
    fault_namespace=NAMESPACE,
    operations={
        "listMetadata": _list,
        "retrieve": _retrieve,
        "checkRetrieveStatus": _retrieved,
        "deploy": _deploy,
        "checkDeployStatus": _deployed,
    },
)
