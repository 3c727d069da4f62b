"""What the console needs of the world: the other services, asked as the person who is signed in."""

from collections.abc import Mapping
from typing import Protocol

from shared.kernel.errors import FatalError, RetriableError


class SilentError(RetriableError):
    """A service gave no usable answer in time; the text is for the page."""


class RefusedError(FatalError):
    """A service refused; the text is its own, `status` is HTTP's."""

    def __init__(self, message: str, *, code: str, status: int) -> None:
        super().__init__(message, code=code)
        self.status = status


class Reader(Protocol):
    """The reads of one page. All of them together are bounded in time and number.

    Answers are decoded JSON. Raises SilentError or RefusedError.
    """

    async def get(
        self, service: str, path: str, params: Mapping[str, str | int] | None = None
    ) -> object: ...


class Caller(Reader, Protocol):
    """One person's calls for one page."""

    async def post(
        self, service: str, path: str, json: object = None, *, request_key: str = ""
    ) -> object: ...


class Services(Protocol):
    """The other services."""

    def as_person(self, bearer: str) -> Caller:
        """Calls with this person's own token, so that the roles hold everywhere."""
        ...

    def as_itself(self) -> Reader:
        """Reads as the console: for the page that Salesforce opens with a signed request."""
        ...
