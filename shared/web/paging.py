"""Cursor paging: a page of items and an opaque word for the next one."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from shared.kernel.errors import FieldProblem
from shared.web.problems import Problem

T = TypeVar("T")
MAX_CURSOR_CHARS = 512  # ours have under 150; nothing longer is worth decoding


class Page(BaseModel, Generic[T]):
    """One page; `next_cursor` is None on the last one."""

    items: list[T]
    next_cursor: str | None = None


def encode_cursor(parts: Sequence[object]) -> str:
    """The place behind a row, given as the texts of its sort keys (a datetime in ISO format)."""
    text = json.dumps([_text(part) for part in parts], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str) -> list[str]:
    """The sort keys of `encode_cursor`; Problem 400 for anything that it did not make."""
    if len(text) > MAX_CURSOR_CHARS:
        raise bad_cursor()
    try:
        parts = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, RecursionError):
        raise bad_cursor() from None
    if not isinstance(parts, list) or not all(isinstance(part, str) for part in parts):
        raise bad_cursor()
    return parts


def decode_place(text: str, *kinds: Callable[[str], Any]) -> tuple[Any, ...]:
    """The sort keys of a cursor, each read by its kind (UUID, int, datetime.fromisoformat, ...).

    Problem 400 for another number of keys, and for one that its kind refuses with a ValueError.
    """
    parts = decode_cursor(text)
    try:
        return tuple(kind(part) for kind, part in zip(kinds, parts, strict=True))
    except ValueError:
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    """The answer to a cursor that is not one of ours (its keys may be wrong too)."""
    return Problem(
        400,
        type="bad-cursor",
        title="The cursor cannot be read",
        detail="Use next_cursor of the page before as it is, or leave the cursor out to start.",
        errors=[FieldProblem(field="query.cursor", message="is not a cursor of this list")],
    )


def _text(part: object) -> str:
    isoformat = getattr(part, "isoformat", None)
    return str(isoformat()) if isoformat else str(part)
