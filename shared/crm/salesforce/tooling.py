"""Installing a published package, and what is installed (facts: salesforce-api 5)."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from shared.crm.answers import Json, member, members, object_of, text
from shared.crm.errors import CrmFatalError
from shared.crm.salesforce.roots import DEFAULT_VERSION, data_root
from shared.crm.salesforce.soql import literal, select
from shared.crm.transport import Transport

MAX_PAGES = 20
"""Pages of installed packages; an org has dozens of packages, a page holds hundreds."""
MAX_MESSAGE = 500
Security = Literal["Full", "None", "Custom"]
NameConflict = Literal["Block", "RenameMetadata"]
State = Literal["in_progress", "success", "error", "unknown"]
_STATES: dict[str, State] = {
    "queued": "in_progress",
    "inprogress": "in_progress",
    "success": "success",
    "error": "error",
}
_INSTALLED = (
    "SubscriberPackage.Id",
    "SubscriberPackage.NamespacePrefix",
    "SubscriberPackageVersionId",
)
_NUMBERS = ("MajorVersion", "MinorVersion", "PatchVersion", "BuildNumber")
_NOT_TOLD = frozenset({400, 404})


@dataclass(frozen=True, slots=True)
class InstallStatus:
    """How far an installation is. `errors` are Salesforce's words for the admin."""

    state: State
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PackageVersion:
    """A version that could be installed; `number` is "1.2.3.4", "" when Salesforce tells none.

    `validation` is Salesforce's word for whether it can be installed now (NO_ERRORS_DETECTED,
    PACKAGE_UNAVAILABLE, INSTALL_KEY_REQUIRED, ...).
    """

    version_id: str
    package_id: str
    validation: str
    number: str
    beta: bool


@dataclass(frozen=True, slots=True)
class InstalledPackage:
    """A package in the org; `version` is "1.2.3.4", "" when Salesforce does not tell it."""

    package_id: str
    version_id: str
    namespace: str
    version: str
    beta: bool


