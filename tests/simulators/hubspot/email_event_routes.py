"""Reading the event log of marketing e-mails (documentation: email analytics v1)."""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.email_events import APP_ID, EmailEvent, Place
from tests.simulators.hubspot.errors import bad_request, error
from tests.simulators.hubspot.portal import InPortal
from tests.simulators.hubspot.wire import reply

DEFAULT_LIMIT = 10
MAX_LIMIT = 1_000
"""Events on a page (documentation)."""

router = APIRouter(prefix="/email/public/v1/events")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which events are asked for; times in epoch ms, both ends belong to it."""

    app_id: int | None
    campaign_id: int | None
    recipient: str
    kind: str
    start: int | None
    end: int | None
    without_filtered: bool

    def covers(self, event: EmailEvent) -> bool:
        """Whether an event is asked for."""
        created = event.place.created
        return (
            self.app_id in {None, APP_ID}
            and self.campaign_id in {None, event.campaign_id}
            and self.recipient in {"", event.recipient}
            and self.kind in {"", event.type}
            and (self.start is None or created >= self.start)
            and (self.end is None or created <= self.end)
            and not (self.without_filtered and event.filtered)
        )


@router.get("")
async def list_events(request: Request, portal: InPortal) -> Response:
    """One page, the latest first; ``offset`` is a token that leads on from its last event."""
    query = request.query_params
    wanted, before = _wanted(query), _place(query.get("offset"))
    limit = _number(query, "limit") or DEFAULT_LIMIT
    if not 1 <= limit <= MAX_LIMIT:
        raise error(400, f"limit is {limit}, it must be from 1 to {MAX_LIMIT}")
    found = [
        one
        for one in portal.email_events.newest_first()
        if wanted.covers(one) and (before is None or one.place < before)
    ]
    page = found[:limit]
    return reply(
        {
            "hasMore": len(found) > limit,
            "offset": _token(page[-1].place) if page else query.get("offset") or "",
            "events": [one.as_json(portal.settings.portal_id) for one in page],
        }
    )


@router.get("/{created}/{event_id}")
async def read_event(portal: InPortal, created: str, event_id: str) -> Response:
    """One event; HubSpot needs the time with the id."""
    if not created.isdecimal():
        raise error(400, "Unable to parse value for path parameter: created", None)
    event = portal.email_events.find(int(created), event_id)
    return reply(event.as_json(portal.settings.portal_id))


def _wanted(query: Mapping[str, str]) -> Wanted:
    return Wanted(
        _number(query, "appId"),
        _number(query, "campaignId"),
        query.get("recipient", "").lower(),
        query.get("eventType", ""),
        _number(query, "startTimestamp"),
        _number(query, "endTimestamp"),
        query.get("excludeFilteredEvents", "").lower() == "true",
    )


def _number(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise bad_request() from None


def _token(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place.created}/{place.number}".encode()).decode()


def _place(token: str | None) -> Place | None:
    if not token:
        return None
    try:
        created, _, number = base64.urlsafe_b64decode(token).decode().partition("/")
        return Place(int(created), int(number))
    except (binascii.Error, ValueError):
        raise bad_request() from None
