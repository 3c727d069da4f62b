"""Errors of the use cases as problems."""

from collections.abc import Iterator
from contextlib import contextmanager

from services.connection.domain.failures import ConnectError
from services.connection.handlers.find import UnknownConnectionError
from services.connection.handlers.preflight import NeverRunError
from services.connection.handlers.tokens import BrokenError, IncompleteError
from shared.kernel.errors import FatalError
from shared.web.problems import Problem

_STATUS: dict[type[FatalError], tuple[int, str]] = {
    UnknownConnectionError: (404, "There is no such connection"),
    BrokenError: (409, "This side has to be connected again"),
    IncompleteError: (409, "This side was never connected"),
    NeverRunError: (404, "There was no pre-flight yet"),
}


@contextmanager
def as_problems() -> Iterator[None]:
    """Gives the errors that have a status of their own that status; others pass."""
    try:
        yield
    except ConnectError as error:
        raise connect_problem(error) from None
    except tuple(_STATUS) as error:
        status, title = _STATUS[type(error)]
        raise Problem(status, type=error.code, title=title, detail=str(error)) from None


def connect_problem(error: ConnectError) -> Problem:
    """A failed attempt to connect."""
    return Problem(
        error.failure.status, type=error.code, title=error.failure.title, detail=str(error)
    )
