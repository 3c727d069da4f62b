"""One call of the data API and its reply, free of any web framework."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from tests.simulators.salesforce.errors import SalesforceError
from tests.simulators.salesforce.writer import Author

if TYPE_CHECKING:
    from tests.simulators.salesforce.org import Org

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call to ``/services/data/v{version}{path}``.

    ``path`` is still percent-encoded; header names are in lower case; ``body`` is parsed JSON (None
    without one), but bytes where CSV is uploaded; ``parts`` are the parts of a multipart body.
    """

    method: str
    version: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    parts: Mapping[str, bytes] = field(default_factory=dict)
    user_id: str = ""
    row_fault: str = ""

    @property
    def base(self) -> str:
        """The path of this API version."""
        return f"/services/data/v{self.version}"

    def author(self) -> Author:
        """Who writes, by the session and the Sforce headers."""
        rule = _options(self.headers.get("sforce-duplicate-rule-header", ""))
        return Author(
            user_id=self.user_id,
            auto_assign=self.headers.get("sforce-auto-assign", "TRUE").strip().upper() != "FALSE",
            allow_save=rule.get("allowsave") == "true",
            duplicate_details=rule.get("includerecorddetails") == "true",
            row_fault=self.row_fault,
            origin=self.origin(),
        )

    def origin(self) -> str:
        """What change events tell of this call (facts: section 4.1); a client may name itself."""
        given = self.headers.get("sforce-call-options", "").split(",")
        pairs = (one.strip().partition("=") for one in given)
        client = next((value for name, _, value in pairs if name.lower() == "client"), "")
        suffix = f";client={client}" if client else ""
        return f"com/salesforce/api/rest/{self.version}{suffix}"

    def json_object(self) -> Json:
        """The body. SalesforceError JSON_PARSER_ERROR when it is no object."""
        if not isinstance(self.body, dict):
            message = "The HTTP entity body is required, but this request has no entity body."
            raise SalesforceError(400, "JSON_PARSER_ERROR", message, parsing=True)
        return self.body


def _options(header: str) -> dict[str, str]:
    pairs = (one.partition("=") for one in header.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply; ``calls`` is what it costs of the org's daily calls.

    ``body`` becomes JSON; bytes are CSV, and None is no body at all.
    """

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    calls: int = 1


Handler = Callable[..., Reply]
"""(org, call, *path parameters) -> reply; raises SalesforceError."""


@dataclass(frozen=True, slots=True)
class Route:
    """A method and a path template such as ``/sobjects/{object}/{id}``."""

    method: str
    template: str
    handler: Handler
    pattern: re.Pattern[str]

    @property
    def name(self) -> str:
        """How calls of it are counted."""
        return f"{self.method} {self.template}"

    def run(self, org: "Org", call: Call, match: re.Match[str]) -> Reply:
        """Handle a call whose path matched."""
        return self.handler(org, call, *(unquote(one) for one in match.groups()))


def route(method: str, template: str, handler: Handler) -> Route:
    """A route; each ``{name}`` stands for one path segment."""
    pattern = re.sub(r"\\\{\w+\\\}", r"([^/]+)", re.escape(template))
    return Route(method, template, handler, re.compile(pattern + "/?"))


def ok(body: Any, **headers: str) -> Reply:
    """200 with a body."""
    return Reply(200, body, headers)


def no_content() -> Reply:
    """204."""
    return Reply(204)
