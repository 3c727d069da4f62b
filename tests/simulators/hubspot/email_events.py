"""What became of the marketing e-mails of one portal (documentation: email analytics v1)."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from tests.simulators.hubspot.errors import error
from tests.simulators.hubspot.model import Json

EVENT_TYPES = (
    "SENT",
    "DROPPED",
    "PROCESSED",
    "DELIVERED",
    "DEFERRED",
    "BOUNCE",
    "OPEN",
    "CLICK",
    "PRINT",
    "FORWARD",
    "STATUSCHANGE",
    "SPAMREPORT",
    "SUPPRESSED",
    "SUPPRESSION",
    "UNBOUNCE",
)
APP_ID = 113
"""Of HubSpot's own application that sends, not of the app that reads."""
APP_NAME = "Batch"
FIRST_CAMPAIGN = 1_001


class Place(NamedTuple):
    """Where an event stands in time; several may share a millisecond."""

    created: int
    number: int


@dataclass(frozen=True, slots=True)
class EmailEvent:
    """One event of one message to one recipient."""

    place: Place
    id: str
    type: str
    recipient: str
    campaign_id: int
    details: Json
    """What belongs to the type: ``url`` of a click, ``category`` of a bounce, ``sentBy``, ..."""
    filtered: bool = False
    """By the account's settings, for instance an opening from the company's own network."""

    def as_json(self, portal_id: int) -> Json:
        """The wire shape; times are epoch milliseconds here."""
        body: Json = {
            "appId": APP_ID,
            "appName": APP_NAME,
            "created": self.place.created,
            "emailCampaignId": self.campaign_id,
            "id": self.id,
            "portalId": portal_id,
            "recipient": self.recipient,
            "type": self.type,
            **self.details,
        }
        if self.type in {"OPEN", "CLICK"}:
            body["filteredEvent"] = self.filtered
        return body


class EmailEvents:
    """The event log of one portal."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Nothing was sent."""
        self._events: list[EmailEvent] = []
        self._sent: dict[tuple[int, str], EmailEvent] = {}

    def add(self, raw: Mapping[str, object], now: int) -> EmailEvent:
        """Note an event; ``raw`` has ``type``, ``recipient`` and what else belongs to it.

        ``at`` (epoch ms) and ``campaign_id`` have defaults. HubSpotError 400 for an unknown type.
        """
        details = dict(raw)
        kind, recipient = str(details.pop("type", "")), str(details.pop("recipient", "")).lower()
        if kind not in EVENT_TYPES or not recipient:
            raise error(400, f"give a recipient and a type out of {', '.join(EVENT_TYPES)}")
        created = int(str(details.pop("at", now)))
        campaign_id = int(str(details.pop("campaign_id", FIRST_CAMPAIGN)))
        filtered = bool(details.pop("filtered", False))
        place = Place(created, len(self._events))
        sent = self._sent.get((campaign_id, recipient))
        if sent is not None and kind != "SENT":
            details.setdefault("sentBy", {"id": sent.id, "created": sent.place.created})
        event = EmailEvent(
            place, str(uuid.uuid4()), kind, recipient, campaign_id, details, filtered
        )
        if kind == "SENT":
            self._sent[campaign_id, recipient] = event
        self._events.append(event)
        return event

    def newest_first(self) -> list[EmailEvent]:
        """All events in reverse order of time."""
        return sorted(self._events, key=lambda one: one.place, reverse=True)

    def find(self, created: int, event_id: str) -> EmailEvent:
        """One event by both parts of its identity. HubSpotError 404 without it."""
        for event in self._events:
            if (event.place.created, event.id) == (created, event_id):
                return event
        raise error(404, f"Event {event_id} does not exist", "OBJECT_NOT_FOUND")
