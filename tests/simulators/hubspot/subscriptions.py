"""What the app wants to hear about, and the events that a change makes (facts: section 10)."""

import random
from dataclasses import dataclass, replace

from tests.simulators.hubspot.catalogue import built_in
from tests.simulators.hubspot.errors import error
from tests.simulators.hubspot.model import Change, Json
from tests.simulators.hubspot.object_types import COMPANY, CONTACT, TASK, object_type
from tests.simulators.hubspot.registry import PropertyRegistry
from tests.simulators.hubspot.settings import Settings
from tests.simulators.hubspot.values import milliseconds
from tests.simulators.hubspot.wire import iso
from tests.simulators.machinery.numbers import Numbers

FIRST_SUBSCRIPTION_ID = 1_001
EVENT_IDS = 1_000_000_000
"""Event ids are drawn from so many: HubSpot does not promise that they are unique."""
MAX_SUBSCRIPTIONS = 1_000
UNSUBSCRIBABLE = {"num_unique_conversion_events", "hs_lastmodifieddate"}
CONVERSIONS = ("recent_conversion_date", "recent_conversion_event_name", "num_conversion_events")
"""What a form submission leaves behind; nobody can write these."""
VERBS = {
    "create": "creation",
    "update": "propertyChange",
    "delete": "deletion",
    "merge": "merge",
    "privacy": "privacyDeletion",
    "associate": "associationChange",
    "restore": "restore",
}
FLAGS = {"creation": "CREATED", "deletion": "DELETED", "restore": "RESTORED"}
"""The flag of a restore is not published, it is named after the other two."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """One kind of news, for the events of all portals."""

    id: int
    event_type: str
    """``contact.creation``, or ``object.creation`` with an object type id."""
    object_type_id: str
    property_name: str
    active: bool
    created_at: int

    def as_json(self) -> Json:
        """The wire shape."""
        body: Json = {
            "id": str(self.id),
            "eventType": self.event_type,
            "active": self.active,
            "createdAt": iso(self.created_at),
        }
        if self.property_name:
            body["propertyName"] = self.property_name
        if self.object_type_id:
            body["objectTypeId"] = self.object_type_id
        return body

    @property
    def subject(self) -> str:
        """The id of the object type that this is about, whichever way it is named."""
        if self.object_type_id:
            return self.object_type_id
        kind = object_type(self.event_type.partition(".")[0])
        return "" if kind is None else kind.type_id

    @property
    def verb(self) -> str:
        """``creation``, ``propertyChange``, ..."""
        return self.event_type.partition(".")[2]


def default_subscriptions() -> tuple[str, ...]:
    """Everything that happens to contacts and companies, and tasks by way of ``object.*``."""
    contact = [f"contact.{verb}" for verb in ("creation", "deletion", "merge", "privacyDeletion")]
    company = [f"company.{verb}" for verb in ("creation", "deletion", "merge")]
    task = [f"object.{verb}:{TASK.type_id}" for verb in ("creation", "deletion")]
    return (
        *contact,
        *(f"contact.propertyChange:{name}" for name in _interesting(CONTACT.type_id)),
        *company,
        *(f"company.propertyChange:{name}" for name in _interesting(COMPANY.type_id)),
        *task,
        *(f"object.propertyChange:{TASK.type_id}:{name}" for name in _interesting(TASK.type_id)),
    )


def _interesting(type_id: str) -> list[str]:
    names = [name for name, one in built_in(type_id).items() if not one.read_only]
    more = (*CONVERSIONS, "associatedcompanyid")
    return [*names, *more] if type_id == CONTACT.type_id else names


class Subscriptions:
    """All subscriptions of the app."""

    def __init__(self, settings: Settings, registry: PropertyRegistry, now: int) -> None:
        self._settings = settings
        self._registry = registry
        self._dice = random.Random(settings.seed)
        self._ids = Numbers(FIRST_SUBSCRIPTION_ID)
        self._all: dict[int, Subscription] = {}
        self._active: dict[tuple[str, str], list[Subscription]] = {}
        """Those that are not paused, by object type id and verb."""
        for text in settings.subscriptions or default_subscriptions():
            self.add(_spelled_out(text), now)

    def listed(self) -> list[Subscription]:
        """All of them, oldest first."""
        return list(self._all.values())

    def find(self, subscription_id: str) -> Subscription:
        """One of them. HubSpotError 404 without it."""
        found = self._all.get(int(subscription_id)) if subscription_id.isdecimal() else None
        if found is None:
            raise error(404, f"Subscription {subscription_id} does not exist", "OBJECT_NOT_FOUND")
        return found

    def add(self, body: Json, now: int) -> Subscription:
        """A new one, paused unless ``body`` says otherwise. HubSpotError 400 for a bad one."""
        event_type = str(body.get("eventType") or "")
        name = str(body.get("propertyName") or "")
        type_id = str(body.get("objectTypeId") or "")
        _check(event_type, name, type_id)
        if len(self._all) >= MAX_SUBSCRIPTIONS:
            raise error(400, f"An app can have {MAX_SUBSCRIPTIONS} subscriptions at most")
        active = bool(body.get("active", False))
        one = Subscription(next(self._ids), event_type, type_id, name, active, now)
        self._put(one)
        return one

    def switch(self, subscription_id: str, *, active: bool) -> Subscription:
        """Pause it or let it go on."""
        one = replace(self.find(subscription_id), active=active)
        self._put(one)
        return one

    def remove(self, subscription_id: str) -> None:
        """Forget it."""
        del self._all[self.find(subscription_id).id]
        self._sort_out()

    def _put(self, one: Subscription) -> None:
        self._all[one.id] = one
        self._sort_out()

    def _sort_out(self) -> None:
        self._active = {}
        for one in self._all.values():
            if one.active:
                self._active.setdefault((one.subject, one.verb), []).append(one)

    def events(self, change: Change) -> list[Json]:
        """The events that a change makes, one a subscription and property."""
        events = []
        verb = VERBS[change.kind]
        if change.kind != "update":
            flag = {"changeFlag": FLAGS[verb]} if verb in FLAGS else {}
            told = {**flag, **change.details}
            interested = self._active.get((change.type.type_id, verb), ())
            events += [self._event(subscription, change, told) for subscription in interested]
        for subscription in self._active.get((change.type.type_id, "propertyChange"), ()):
            name = subscription.property_name
            if name in change.values:
                told = {"propertyName": name, "propertyValue": self._sent(change, name)}
                events.append(self._event(subscription, change, told))
        return events

    def _sent(self, change: Change, name: str) -> str:
        """Times travel in milliseconds here, unlike anywhere else."""
        value = change.values[name]
        definition = self._registry.of(change.type).get(name)
        if definition is not None and definition.type in {"date", "datetime"} and value:
            return str(milliseconds(value))
        return value

    def _event(self, subscription: Subscription, change: Change, details: Json) -> Json:
        event: Json = {
            "eventId": self._dice.randrange(1, EVENT_IDS),
            "subscriptionId": subscription.id,
            "portalId": self._settings.portal_id,
            "appId": self._settings.app_id,
            "occurredAt": change.at,
            "subscriptionType": subscription.event_type,
            "attemptNumber": 0,
            "objectId": change.record_id,
            "changeSource": change.origin.source,
            "sourceId": change.origin.source_id,
        }
        if subscription.object_type_id:
            event["objectTypeId"] = subscription.object_type_id
        return {**event, **details}


def _check(event_type: str, name: str, type_id: str) -> None:
    subject, _, verb = event_type.partition(".")
    kind = object_type(type_id if subject == "object" else subject)
    if kind is None or verb not in VERBS.values():
        raise error(400, f"Event type {event_type} {type_id} cannot be subscribed to")
    if verb == "propertyChange" and (not name or name in UNSUBSCRIBABLE):
        raise error(400, f"Changes of the property '{name}' cannot be subscribed to")


def _spelled_out(text: str) -> Json:
    """``contact.propertyChange:email`` or ``object.creation:0-27`` as a request's body."""
    event_type, *rest = text.split(":")
    body: Json = {"eventType": event_type, "active": True}
    if event_type.startswith("object.") and rest:
        body["objectTypeId"] = rest.pop(0)
    if rest:
        body["propertyName"] = rest.pop(0)
    return body
