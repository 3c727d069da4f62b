"""The overview, and one connection in detail."""

import asyncio
from dataclasses import dataclass, replace

from services.console.domain.answers import items, next_cursor
from services.console.domain.connections import Connection, connection_of
from services.console.domain.quota import Use, uses_of
from services.console.domain.records import Import, Waiting, imports_of, waiting_of
from services.console.domain.setup import Package, Setup, package_of, setup_of, unheard
from services.console.handlers.parts import Part, read_part
from services.console.ports import Caller, SilentError

PER_PAGE = 10
"""Connections on the overview; each costs four reads."""

COUNTED_ERRORS = 100
"""Errors are counted up to here; more are shown as `100+`."""


@dataclass(frozen=True, slots=True)
class ErrorCount:
    """How many records wait for a person; `more` when there are more than were counted."""

    count: int
    more: bool


@dataclass(frozen=True, slots=True)
class Health:
    """How one connection is, each part from the service that knows it."""

    setup: Part[Setup]
    quota: Part[tuple[Use, ...]]
    waiting: Part[Waiting]
    errors: Part[ErrorCount]


@dataclass(frozen=True, slots=True)
class Card:
    """One connection on the overview."""

    connection: Connection
    health: Health


@dataclass(frozen=True, slots=True)
class Overview:
    """A page of connections."""

    cards: tuple[Card, ...]
    next_cursor: str


@dataclass(frozen=True, slots=True)
class Detail:
    """Everything about one connection."""

    connection: Part[Connection]
    health: Health
    package: Part[Package]
    imports: Part[tuple[Import, ...]]


async def overview(caller: Caller, cursor: str) -> Part[Overview]:
    """A page of the connections, each with its health."""
    params: dict[str, str | int] = {"limit": PER_PAGE}
    if cursor:
        params["cursor"] = cursor
    listed = await read_part(
        caller,
        "connection",
        "/api/v1/connections",
        lambda answer: (tuple(connection_of(item) for item in items(answer)), next_cursor(answer)),
        params,
    )
    if listed.value is None:
        return Part(listed.service, trouble=listed.trouble)
    connections, following = listed.value
    health = await asyncio.gather(*(_health(caller, found.id) for found in connections))
    cards = (
        Card(found, _placed(seen, found)) for found, seen in zip(connections, health, strict=True)
    )
    return Part(listed.service, Overview(tuple(cards), following))


async def read_connection(caller: Caller, connection_id: str) -> Part[Connection]:
    """One connection; what a page shows of it does not depend on this answer.

    Raises:
        RefusedError: there is no such connection, or the person may not see it.
    """
    path = f"/api/v1/connections/{connection_id}"
    try:
        return Part("connection", connection_of(await caller.get("connection", path)))
    except SilentError as error:
        return Part("connection", trouble=str(error))


async def detail(caller: Caller, connection_id: str) -> Detail:
    """One connection in detail. A service that is silent costs its own part of the page only.

    Raises:
        RefusedError: there is no such connection.
    """
    connection, health, package, imports = await asyncio.gather(
        read_connection(caller, connection_id),
        _health(caller, connection_id),
        read_part(caller, "package_watcher", f"/api/v1/packages/{connection_id}", package_of),
        read_part(
            caller,
            "contact_sync",
            "/api/v1/imports",
            imports_of,
            {"connection_id": connection_id},
        ),
    )
    return Detail(connection, _placed(health, connection.value), package, imports)


async def _health(caller: Caller, connection_id: str) -> Health:
    setup, quota, waiting, errors = await asyncio.gather(
        read_part(caller, "mapping", f"/api/v1/setup/{connection_id}", setup_of),
        read_part(caller, "quota", f"/api/v1/quota/{connection_id}", uses_of),
        read_part(caller, "contact_sync", f"/api/v1/records/waiting/{connection_id}", waiting_of),
        read_part(
            caller,
            "contact_sync",
            "/api/v1/errors",
            lambda answer: ErrorCount(len(items(answer)), more=bool(next_cursor(answer))),
            {"connection_id": connection_id, "limit": COUNTED_ERRORS},
        ),
    )
    return Health(setup, quota, waiting, errors)


def _placed(health: Health, connection: Connection | None) -> Health:
    """The mapping service hears of a connection when it is complete: before, we know the step."""
    if health.setup.value is not None or health.setup.trouble:
        return health
    connected = connection is not None and connection.state == "active"
    return replace(health, setup=Part(health.setup.service, unheard(connected=connected)))
