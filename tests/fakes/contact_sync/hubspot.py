"""A little HubSpot: records of one type with one unique key and histories.

Contacts have unique e-mail addresses; companies may share a domain, and are matched by it only
when told so.
"""

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.contact_sync.domain.model import HubSpotPerson
from shared.crm.writes import Refused, WriteResult, Written
from shared.kernel.clock import Clock
from shared.kernel.records import ObjectType, Side
from tests.fakes.contact_sync.news import News

KEY = "causeway_key"


@dataclass
class Contact:
    """One contact: text values, secondary addresses, and when each value was set."""

    id: str
    values: dict[str, str] = field(default_factory=dict)
    more_emails: tuple[str, ...] = ()
    times: dict[str, datetime] = field(default_factory=dict)

    @property
    def key(self) -> str | None:
        return self.values.get(KEY)

    @property
    def emails(self) -> tuple[str, ...]:
        first = self.values.get("email")
        return tuple(e.lower() for e in ((first,) if first else ()) + self.more_emails)


class HubSpotWorld:
    """What a portal holds and how it answers."""

    def __init__(
        self,
        clock: Clock,
        tell: Callable[[News], None],
        object_type: ObjectType = ObjectType.CONTACT,
    ) -> None:
        self.contacts: dict[str, Contact] = {}
        self.by_domain = False
        self._object_type = object_type
        self._clock = clock
        self._tell = tell
        self._last_id = 100

    def add(self, *, more_emails: tuple[str, ...] = (), **values: str) -> str:
        """A person makes a contact; answers its id."""
        contact = self._new(values, ours=False)
        contact.more_emails = more_emails
        return contact.id

    def edit(self, record_id: str, **values: str) -> None:
        """A person changes values; "" clears. ValueError for an address that another one has."""
        if self._conflict(values, except_id=record_id):
            raise ValueError("another contact has this e-mail address")
        self._set(self.contacts[record_id], values, ours=False)

    def delete(self, record_id: str) -> None:
        """A person deletes a contact."""
        del self.contacts[record_id]
        self._say(News(Side.HUBSPOT, record_id, "deleted", {}, ours=False))

    def merge(self, first: str, second: str) -> str:
        """A person merges two contacts; the survivor has a new id and both addresses."""
        one, two = self.contacts.pop(first), self.contacts.pop(second)
        survivor = self._new({**two.values, **one.values}, ours=False)
        survivor.more_emails = tuple({*one.emails, *two.emails} - {survivor.values.get("email")})
        merged = (first, second)
        news = News(Side.HUBSPOT, survivor.id, "merged", {}, ours=False, merged_ids=merged)
        self._say(news)
        return survivor.id

    def value(self, record_id: str, name: str) -> str | None:
        """One value, None when it is blank."""
        return self.contacts[record_id].values.get(name)

    def person(self, record_id: str) -> HubSpotPerson:
        """A contact as a sync reads it."""
        contact = self.contacts[record_id]
        emails = contact.emails
        if self._object_type is ObjectType.COMPANY:
            domain = contact.values.get("domain")
            emails = (domain.lower(),) if domain and self.by_domain else ()
        return HubSpotPerson(contact.id, dict(contact.values), emails, contact.key)

    def by_email(self, email: str) -> Contact | None:
        """The one contact that has this address."""
        wanted = email.lower()
        return next((c for c in self.contacts.values() if wanted in c.emails), None)

    def upsert(self, key: str, values: Map[str, object]) -> WriteResult:
        """By the unique property; an address of another contact is refused with its id."""
        known = next((c for c in self.contacts.values() if c.values.get(KEY) == key), None)
        other = self._conflict(values, except_id=known.id if known else None)
        if other is not None:
            message = "Contact already exists."
            return Refused(key, "CONFLICT", message, "email", other.id, retriable=False)
        if known is None:
            known = self._new({**values, KEY: key}, ours=True)
            return Written(key, known.id, created=True)
        self._set(known, values, ours=True)
        return Written(key, known.id, created=False)

    def update(self, record_id: str, values: Map[str, object]) -> WriteResult:
        """By id."""
        contact = self.contacts.get(record_id)
        if contact is None:
            message = "The contact does not exist."
            return Refused(record_id, "OBJECT_NOT_FOUND", message, None, None, retriable=False)
        other = self._conflict(values, except_id=record_id)
        if other is not None:
            message = "Another contact has this address."
            return Refused(record_id, "CONFLICT", message, "email", other.id, retriable=False)
        self._set(contact, values, ours=True)
        return Written(record_id, record_id, created=False)

    def _conflict(self, values: Map[str, object], *, except_id: str | None) -> Contact | None:
        email = values.get("email")
        other = self.by_email(str(email)) if email else None
        return None if other is None or other.id == except_id else other

    def _new(self, values: Map[str, object], *, ours: bool) -> Contact:
        if self._conflict(values, except_id=None):
            raise ValueError("another contact has this e-mail address")
        self._last_id += 1
        contact = Contact(str(self._last_id))
        self.contacts[contact.id] = contact
        self._put(contact, values)
        self._say(News(Side.HUBSPOT, contact.id, "created", {}, ours=ours))
        return contact

    def _set(self, contact: Contact, values: Map[str, object], *, ours: bool) -> None:
        changed = {
            name: value
            for name, value in values.items()
            if _text(value) != contact.values.get(name, "")
        }
        self._put(contact, changed)
        if changed:
            fields = {name: _text(value) for name, value in changed.items()}
            self._say(News(Side.HUBSPOT, contact.id, "updated", fields, ours=ours))

    def _say(self, news: News) -> None:
        self._tell(replace(news, object_type=self._object_type))

    def _put(self, contact: Contact, values: Map[str, object]) -> None:
        for name, value in values.items():
            text = _text(value)
            contact.times[name] = self._clock.now()
            if text:
                contact.values[name] = text
            else:
                contact.values.pop(name, None)


def _text(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
