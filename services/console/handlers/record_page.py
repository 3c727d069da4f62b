"""What the page inside a Salesforce record shows: the link, the last syncs, the latest events.

Salesforce's field-level security is not known here, so no value of any field is on the page.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

from services.console.domain.answers import Json, items, moment, next_cursor, text
from services.console.domain.connections import Connection, connection_of
from services.console.domain.record_page import RequestRefusedError, Visit
from services.console.domain.records import Link, link_of, write_of
from services.console.handlers.parts import Part, read_part
from services.console.ports import Reader
from shared.crm.salesforce.ids import id18

LINES = 5
"""What a narrow frame has room for; the console has the rest."""

PAGES = 10
"""Of a hundred connections each; a deployment has a handful."""

PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """One write to either CRM, without its values."""

    side: str
    operation: str
    fields: tuple[str, ...]
    status: str
    error: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Told:
    """One HubSpot event that became a task in Salesforce."""

    kind: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Panel:
    """The record as one connection knows it; `link` is without a value when there is none."""

    connection: Connection
    link: Part[Link]
    journal: Part[tuple[Line, ...]]
    events: Part[tuple[Told, ...]]


@dataclass(frozen=True, slots=True)
class RecordPage:
    """The page: a panel for each connection of the org."""

    visit: Visit
    instance_url: str
    panels: tuple[Panel, ...]


async def record_page(reader: Reader, visit: Visit) -> RecordPage:
    """The page of one record.

    Raises:
        RequestRefusedError: no connection has that org.
        SilentError: the connections cannot be read.
    """
    org_id = id18(visit.org_id)
    mine = [one for one in await _connections(reader) if id18(one.org_id) == org_id]
    if not mine:
        raise RequestRefusedError(
            "This Salesforce org is not connected to this deployment of Causeway (any more).",
            code="unknown_org",
        )
    record_id = id18(visit.record_id)
    panels = await asyncio.gather(*(_panel(reader, one, record_id) for one in mine))
    return RecordPage(visit, mine[0].instance_url, tuple(panels))


async def _connections(reader: Reader) -> list[Connection]:
    found: list[Connection] = []
    cursor = ""
    for _page in range(PAGES):
        more = {"cursor": cursor} if cursor else {}
        params: dict[str, str | int] = {"limit": PER_PAGE, **more}
        answer = await reader.get("connection", "/api/v1/connections", params)
        found += [connection_of(one) for one in items(answer)]
        cursor = next_cursor(answer)
        if not cursor:
            break
    return found


async def _panel(reader: Reader, connection: Connection, record_id: str) -> Panel:
    here = {"connection_id": connection.id}
    link, journal = await asyncio.gather(
        read_part(
            reader,
            "contact_sync",
            "/api/v1/records",
            _first_link,
            {**here, "record": record_id, "limit": 1},
        ),
        read_part(
            reader,
            "contact_sync",
            "/api/v1/journal",
            lambda answer: tuple(_line(one) for one in items(answer)),
            {**here, "record": record_id, "limit": LINES},
        ),
    )
    found = None if link.value is None else link.value[0] if link.value else None
    return Panel(
        connection,
        Part(link.service, found, link.trouble),
        journal,
        await _events(reader, here, found),
    )


async def _events(
    reader: Reader, here: dict[str, str], link: Link | None
) -> Part[tuple[Told, ...]]:
    if link is None:
        return Part("activity_sync", ())
    return await read_part(
        reader,
        "activity_sync",
        "/api/v1/activities/timeline",
        lambda answer: tuple(_told(one) for one in items(answer)),
        {**here, "contact": link.hubspot_id, "limit": LINES},
    )


def _first_link(answer: object) -> tuple[Link, ...]:
    return tuple(link_of(one) for one in items(answer)[:1])


def _line(json: Json) -> Line:
    write = write_of(json)
    return Line(
        side=write.side,
        operation=write.operation,
        fields=tuple(one.field for one in write.fields),
        status=write.status,
        error=write.error,
        at=write.at,
    )


def _told(json: Json) -> Told:
    return Told(text(json, "kind"), moment(json, "occurred_at"))
