"""Metadata deploys: accepted at once, done after a while (facts: section 5.1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulators.salesforce.components import apply_components, component_problems, spared
from tests.simulators.salesforce.errors import SalesforceError, not_found
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.manifest import (
    APEX,
    Contents,
    Member,
    PermissionSetSource,
    Problem,
    read_zip,
)
from tests.simulators.salesforce.pubsub.deployment import deploy_selections, selection_problems
from tests.simulators.salesforce.stamps import stamp

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

Json = dict[str, Any]
PENDING_SHARE = 0.2
"""The part of the time for which a deploy is Pending."""
PACKAGED_ELSEWHERE = frozenset({"Event"})
"""Objects of the real org that this one leaves out; permissions for them are accepted."""
MAX_ZIP = 39_000_000
CANCELING = "Canceling"
MANIFEST = "package.xml"
RUNNING = frozenset({"Pending", "InProgress"})
SUCCESSES = frozenset({"Succeeded", "SucceededPartial"})


@dataclass(slots=True)
class Deploy:
    """One deploy; ``status`` is final once it is neither Pending nor InProgress."""

    id: str
    options: Json
    contents: Contents
    started_at: float
    seconds: float
    created_by: str
    problems: list[Problem] = field(default_factory=list)
    status: str = "Pending"


class Deploys:
    """The deploys of the org."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._deploys: dict[str, Deploy] = {}

    def request(self, options: Mapping[str, Any], data: bytes, user_id: str) -> Deploy:
        """Begin a deploy. SalesforceError for a zip that is too big."""
        if len(data) > MAX_ZIP:
            raise SalesforceError(400, "LIMIT_EXCEEDED", "Maximum size of request is 39 MB")
        single = _flag(options, "singlePackage")
        deploy = Deploy(
            id=self._org.ids.next("0Af"),
            options=dict(options),
            contents=read_zip(data, single_package=single),
            started_at=self._org.clock.seconds(),
            seconds=self._org.switches.install_seconds,
            created_by=user_id,
        )
        deploy.problems = [*deploy.contents.problems, *self._more_problems(deploy)]
        self._deploys[deploy.id] = deploy
        return deploy

    def get(self, deploy_id: str) -> Deploy:
        """A deploy. SalesforceError NOT_FOUND."""
        found = self._deploys.get(long_form(deploy_id) or "")
        if found is None:
            raise not_found()
        return found

    def cancel(self, deploy: Deploy) -> None:
        """Cancel what is not done yet; it is Canceling until somebody looks again."""
        if deploy.status in RUNNING:
            deploy.status = CANCELING

    def _more_problems(self, deploy: Deploy) -> list[Problem]:
        options, contents = deploy.options, deploy.contents
        found = [
            Problem(Member(one.get("componentType", ""), one["fullName"]), one["problem"])
            for one in self._org.switches.deploy_errors
        ]
        whole = Member("", MANIFEST, MANIFEST)
        if not self._org.settings.sandbox:
            if _flag(options, "purgeOnDelete"):
                found.append(Problem(whole, "purgeOnDelete cannot be used in production"))
            if not _flag(options, "rollbackOnError"):
                found.append(Problem(whole, "rollbackOnError must be true in a production org"))
            has_apex = any(one.type in APEX for one in contents.members)
            if has_apex and options.get("testLevel") == "NoTestRun":
                found.append(Problem(whole, "testLevel of NoTestRun cannot be used in production"))
        for name, _ in contents.fields:
            if self._org.catalogue.get(name) is None:
                member = Member("CustomObject", name, f"objects/{name}.object")
                found.append(Problem(member, f"no CustomObject named {name} found"))
        for one in contents.permission_sets:
            found += self._unknown_grants(one, contents)
        found += component_problems(self._org, contents)
        return found + selection_problems(self._org, contents)

    def _unknown_grants(self, source: PermissionSetSource, contents: Contents) -> list[Problem]:
        coming = {(name.lower(), one.name.lower()) for name, one in contents.fields}
        problems = []
        for object_name, field_name in source.grants:
            kind = self._org.catalogue.get(object_name)
            field = None if kind is None else kind.field(field_name)
            known = field is not None
            if field is not None and not field.nillable and field.type != "boolean":
                text = f"You cannot deploy to a required field: {object_name}.{field_name}"
                problems.append(Problem(Member("PermissionSet", source.name), text))
            comes = (object_name.lower(), field_name.lower()) in coming
            if not (known or comes or object_name in PACKAGED_ELSEWHERE):
                member = Member("PermissionSet", source.name)
                text = f"In field: field - no CustomField named {object_name}.{field_name} found"
                problems.append(Problem(member, text))
        return problems

    def settle(self) -> None:
        """Move on what has had its time."""
        now = self._org.clock.seconds()
        for one in self._deploys.values():
            if one.status == CANCELING:
                one.status = "Canceled"
            if one.status not in RUNNING:
                continue
            passed = now - one.started_at
            if passed >= one.seconds:
                self._finish(one)
            elif passed >= one.seconds * PENDING_SHARE:
                one.status = "InProgress"

    def _finish(self, deploy: Deploy) -> None:
        deploy.status = self._outcome(deploy)
        if deploy.status != "Failed" and not _flag(deploy.options, "checkOnly"):
            self._apply(spared(deploy.contents, deploy.problems))

    def _outcome(self, deploy: Deploy) -> str:
        """SucceededPartial is for sandboxes that were told not to roll back."""
        if not deploy.problems:
            return "Succeeded"
        whole = any(one.member.name == MANIFEST for one in deploy.problems)
        left = spared(deploy.contents, deploy.problems).members
        partly = self._org.settings.sandbox and not _flag(deploy.options, "rollbackOnError")
        return "SucceededPartial" if partly and left and not whole else "Failed"

    def _apply(self, contents: Contents) -> None:
        org = self._org
        for name, one in contents.fields:
            kind = org.catalogue.get(name)
            new = kind is None or kind.field(one.name) is None
            org.add_field(name, one, guarded=new)
        for source in contents.permission_sets:
            org.add_permission_set(source.name, source.label, source.grants, source.description)
        apply_components(org, contents)
        deploy_selections(org, contents)
        for member in contents.removed:
            self._remove(member)

    def _remove(self, member: Member) -> None:
        if member.type == "CustomField":
            object_name, _, field_name = member.name.partition(".")
            target = "Task" if object_name == "Activity" else object_name
            self._org.remove_field(target, field_name)
        elif member.type == "PermissionSet":
            self._org.remove_permission_set(member.name)

    def result(self, deploy: Deploy, *, details: bool) -> Json:
        """The deployResult, as text values where the switch says so."""
        shown = self._result(deploy, details=details)
        return _as_text(shown) if self._org.switches.deploy_as_strings else shown

    def _result(self, deploy: Deploy, *, details: bool) -> Json:
        done = deploy.status not in {*RUNNING, CANCELING}
        total = len(deploy.contents.members)
        failed = len(deploy.problems) if done else 0
        good = deploy.status in SUCCESSES
        left = spared(deploy.contents, deploy.problems).members
        member = self._org.grants.member(deploy.created_by)
        shown: Json = {
            "id": deploy.id,
            "status": deploy.status,
            "done": done,
            "success": good,
            "checkOnly": _flag(deploy.options, "checkOnly"),
            "ignoreWarnings": _flag(deploy.options, "ignoreWarnings"),
            "rollbackOnError": _flag(deploy.options, "rollbackOnError"),
            "runTestsEnabled": False,
            "numberComponentErrors": failed,
            "numberComponentsDeployed": len(left) if good else 0,
            "numberComponentsTotal": total,
            "numberTestErrors": 0,
            "numberTestsCompleted": 0,
            "numberTestsTotal": 0,
            "createdBy": member.id,
            "createdByName": member.name,
            "createdDate": stamp(int(deploy.started_at * 1_000)),
        }
        return {**shown, "details": _details(deploy, done=done)} if details else shown


