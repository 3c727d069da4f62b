"""Records with their journal, errors, activities."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.console.domain.answers import Json, items, next_cursor
from services.console.domain.records import Link, Parked, Write, link_of, parked_of, write_of
from services.console.handlers.parts import Part, read_part
from services.console.ports import Caller

T = TypeVar("T")
RECORDS_PER_PAGE = 20
"""Each record costs a read of its latest writes."""

LATEST_WRITES = 3
"""Writes shown with each record of the list; the record's own page has them all."""

LINES_PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Lines(Generic[T]):
    """One page of a list."""

    lines: tuple[T, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class RecordWithWrites:
    """A linked pair and its latest writes."""

    link: Link
    writes: Part[tuple[Write, ...]]


@dataclass(frozen=True, slots=True)
class Record:
    """A linked pair with what both sides agreed on, and its journal."""

    link: Link
    journal: Part[Lines[Write]]


async def records(caller: Caller, connection_id: str, cursor: str) -> Part[Lines[RecordWithWrites]]:
    """Linked pairs, the latest synced first, each with its latest writes."""
    listed = await read_part(
        caller,
        "contact_sync",
        "/api/v1/records",
        _lines(link_of),
        _params(connection_id, cursor, RECORDS_PER_PAGE),
    )
    if listed.value is None:
        return Part(listed.service, trouble=listed.trouble)
    writes = await asyncio.gather(
        *(_latest_writes(caller, connection_id, link) for link in listed.value.lines)
    )
    pairs = zip(listed.value.lines, writes, strict=True)
    return Part(
        listed.service,
        Lines(
            tuple(RecordWithWrites(link, found) for link, found in pairs),
            listed.value.next_cursor,
        ),
    )


async def record(caller: Caller, connection_id: str, link_id: str, cursor: str) -> Record:
    """One pair with its journal.

    Raises:
        RefusedError, SilentError: it does not exist, or the service does not answer.
    """
    answer = await caller.get(
        "contact_sync", f"/api/v1/records/{link_id}", {"connection_id": connection_id}
    )
    link = link_of(answer)
    return Record(link, await _journal(caller, connection_id, link.hubspot_id, cursor))


async def journal(caller: Caller, connection_id: str, cursor: str) -> Part[Lines[Write]]:
    """Every write to either CRM, the latest first."""
    return await _journal(caller, connection_id, "", cursor)


async def errors(caller: Caller, connection_id: str, cursor: str) -> Part[Lines[Parked]]:
    """Records that wait for a person."""
    return await read_part(
        caller,
        "contact_sync",
        "/api/v1/errors",
        _lines(parked_of),
        _params(connection_id, cursor, LINES_PER_PAGE),
    )


async def activities(caller: Caller, connection_id: str, cursor: str) -> Part[Lines[Write]]:
    """Activities that crossed over."""
    return await read_part(
        caller,
        "activity_sync",
        "/api/v1/activities",
        _lines(write_of),
        _params(connection_id, cursor, LINES_PER_PAGE),
    )


async def waiting_activities(
    caller: Caller, connection_id: str, cursor: str
) -> Part[Lines[Parked]]:
    """Activities that wait for a person, or for the link of their contact."""
    return await read_part(
        caller,
        "activity_sync",
        "/api/v1/activities",
        _lines(parked_of),
        {**_params(connection_id, cursor, LINES_PER_PAGE), "state": "waiting"},
    )


async def _latest_writes(caller: Caller, connection_id: str, link: Link) -> Part[tuple[Write, ...]]:
    params = {**_params(connection_id, "", LATEST_WRITES), "record": link.hubspot_id}
    return await read_part(
        caller,
        "contact_sync",
        "/api/v1/journal",
        lambda answer: tuple(write_of(item) for item in items(answer)),
        params,
    )


async def _journal(
    caller: Caller, connection_id: str, record_id: str, cursor: str
) -> Part[Lines[Write]]:
    params = _params(connection_id, cursor, LINES_PER_PAGE)
    if record_id:
        params["record"] = record_id
    return await read_part(caller, "contact_sync", "/api/v1/journal", _lines(write_of), params)


def _lines(translate: Callable[[Json], T]) -> Callable[[object], Lines[T]]:
    def translated(answer: object) -> Lines[T]:
        return Lines(tuple(translate(item) for item in items(answer)), next_cursor(answer))

    return translated


def _params(connection_id: str, cursor: str, limit: int) -> dict[str, str | int]:
    params: dict[str, str | int] = {"connection_id": connection_id, "limit": limit}
    if cursor:
        params["cursor"] = cursor
    return params
