"""The tooling API, as far as packages need it (facts: section 5)."""

from collections.abc import Callable
from datetime import date

from tests.simulators.salesforce.errors import SalesforceError, no_access, not_found
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.installs import VERSION_PREFIX
from tests.simulators.salesforce.org import Org, OrgView
from tests.simulators.salesforce.query import query_text
from tests.simulators.salesforce.rest import created, field_names, show
from tests.simulators.salesforce.rights import CUSTOMIZE, INSTALL
from tests.simulators.salesforce.schema.describe import describe, summary
from tests.simulators.salesforce.schema.eventing import CHANNEL, CHANNEL_MEMBER, EVENTING
from tests.simulators.salesforce.schema.objects import ObjectType
from tests.simulators.salesforce.schema.setup import TOOLING, VERSION
from tests.simulators.salesforce.soql.errors import malformed
from tests.simulators.salesforce.soql.evaluate import run
from tests.simulators.salesforce.soql.parser import parse
from tests.simulators.salesforce.soql.syntax import Comparison, Condition, Group, Query
from tests.simulators.salesforce.store import Record, Table
from tests.simulators.salesforce.wire import Call, Reply, Route, no_content, ok, route

Rows = Callable[[], list[Record]]
RESTRICTION = (
    "Implementation restriction: You can only perform queries of the form Id, SubscriberPackageId "
    "or InstallationKey on SubscriberPackageVersion."
)
INSTALLING = frozenset({"PackageInstallRequest", "SubscriberPackageVersionUninstallRequest"})
VERSION_FILTERS = frozenset({"id", "subscriberpackageid", "installationkey"})


class ToolingView:
    """What tooling queries see (``soql.world.World``); other objects are the org's."""

    def __init__(self, org: Org, view: OrgView, versions: list[Record]) -> None:
        installs = org.installs
        self._installs = installs
        self._view = view
        self._rows: dict[str, Rows] = {
            "SubscriberPackageVersion": lambda: versions,
            "SubscriberPackage": lambda: [installs.package_row()],
            "InstalledSubscriberPackage": installs.installed_rows,
            "PackageInstallRequest": installs.install_rows,
            "SubscriberPackageVersionUninstallRequest": installs.removal_rows,
            "PackageVersionUninstallRequestError": installs.removal_errors,
            CHANNEL.name: org.capture.selection.channel_rows,
            CHANNEL_MEMBER.name: org.capture.selection.member_rows,
        }

    def object(self, name: str) -> ObjectType | None:
        """A tooling object, or one of the org."""
        known = tooling_type(name)
        if known is not None:
            return known if self._view.may_see(known.name) else None
        return self._view.object(name)

    def table(self, name: str) -> Table:
        """The rows of an object as they are now."""
        if name not in self._rows:
            return self._view.table(name)
        table = Table(name, list)
        for record in self._rows[name]():
            table.put(record)
        return table

    def record(self, record_id: str) -> Record | None:
        """A package, a version, or any record of the org."""
        if record_id.startswith(VERSION_PREFIX):
            return self._installs.version_row(record_id)
        package = self._installs.package_row()
        return package if record_id == package.id else self._view.record(record_id)

    def today(self) -> date:
        """Today, by UTC."""
        return self._view.today()


def tooling_type(name: str) -> ObjectType | None:
    """A tooling object by its name in any case."""
    return next((one for one in TOOLING if one.name.lower() == name.lower()), None)


def _asked_versions(org: Org, query: Query) -> list[Record]:
    """The versions that a query names. SalesforceError MALFORMED_QUERY for other filters."""
    if query.source.lower() != VERSION.name.lower() or org.switches.package_versions_hidden:
        return []
    parts = _parts(query.where)
    names = {one.path[-1].lower() for one in parts}
    if not names & {"id", "subscriberpackageid"} or names - VERSION_FILTERS:
        raise malformed(RESTRICTION)
    ids = [value.text for one in parts if one.path[-1].lower() == "id" for value in one.values]
    keys = [one.values[0].text for one in parts if one.path[-1].lower() == "installationkey"]
    key = keys[0] if keys else None
    known = [found for found in map(long_form, ids) if found is not None]
    if not ids and org.installs.installed is not None:
        known = [org.installs.installed]
    wanted = [one for one in known if one.startswith(VERSION_PREFIX)]
    return [org.installs.version_row(one, key) for one in wanted]