def _flag(options: Mapping[str, Any], name: str) -> bool:
    return str(options.get(name, False)).lower() == "true"


def _details(deploy: Deploy, *, done: bool) -> Json:
    good = deploy.status in SUCCESSES
    failures = [_failure(one) for one in deploy.problems] if done else []
    members = spared(deploy.contents, deploy.problems).members
    return {
        "componentFailures": failures,
        "componentSuccesses": [_success(one) for one in members] if good else [],
        "retrieveResult": None,
        "runTestResult": {
            "numFailures": 0,
            "numTestsRun": 0,
            "totalTime": 0.0,
            "failures": [],
            "successes": [],
            "codeCoverage": [],
            "codeCoverageWarnings": [],
        },
    }


def _failure(one: Problem) -> Json:
    return {
        "componentType": one.member.type,
        "fileName": one.member.file,
        "fullName": one.member.name,
        "problem": one.text,
        "problemType": "Error",
        "lineNumber": 1,
        "columnNumber": 1,
        "success": False,
        "changed": False,
        "created": False,
        "deleted": False,
        "warning": False,
    }


def _success(one: Member) -> Json:
    return {
        "componentType": one.type,
        "fileName": one.file,
        "fullName": one.name,
        "success": True,
        "changed": True,
        "created": True,
        "deleted": False,
        "warning": False,
    }


def _as_text(value: Any) -> Any:
    """The same with booleans and numbers as text, as a sample in the documentation has them."""
    if isinstance(value, dict):
        return {name: _as_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_as_text(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value
