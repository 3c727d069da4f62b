"""Refusals as problems, versions as ETags."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Header, Response

from services.mapping.handlers.refusals import (
    DRAFT_BEHIND,
    DRAFTING,
    INCOMPLETE,
    INVALID,
    LIST_REFUSED,
    MOVED,
    NO_SETTINGS,
    NOT_CONNECTED,
    NOT_STARTED,
    OUTDATED,
    STARTED,
    UNACKNOWLEDGED,
    UNKNOWN_CONNECTION,
    UNRESOLVED,
    RefusedError,
)
from shared.web.problems import Problem

_ANSWERS: dict[str, tuple[int, str]] = {
    UNKNOWN_CONNECTION: (404, "No such connection"),
    NOT_CONNECTED: (409, "Not connected"),
    NO_SETTINGS: (409, "No settings yet"),
    INCOMPLETE: (409, "The setup is not complete"),
    NOT_STARTED: (409, "The sync was never started"),
    STARTED: (409, "The sync was started already"),
    OUTDATED: (412, "The settings have changed meanwhile"),
    INVALID: (422, "The settings are not valid"),
    LIST_REFUSED: (422, "The list cannot be used"),
    UNRESOLVED: (422, "Names that mean nothing here"),
    UNACKNOWLEDGED: (409, "The review warns of something"),
    DRAFTING: (409, "A draft is open"),
    DRAFT_BEHIND: (409, "The draft is of an older version"),
    MOVED: (409, "The settings have changed meanwhile"),
}
_ETAG = re.compile(r'"(0|[1-9][0-9]{0,8})"')

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='the ETag of the version that is changed, as in "3"'),
]


@contextmanager
def refusals() -> Iterator[None]:
    """Turns a use case's refusal into its answer."""
    try:
        yield
    except RefusedError as refused:
        status, title = _ANSWERS[refused.code]
        raise Problem(
            status,
            type=refused.code.replace("_", "-"),
            title=title,
            detail=str(refused),
            errors=refused.problems,
        ) from None


def expected_version(if_match: str | None) -> int:
    """The version in an If-Match header.

    Raises:
        Problem: 428 without the header, 400 for one that is none of our ETags.
    """
    if if_match is None:
        raise Problem(
            428,
            type="if-match-missing",
            title="If-Match is needed",
            detail="Load the settings, and send their ETag in the header If-Match, so that nobody "
            "else's change is overwritten.",
        )
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise Problem(
            400,
            type="if-match-unreadable",
            title="If-Match cannot be read",
            detail='Send one ETag as the settings gave it, in quotes: If-Match: "3".',
        )
    return int(found[1])


def tag(response: Response, version: int) -> None:
    """Sets the ETag of a version."""
    response.headers["ETag"] = f'"{version}"'


def no_such_version(version: int) -> Problem:
    """The history does not hold this version."""
    return Problem(
        404,
        type="unknown-version",
        title="No such version",
        detail=f"The settings never had a version {version}. The list of versions shows which.",
    )
