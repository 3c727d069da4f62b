"""Finds the handler of a call and makes each call all or nothing."""

import re

from tests.simulators.salesforce import (
    collections,
    composite_tree,
    metadata,
    query,
    rest,
    tooling,
)
from tests.simulators.salesforce.bulk import ingest_routes, query_routes
from tests.simulators.salesforce.composite import composite_routes
from tests.simulators.salesforce.composite_graph import graph_routes
from tests.simulators.salesforce.errors import SalesforceError, method_not_allowed, not_found
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.wire import Call, Reply, Route

VERSION = re.compile(r"\d{1,3}\.\d", re.ASCII)
FIRST_VERSION = 31.0
VERSION_GONE = "The REST API version that you requested has been retired."


class Dispatcher:
    """All resources below ``/services/data/vXX.X`` of one org."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._routes: tuple[Route, ...] = (
            *query.ROUTES,
            *collections.ROUTES,
            *composite_routes(self.run),
            *graph_routes(self.run),
            *composite_tree.ROUTES,
            *tooling.ROUTES,
            *metadata.ROUTES,
            *ingest_routes.ROUTES,
            *query_routes.ROUTES,
            *rest.ROUTES,
        )

    def handle(self, call: Call) -> Reply:
        """Answer a call from outside: whatever succeeded is final afterwards."""
        self._org.settle()
        reply = self.run(call)
        self._org.store.commit()
        return reply

    def run(self, call: Call) -> Reply:
        """Answer a call; what a failing one had written is taken back. Commits nothing."""
        org = self._org
        mark = org.store.mark()
        try:
            check_version(call.version, org.switches.latest_version)
            found, match = self._find(call)
            reply = found.run(org, call, match)
        except SalesforceError as problem:
            org.store.rollback(mark)
            return Reply(problem.status, problem.as_array())
        except Exception:
            org.store.rollback(mark)
            raise
        return reply

    def name_of(self, call: Call) -> str:
        """How a call is counted; by its path if nothing answers to it."""
        try:
            return self._find(call)[0].name
        except SalesforceError:
            return f"{call.method} {call.path}"

    def _find(self, call: Call) -> tuple[Route, re.Match[str]]:
        allowed = False
        for one in self._routes:
            match = one.pattern.fullmatch(call.path)
            if match is None:
                continue
            if one.method == call.method:
                return one, match
            allowed = True
        raise method_not_allowed(call.method) if allowed else not_found()


def check_version(text: str, latest: int) -> None:
    """SalesforceError 410 for a retired version, 404 for one that the org does not have yet."""
    if VERSION.fullmatch(text) is None:
        raise not_found()
    version = float(text)
    if version < FIRST_VERSION:
        raise SalesforceError(410, "UNSUPPORTED_API_VERSION", VERSION_GONE)
    if version > latest or version != int(version):
        raise not_found()


SEASONS = {
    60: "Spring '24",
    61: "Summer '24",
    62: "Winter '25",
    63: "Spring '25",
    64: "Summer '25",
    65: "Winter '26",
    66: "Spring '26",
    67: "Summer '26",
    68: "Winter '27",
}


def versions(latest: int) -> list[dict[str, str]]:
    """The body of ``GET /services/data/``. Versions from 31.0 are served, the latest are listed."""
    return [
        {"label": label, "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number, label in SEASONS.items()
        if number <= latest
    ]
