"""Deploying a package's source without a published package (facts: salesforce-api 5.1)."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

import msgspec

from shared.crm.answers import Json, digits, member, members, object_of, text
from shared.crm.errors import CrmFatalError
from shared.crm.salesforce.roots import DEFAULT_VERSION, data_root
from shared.crm.transport import Transport

MAX_ZIP_BYTES = 39 * 1024 * 1024
"""Salesforce's own limit for the zipped source."""
MAX_PROBLEM = 500
TestLevel = Literal["NoTestRun", "RunSpecifiedTests", "RunLocalTests", "RunAllTestsInOrg"]


@dataclass(frozen=True, slots=True)
class ComponentFailure:
    """One component that could not be deployed, in Salesforce's words for the admin."""

    name: str
    type: str
    problem: str


@dataclass(frozen=True, slots=True)
class DeployStatus:
    """How far a deployment is. `state` is Salesforce's word (Pending, InProgress, Succeeded, ...).

    `components` and `tests` are (done, failed, total).
    """

    state: str
    done: bool
    success: bool
    components: tuple[int, int, int]
    tests: tuple[int, int, int]
    failures: tuple[ComponentFailure, ...]
    message: str


class MetadataClient:
    """Deployments into one org."""

    def __init__(self, transport: Transport, *, version: str = DEFAULT_VERSION) -> None:
        self._transport = transport
        self._path = f"{data_root(version)}/metadata/deployRequest"

    async def deploy(
        self, zip_bytes: bytes, *, check_only: bool = False, test_level: TestLevel | None = None
    ) -> str:
        """Start deploying a zip with package.xml at its root; the id of the deployment (0Af...).

        All or nothing. `test_level` None leaves it to the org's default (no tests where there is
        no Apex). Deploying the same source again changes nothing.
        """
        if len(zip_bytes) > MAX_ZIP_BYTES:
            raise CrmFatalError(
                f"The package source is larger than {MAX_ZIP_BYTES} bytes, Salesforce's limit.",
                code="deploy_too_large",
            )
        options: Json = {"checkOnly": check_only, "rollbackOnError": True, "singlePackage": True}
        if test_level is not None:
            options["testLevel"] = test_level
        files = {
            "json": (None, msgspec.json.encode({"deployOptions": options}), "application/json"),
            "file": ("package.zip", zip_bytes, "application/zip"),
        }
        found = object_of(await self._transport.request("POST", self._path, files=files))
        deployment = text(found, "id") or text(member(found, "deployResult"), "id")
        if not deployment:
            raise CrmFatalError(
                "Salesforce did not start the deployment. Check that the connected user may "
                "modify metadata.",
                code="deploy_refused",
            )
        return deployment

    async def deploy_status(self, deployment_id: str) -> DeployStatus:
        """How far the deployment is, with what failed."""
        path = f"{self._path}/{quote(deployment_id, safe='')}"
        params = [("includeDetails", "true")]
        body = object_of(await self._transport.request("GET", path, params=params))
        found = member(body, "deployResult")
        details = member(found, "details")
        return DeployStatus(
            state=text(found, "status"),
            done=_flag(found.get("done")),
            success=_flag(found.get("success")),
            components=_counts(found, "numberComponents", "Deployed"),
            tests=_counts(found, "numberTests", "Completed", "numberTestErrors"),
            failures=tuple(_failure(one) for one in _many(details.get("componentFailures"))),
            message=text(found, "errorMessage")[:MAX_PROBLEM],
        )


def _flag(found: object) -> bool:
    """Salesforce's own sample shows booleans as strings."""
    return found is True or (isinstance(found, str) and found.strip().casefold() == "true")


def _count(found: Json, name: str) -> int:
    return digits(text(found, name)) or 0


def _counts(
    found: Json, kind: str, done: str, errors: str = "numberComponentErrors"
) -> tuple[int, int, int]:
    return _count(found, kind + done), _count(found, errors), _count(found, kind + "Total")


def _many(found: object) -> list[Json]:
    """A list, or the single item that some versions give in its place."""
    return [found] if isinstance(found, dict) else members({"items": found}, "items")


def _failure(found: Json) -> ComponentFailure:
    return ComponentFailure(
        name=text(found, "fullName"),
        type=text(found, "componentType"),
        problem=text(found, "problem")[:MAX_PROBLEM],
    )
