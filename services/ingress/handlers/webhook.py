"""HubSpot's webhooks: accepted as one raw row, split into change events afterwards."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import msgspec

from services.ingress.domain.hubspot import HubSpotEvent, news_of
from services.ingress.handlers.events import change_event, form_event
from services.ingress.handlers.interest import interest_of
from services.ingress.ports import Connection, Delivery, HashOf, Store, Work
from shared.kernel.errors import FatalError
from shared.outbox.mail import Outgoing
from shared.telemetry.traces import Span, batch_span, continued

MAX_EVENTS = 100
"""HubSpot never puts more into one delivery (facts: hubspot-api 10)."""

SPLIT_AT_ONCE = 20
"""Deliveries of one splitting transaction: 2,000 changes at the most."""


LATEST_MS = 253_402_300_799_999
"""The end of the year 9999; a later moment is no moment."""


class RefusedDeliveryError(FatalError):
    """A verified delivery that cannot be used; nothing of it was stored."""


class Wire(msgspec.Struct, rename="camel", kw_only=True):
    """One element of a delivery as HubSpot spells it; unknown members are ignored."""

    portal_id: int
    subscription_type: str
    object_id: int | None = None
    occurred_at: Annotated[int, msgspec.Meta(ge=0, le=LATEST_MS)] = 0
    object_type_id: str = ""
    from_object_type_id: str = ""
    change_source: str = ""
    source_id: str | int = ""
    property_name: str = ""
    property_value: str | int | float | bool | None = ""
    primary_object_id: int | None = None
    new_object_id: int | None = None
    merged_object_ids: list[int] = []
    from_object_id: int | None = None


_decoder = msgspec.json.Decoder(list[Wire])


def parse(body: bytes) -> list[HubSpotEvent]:
    """The events of a delivery; RefusedDeliveryError says what is wrong with it."""
    try:
        found = _decoder.decode(body)
    except msgspec.ValidationError as error:
        message = f"An event has not the shape that HubSpot documents: {error}."
        raise RefusedDeliveryError(message, code="event_malformed") from None
    except msgspec.DecodeError:
        message = "The body is not a JSON array of events."
        raise RefusedDeliveryError(message, code="body_not_json") from None
    if not 0 < len(found) <= MAX_EVENTS:
        message = f"The body holds {len(found)} events; 1 to {MAX_EVENTS} are accepted."
        raise RefusedDeliveryError(message, code="event_count")
    return [_event(wire) for wire in found]


def _event(wire: Wire) -> HubSpotEvent:
    value = wire.property_value
    survivor = wire.new_object_id or wire.object_id or wire.primary_object_id
    ended = (wire.primary_object_id, *wire.merged_object_ids) if wire.merged_object_ids else ()
    return HubSpotEvent(
        portal_id=str(wire.portal_id),
        subscription_type=wire.subscription_type,
        object_id=str(survivor or wire.from_object_id or ""),
        occurred_at_ms=wire.occurred_at,
        object_type_id=wire.object_type_id or wire.from_object_type_id,
        change_source=wire.change_source,
        source_id=str(wire.source_id),
        property_name=wire.property_name,
        property_value="" if value is None else str(value),
        merged_ids=tuple(str(one) for one in dict.fromkeys(ended) if one not in (None, survivor)),
    )


async def accept(store: Store, delivery: Delivery) -> None:
    """Stores one verified delivery as one row. A portal that nobody connected is refused."""
    portals = sorted({event.portal_id for event in parse(delivery.body)})
    async with store.begin() as work:
        if not await work.connections.of_portals(portals):
            message = (
                f"No connection has the portal {', '.join(portals)}. Connect it first, or remove "
                "this address from the HubSpot app's webhook settings."
            )
            raise RefusedDeliveryError(message, code="portal_unknown")
        await work.deliveries.store(delivery)


async def split_some(store: Store, hash_of: HashOf) -> int:
    """Turns stored deliveries into events, in one transaction; answers how many it took."""
    async with store.begin() as work:
        deliveries = await work.deliveries.take(SPLIT_AT_ONCE)
        if deliveries:
            traces = [delivery.traceparent for delivery in deliveries]
            with batch_span("split", traces, deliveries=len(deliveries)) as opened:
                await work.emit(await _events(work, deliveries, hash_of, opened))
                await work.deliveries.mark_split([delivery.id for delivery in deliveries])
    return len(deliveries)


async def _events(
    work: Work,
    deliveries: Sequence[Delivery],
    hash_of: HashOf,
    opened: Span,
) -> list[Outgoing]:
    """The events, each in the trace of the first delivery that told of its record."""
    by_portal: dict[str, list[HubSpotEvent]] = defaultdict(list)
    traces: dict[tuple[str, str], str | None] = {}
    for delivery in deliveries:
        trace = continued(delivery.traceparent, opened)
        for event in parse(delivery.body):
            by_portal[event.portal_id].append(event)
            traces.setdefault((event.portal_id, event.object_id), trace)
    connections = await work.connections.of_portals(sorted(by_portal))
    return [
        replace(outgoing, traceparent=traces.get((portal_id, _record_id(outgoing))))
        for portal_id, connection in connections.items()
        if connection.listens
        for outgoing in _of_portal(connection, by_portal[portal_id], hash_of)
    ]


def _record_id(outgoing: Outgoing) -> str:
    return outgoing.subject.rpartition("/")[2]


def _of_portal(
    connection: Connection,
    events: Sequence[HubSpotEvent],
    hash_of: HashOf,
) -> list[Outgoing]:
    news, forms = news_of(events, interest_of(connection), connection.app_id)
    return [
        *(change_event(connection.id, item, hash_of) for item in news),
        *(form_event(connection.id, form) for form in forms),
    ]