class ToolingClient:
    """Package installations in one org."""

    def __init__(self, transport: Transport, *, version: str = DEFAULT_VERSION) -> None:
        self._transport = transport
        self._root = f"{data_root(version)}/tooling"

    async def install(
        self,
        version_id: str,
        security: Security,
        *,
        enable_remote_sites: bool,
        name_conflict: NameConflict = "Block",
        password: str | None = None,
    ) -> str:
        """Start installing the package version (04t...); the id of the request (0Hf...).

        `security`: who gets access, admins only (None) or everybody (Full). `enable_remote_sites`
        approves the package's third-party addresses. `password` is the installation key of a
        protected version. Starting it twice installs it once.
        """
        body: Json = {
            "SubscriberPackageVersionKey": version_id,
            "NameConflictResolution": name_conflict,
            "SecurityType": security,
            "EnableRss": enable_remote_sites,
        }
        if password is not None:
            body["Password"] = password
        return await self._start(
            "PackageInstallRequest",
            body,
            "Salesforce did not start the installation. Check the package version's id and that "
            "the connected user may download packages.",
        )

    async def uninstall(self, version_id: str) -> str:
        """Start uninstalling a second-generation package version; the request's id (06y...)."""
        return await self._start(
            "SubscriberPackageVersionUninstallRequest",
            {"SubscriberPackageVersionId": version_id},
            "Salesforce did not start the uninstall. Only second-generation packages can be "
            "uninstalled this way; take others out under Setup > Installed Packages.",
        )

    async def install_status(self, request_id: str) -> InstallStatus:
        """How far the installation is; `unknown` for a word that nobody has documented."""
        path = f"{self._root}/sobjects/PackageInstallRequest/{quote(request_id, safe='')}"
        found = object_of(await self._transport.request("GET", path))
        return InstallStatus(
            state=install_state(text(found, "Status")), errors=_messages(found.get("Errors"))
        )

    async def uninstall_status(self, request_id: str) -> InstallStatus:
        """How far the uninstall is; one more call for the reasons when it failed."""
        name = "SubscriberPackageVersionUninstallRequest"
        path = f"{self._root}/sobjects/{name}/{quote(request_id, safe='')}"
        found = object_of(await self._transport.request("GET", path))
        state = install_state(text(found, "Status"))
        if state != "error":
            return InstallStatus(state)
        where = f"ParentRequestId = {literal(request_id)}"
        rows = await self._query(select(("Message",), "PackageVersionUninstallRequestError", where))
        return InstallStatus(state, tuple(text(row, "Message")[:MAX_MESSAGE] for row in rows))

    async def package_version(
        self, version_id: str, *, password: str | None = None
    ) -> PackageVersion | None:
        """A version and whether it can be installed; None when this org does not know it (yet).

        A fresh version is unavailable for minutes: installing it then fails.
        """
        fields = ("SubscriberPackageId", "InstallValidationStatus", *_NUMBERS, "IsBeta")
        rows = await self._query(_version_query(version_id, *fields, password=password))
        if not rows:
            return None
        row = rows[0]
        return PackageVersion(
            version_id=text(row, "Id"),
            package_id=text(row, "SubscriberPackageId"),
            validation=text(row, "InstallValidationStatus"),
            number=_dotted(row),
            beta=row.get("IsBeta") is True,
        )

    async def installed_package(self, package_id: str) -> InstalledPackage | None:
        """The version of one package that is installed; None when it is not."""
        rows = await self._query(select(_INSTALLED, "InstalledSubscriberPackage"))
        mine = (row for row in rows if text(member(row, "SubscriberPackage"), "Id") == package_id)
        row = next(mine, None)
        return None if row is None else await self._installed(row)

    async def installed_packages(self) -> list[InstalledPackage]:
        """What is installed; Salesforce tells a version's numbers only one by one."""
        rows = await self._query(select(_INSTALLED, "InstalledSubscriberPackage"))
        return [await self._installed(row) for row in rows]

    async def _start(self, object_name: str, body: Json, refusal: str) -> str:
        path = f"{self._root}/sobjects/{object_name}"
        found = object_of(await self._transport.request("POST", path, json=body))
        request_id = text(found, "id")
        if found.get("success") is False or not request_id:
            said = "; ".join(_messages(found))
            raise CrmFatalError(f"{refusal} {said}".rstrip(), code="install_refused")
        return request_id

    async def _installed(self, row: Json) -> InstalledPackage:
        version_id = text(row, "SubscriberPackageVersionId")
        numbers = await self._numbers(version_id)
        package = member(row, "SubscriberPackage")
        return InstalledPackage(
            package_id=text(package, "Id"),
            version_id=version_id,
            namespace=text(package, "NamespacePrefix"),
            version=_dotted(numbers),
            beta=numbers.get("IsBeta") is True,
        )

    async def _numbers(self, version_id: str) -> Json:
        try:
            rows = await self._query(_version_query(version_id, *_NUMBERS, "IsBeta"))
        except CrmFatalError as hidden:
            if hidden.status in _NOT_TOLD:
                return {}
            raise
        return rows[0] if rows else {}

    async def _query(self, soql: str) -> list[Json]:
        path = f"{self._root}/query"
        body = object_of(await self._transport.request("GET", path, params=[("q", soql)]))
        rows = members(body, "records")
        for _page in range(MAX_PAGES):
            if body.get("done") is not False:
                return rows
            body = object_of(await self._transport.request("GET", text(body, "nextRecordsUrl")))
            rows += members(body, "records")
        raise CrmFatalError(
            f"Salesforce's list of packages has more than {MAX_PAGES} pages.",
            code="page_limit_exceeded",
        )


def install_state(status: str) -> State:
    """A status in either spelling (InProgress, IN_PROGRESS); in any other it is unknown."""
    return _STATES.get(status.replace("_", "").casefold(), "unknown")


def _messages(found: object) -> tuple[str, ...]:
    return tuple(text(one, "message")[:MAX_MESSAGE] for one in members(found, "errors"))


def _dotted(numbers: Json) -> str:
    return ".".join(text(numbers, name) for name in _NUMBERS) if numbers else ""


def _version_query(version_id: str, *fields: str, password: str | None = None) -> str:
    """One version by its id: Salesforce allows no other filter here but the installation key."""
    where = f"Id = {literal(version_id)}"
    if password is not None:
        where += f" AND InstallationKey = {literal(password)}"
    return select(("Id", *fields), "SubscriberPackageVersion", where)
