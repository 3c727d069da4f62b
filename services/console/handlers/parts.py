"""One part of a page: its value, or why it is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.console.ports import Reader, RefusedError, SilentError

T = TypeVar("T")
UNAUTHORIZED = 401
NOT_FOUND = 404


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """`value` is None when there is none; then `trouble` says why, or is empty: nothing yet."""

    service: str
    value: T | None = None
    trouble: str = ""


class NotSignedInError(Exception):
    """A service no longer accepts the person's token: the page is the one for signing in."""


async def read_part(
    reader: Reader,
    service: str,
    path: str,
    translate: Callable[[object], T],
    params: Mapping[str, str | int] | None = None,
) -> Part[T]:
    """Reads one part. A refusal or silence becomes a trouble, so that the page still shows.

    Raises:
        NotSignedInError: the token is refused.
    """
    try:
        return Part(service, translate(await reader.get(service, path, params)))
    except RefusedError as error:
        if error.status == UNAUTHORIZED:
            raise NotSignedInError from None
        return Part(service, trouble="" if error.status == NOT_FOUND else str(error))
    except SilentError as error:
        return Part(service, trouble=str(error))
