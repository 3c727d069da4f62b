"""How a call to a CRM is told: in words without ids and values, and as a number of seconds."""

import re
from typing import Protocol

from shared.telemetry.metrics import Metrics

READ = "read"
WRITE = "write"
_READING_POSTS = ("/batch/read", "/search", "/composite")
"""HubSpot's batch reads and searches and Salesforce's bundled queries are posted."""

_WORD = re.compile(r"[A-Za-z]{1,30}(?:[_-]{1,2}[A-Za-z]{1,30}){0,5}|v\d+(?:\.\d)?|20\d\d-\d\d")
"""Names of resources, objects and fields, and API versions; ids and values have other digits."""


class CallWatch(Protocol):
    """Is told of every call that was made."""

    def __call__(self, *, side: str, kind: str, status: str, seconds: float) -> None:
        """`kind` is read or write; `status` the answer's, or the code of why none came."""
        ...


def unwatched(*, side: str, kind: str, status: str, seconds: float) -> None:
    """For calls that nobody counts."""


def together(*watches: CallWatch) -> CallWatch:
    """Tells each of several."""

    def watch(*, side: str, kind: str, status: str, seconds: float) -> None:
        for one in watches:
            one(side=side, kind=kind, status=status, seconds=seconds)

    return watch


def measured(metrics: Metrics) -> CallWatch:
    """Tells a histogram of each call; its count is the number of calls."""
    histogram = metrics.histogram(
        "causeway_crm_call_seconds",
        "Time from a call to a CRM to its whole answer",
        ("side", "kind", "status"),
    )

    def watch(*, side: str, kind: str, status: str, seconds: float) -> None:
        histogram.labels(side, kind, status).observe(seconds)

    return watch


def kind_of(method: str, path: str) -> str:
    """Whether a call reads or may change something."""
    reading = method == "GET" or path.partition("?")[0].endswith(_READING_POSTS)
    return READ if reading else WRITE


def template(path: str) -> str:
    """The path without its query, and with {id} for every segment that is not a plain name."""
    segments = path.partition("?")[0].split("/")
    return "/".join(s if not s or _WORD.fullmatch(s) else "{id}" for s in segments)