def _parts(where: Condition | None) -> list[Comparison]:
    match where:
        case Comparison():
            return [where]
        case Group("AND", parts):
            return [one for part in parts for one in _parts(part)]
        case _:
            raise malformed(RESTRICTION)


def _query(org: Org, call: Call) -> Reply:
    text = query_text(call)
    query = parse(text)
    versions = _asked_versions(org, query)
    world = ToolingView(org, org.as_seen_by(call.user_id), versions)
    base = f"{call.base}/tooling"
    answer = run(query, text, world, base=base, deleted=False)
    records = [] if answer.counting else [answer.render(one) for one in answer.records]
    if answer.aggregate is not None:
        records = [answer.aggregate]
    return ok(
        {
            "size": len(answer.records),
            "totalSize": len(answer.records),
            "done": True,
            "queryLocator": None,
            "entityTypeName": query.source,
            "records": records,
        }
    )


def _global(_org: Org, call: Call) -> Reply:
    base = f"{call.base}/tooling"
    listed = [summary(kind, base) for kind in TOOLING]
    return ok({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": listed})


def _known(name: str) -> ObjectType:
    kind = tooling_type(name)
    if kind is None:
        raise not_found()
    return kind


def _describe(_org: Org, call: Call, name: str) -> Reply:
    return ok(describe(_known(name), f"{call.base}/tooling"))


def _create(org: Org, call: Call, name: str) -> Reply:
    kind = _known(name)
    body = call.json_object()
    unknown = [one for one in body if kind.field(one) is None]
    if unknown:
        message = f"No such column '{unknown[0]}' on sobject of type {kind.name}"
        raise SalesforceError(400, "INVALID_FIELD", message)
    if kind.name in INSTALLING and not org.rights.has(call.user_id, INSTALL):
        raise no_access(403)
    if kind in EVENTING:
        _check_customizing(org, call)
        return created(call, kind.name, org.capture.create(kind.name, body), warnings=[], infos=[])
    if kind.name == "PackageInstallRequest":
        return created(call, kind.name, org.installs.request(body), warnings=[], infos=[])
    if kind.name == "SubscriberPackageVersionUninstallRequest":
        version_id = long_form(str(body.get("SubscriberPackageVersionId") or ""))
        return created(call, kind.name, org.installs.remove(version_id), warnings=[], infos=[])
    raise SalesforceError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "entity is not creatable")


def _get(org: Org, call: Call, name: str, record_id: str) -> Reply:
    kind = _known(name)
    full = long_form(record_id) or ""
    asked = kind is VERSION and full.startswith(VERSION_PREFIX)
    versions = [org.installs.version_row(full)] if asked else []
    table = ToolingView(org, org.as_seen_by(call.user_id), versions).table(kind.name)
    record = table.records.get(full)
    if record is None:
        raise not_found()
    return ok(show(kind, record, f"{call.base}/tooling", field_names(call)))


def _delete(org: Org, call: Call, name: str, record_id: str) -> Reply:
    if _known(name) not in EVENTING:
        raise SalesforceError(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "cannot be deleted")
    _check_customizing(org, call)
    org.capture.remove(long_form(record_id) or "")
    return no_content()


def _check_customizing(org: Org, call: Call) -> None:
    if not org.rights.has(call.user_id, CUSTOMIZE):
        raise no_access(403)


ROUTES: tuple[Route, ...] = (
    route("GET", "/tooling/query", _query),
    route("GET", "/tooling/sobjects", _global),
    route("GET", "/tooling/sobjects/{object}/describe", _describe),
    route("POST", "/tooling/sobjects/{object}", _create),
    route("GET", "/tooling/sobjects/{object}/{id}", _get),
    route("DELETE", "/tooling/sobjects/{object}/{id}", _delete),
)
