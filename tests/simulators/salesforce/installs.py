"""Package versions, their installation and removal (facts: section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.simulators.salesforce.errors import SalesforceError, invalid_reference, missing
from tests.simulators.salesforce.ids import long_form, make_id
from tests.simulators.salesforce.stamps import stamp
from tests.simulators.salesforce.store import Record

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

PACKAGE_ID = make_id("033", 1)
PACKAGE_NAME = "Causeway"
VERSION_PREFIX = "04t"
READY = "NO_ERRORS_DETECTED"
QUEUED_SHARE = 0.2
"""The part of the time for which an uninstall is Queued."""
NOT_AVAILABLE = "This package is not yet available. Try again in a few minutes."
SPELLINGS = {
    "upper": {"running": "IN_PROGRESS", "done": "SUCCESS", "failed": "ERROR"},
    "title": {"running": "InProgress", "done": "Success", "failed": "Error"},
}
CHOICES = {
    "NameConflictResolution": {"block", "renamemetadata"},
    "SecurityType": {"full", "none", "custom", "push"},
    "UpgradeType": {"mixed-mode", "mixed", "delete-only", "deprecate-only"},
    "ApexCompileType": {"all", "package"},
}
KEPT = (*CHOICES, "EnableRss", "PackageInstallSource", "SkipHandlers")


@dataclass(slots=True)
class Request:
    """An install or an uninstall: ``state`` is running, done or failed."""

    id: str
    version_id: str
    ends_at: float
    errors: list[str]
    created: str
    begins_at: float = 0
    settings: dict[str, Any] = field(default_factory=dict)
    state: str = "running"

    def queued(self, now: float) -> bool:
        """Whether nobody has begun yet: only uninstalls tell of it."""
        return self.state == "running" and now < self.begins_at


class Installs:
    """What was asked for, and which version is installed."""

    def __init__(self, org: "Org") -> None:
        self._org = org
        self._first_asked: dict[str, float] = {}
        self.installs: dict[str, Request] = {}
        self.removals: dict[str, Request] = {}
        self.installed: str | None = None

    def request(self, body: Mapping[str, Any]) -> str:
        """Begin an install; the id of the request. SalesforceError for a bad one."""
        version_id = long_form(str(body.get("SubscriberPackageVersionKey") or ""))
        if version_id is None:
            raise missing(["SubscriberPackageVersionKey"])
        if not version_id.startswith(VERSION_PREFIX):
            raise invalid_reference(fields=["SubscriberPackageVersionKey"])
        for name, allowed in CHOICES.items():
            given = body.get(name)
            if given is not None and str(given).lower() not in allowed:
                code = "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
                message = f"{name}: bad value for restricted picklist field: {given}"
                raise SalesforceError(400, code, message, fields=[name])
        made = self._make("0Hf", version_id, self._problems(version_id, body.get("Password")))
        made.settings = {"EnableRss": False, **{n: body[n] for n in KEPT if n in body}}
        self.installs[made.id] = made
        return made.id

    def _problems(self, version_id: str, password: Any) -> list[str]:
        status = self.validation_status(version_id, None if password is None else str(password))
        if status == self._org.switches.package_waiting_status:
            return [NOT_AVAILABLE]
        if status != READY:
            return [f"The package cannot be installed: {status}"]
        return list(self._org.switches.install_errors)

    def _make(self, prefix: str, version_id: str, errors: list[str]) -> Request:
        clock = self._org.clock
        seconds = self._org.switches.install_seconds
        return Request(
            id=self._org.ids.next(prefix),
            version_id=version_id,
            begins_at=clock.seconds() + seconds * QUEUED_SHARE,
            ends_at=clock.seconds() + seconds,
            errors=errors,
            created=stamp(clock.milliseconds()),
        )

    def remove(self, version_id: str | None) -> str:
        """Begin an uninstall; the id of the request."""
        if version_id is None or not version_id.startswith(VERSION_PREFIX):
            raise invalid_reference(fields=["SubscriberPackageVersionId"])
        errors = [] if version_id == self.installed else ["The package version is not installed."]
        made = self._make("06y", version_id, errors)
        self.removals[made.id] = made
        return made.id

    def settle(self) -> None:
        """Finish what has had its time."""
        now = self._org.clock.seconds()
        for one in [*self.installs.values(), *self.removals.values()]:
            if one.state == "running" and now >= one.ends_at:
                self._finish(one)

    def _finish(self, one: Request) -> None:
        one.state = "failed" if one.errors else "done"
        if one.errors:
            return
        if one.id in self.installs:
            self.installed = one.version_id
            self._org.install_package()
        else:
            self.installed = None
            self._org.uninstall_package()

    def validation_status(self, version_id: str, key: str | None) -> str:
        """Whether the version can be installed with this installation key."""
        now = self._org.clock.seconds()
        asked = self._first_asked.setdefault(version_id, now)
        if now - asked < self._org.switches.package_unavailable_seconds:
            return self._org.switches.package_waiting_status
        going = [one for one in self.removals.values() if one.state == "running"]
        if any(one.version_id == version_id for one in going):
            return "UNINSTALL_IN_PROGRESS"
        wanted = self._org.switches.installation_key
        if wanted and key != wanted:
            return "INSTALL_KEY_INVALID" if key else "INSTALL_KEY_REQUIRED"
        return READY

    def install_rows(self) -> list[Record]:
        """PackageInstallRequest."""
        return [self._install_row(one) for one in self.installs.values()]

    def _install_row(self, one: Request) -> Record:
        told = {"errors": [{"message": message} for message in one.errors]}
        failed = one.state == "failed"
        fields = {
            "Id": one.id,
            "SubscriberPackageVersionKey": one.version_id,
            "Status": SPELLINGS[self._org.switches.install_status_spelling][one.state],
            "Errors": told if failed else None,
            "CreatedDate": one.created,
            **one.settings,
        }
        return Record("PackageInstallRequest", one.id, fields, 0)

    def removal_rows(self) -> list[Record]:
        """SubscriberPackageVersionUninstallRequest."""
        words = {"running": "InProgress", "done": "Success", "failed": "Error"}
        now = self._org.clock.seconds()
        return [
            Record(
                "SubscriberPackageVersionUninstallRequest",
                one.id,
                {
                    "Id": one.id,
                    "SubscriberPackageVersionId": one.version_id,
                    "Status": "Queued" if one.queued(now) else words[one.state],
                    "CreatedDate": one.created,
                },
                0,
            )
            for one in self.removals.values()
        ]

    def removal_errors(self) -> list[Record]:
        """PackageVersionUninstallRequestError."""
        rows = [
            (make_id("4v1", number), one.id, message)
            for number, one in enumerate(self.removals.values(), start=1)
            if one.state == "failed"
            for message in one.errors
        ]
        return [
            Record(
                "PackageVersionUninstallRequestError",
                row_id,
                {"Id": row_id, "ParentRequestId": parent, "Message": message},
                0,
            )
            for row_id, parent, message in rows
        ]

    def installed_rows(self) -> list[Record]:
        """InstalledSubscriberPackage."""
        if self.installed is None:
            return []
        row_id = make_id("0A3", 1)
        fields = {
            "Id": row_id,
            "SubscriberPackageId": PACKAGE_ID,
            "SubscriberPackageVersionId": self.installed,
        }
        return [Record("InstalledSubscriberPackage", row_id, fields, 0)]

    def package_row(self) -> Record:
        """SubscriberPackage: without a namespace, as an unlocked package."""
        fields = {"Id": PACKAGE_ID, "Name": PACKAGE_NAME, "NamespacePrefix": None}
        return Record("SubscriberPackage", PACKAGE_ID, fields, 0)

    def version_row(self, version_id: str, key: str | None = None) -> Record:
        """SubscriberPackageVersion, whatever version is asked for."""
        fields = {
            "Id": version_id,
            "SubscriberPackageId": PACKAGE_ID,
            "Name": "1.0",
            "InstallValidationStatus": self.validation_status(version_id, key),
            "InstallationKey": key,
            "MajorVersion": 1,
            "MinorVersion": 0,
            "PatchVersion": 0,
            "BuildNumber": 1,
            "IsBeta": False,
            "IsManaged": False,
            "IsPasswordProtected": bool(self._org.switches.installation_key),
            "ReleaseState": "Released",
        }
        return Record("SubscriberPackageVersion", version_id, fields, 0)
