"""The REST resource of metadata deploys (facts: section 5.1)."""

import json
from typing import Any

from tests.simulators.salesforce.errors import SalesforceError, bad_json
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.rights import MODIFY_ALL, MODIFY_METADATA
from tests.simulators.salesforce.wire import Call, Reply, Route, ok, route

JSON_PARTS = ("json", "entity_content")
"""The name of the JSON part differs by client; both are taken."""
FILE_PART = "file"
NO_PERMISSION = (
    "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata permissions"
)


def check_permission(org: Org, user_id: str) -> None:
    """SalesforceError INSUFFICIENT_ACCESS for a user who may not touch metadata."""
    if not org.rights.has(user_id, MODIFY_METADATA, MODIFY_ALL):
        raise SalesforceError(403, "INSUFFICIENT_ACCESS", NO_PERMISSION)


def _options(call: Call) -> dict[str, Any]:
    found = [call.parts[name] for name in JSON_PARTS if name in call.parts]
    if not found or FILE_PART not in call.parts:
        message = "a deploy needs a json part and a file part"
        raise SalesforceError(400, "INVALID_MULTIPART_REQUEST", message)
    try:
        body = json.loads(found[0])
    except ValueError as wrong:
        raise bad_json(f"the json part cannot be read: {wrong}") from wrong
    options = body.get("deployOptions") if isinstance(body, dict) else None
    if not isinstance(options, dict):
        raise bad_json("deployOptions must be an object")
    return options


def _deploy(org: Org, call: Call) -> Reply:
    check_permission(org, call.user_id)
    deploy = org.deploys.request(_options(call), call.parts[FILE_PART], call.user_id)
    body = {
        "id": deploy.id,
        "validatedDeployRequestId": None,
        "deployOptions": deploy.options,
        "deployResult": org.deploys.result(deploy, details=False),
    }
    return Reply(201, body)


def _status(org: Org, call: Call, deploy_id: str) -> Reply:
    deploy = org.deploys.get(deploy_id)
    details = call.query.get("includeDetails", "").lower() == "true"
    result = org.deploys.result(deploy, details=details)
    return ok({"id": deploy.id, "url": f"{call.base}{call.path}", "deployResult": result})


def _cancel(org: Org, call: Call, deploy_id: str) -> Reply:
    check_permission(org, call.user_id)
    deploy = org.deploys.get(deploy_id)
    org.deploys.cancel(deploy)
    result = org.deploys.result(deploy, details=False)
    return Reply(202, {"id": deploy.id, "deployResult": result, "url": f"{call.base}{call.path}"})


ROUTES: tuple[Route, ...] = (
    route("POST", "/metadata/deployRequest", _deploy),
    route("GET", "/metadata/deployRequest/{id}", _status),
    route("PATCH", "/metadata/deployRequest/{id}", _cancel),
)
