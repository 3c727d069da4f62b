"""A little Salesforce: people and accounts with one unique external id and required fields."""

from collections.abc import Callable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.contact_sync.domain.model import SalesforcePerson
from services.contact_sync.gateways.shapes import domain_of
from shared.crm.writes import Refused, WriteResult, Written
from shared.kernel.clock import Clock
from shared.kernel.records import ObjectType, Side
from tests.fakes.contact_sync.news import News

KEY = "Causeway_Key__c"
REQUIRED = {"Contact": ("LastName",), "Lead": ("LastName", "Company"), "Account": ("Name",)}
PREFIXES = {"Contact": "003", "Lead": "00Q", "Account": "001"}


@dataclass
class Record:
    """One contact, lead or account."""

    id: str
    object_name: str
    modified_at: datetime
    values: dict[str, object] = field(default_factory=dict)
    converted_contact_id: str | None = None

    @property
    def email(self) -> str | None:
        found = self.values.get("Email")
        return None if found is None else str(found)


class SalesforceWorld:
    """What an org holds and how it answers."""

    def __init__(self, clock: Clock, tell: Callable[[News], None]) -> None:
        self.records: dict[str, Record] = {}
        self.by_domain = False
        self._clock = clock
        self._tell = tell
        self._last_id = 0

    def add(self, object_name: str = "Contact", /, **values: object) -> str:
        """A person makes a record; what the forms insist on is filled. Answers its id."""
        filled = dict.fromkeys(REQUIRED[object_name], "Somebody") | values
        return self._new(object_name, filled, ours=False).id

    def edit(self, record_id: str, **values: object) -> None:
        """A person changes values; None clears."""
        self._set(self.records[record_id], values, ours=False)

    def delete(self, record_id: str) -> None:
        """A person deletes a record; the sync's queries do not find it any more."""
        del self.records[record_id]
        self._say(News(Side.SALESFORCE, record_id, "deleted", {}, ours=False))

    def convert(self, lead_id: str, contact_id: str | None = None) -> str:
        """A person converts a lead, to a new contact or to the given one; answers its id."""
        lead = self.records[lead_id]
        if contact_id is None:
            values = {k: v for k, v in lead.values.items() if k not in {"Company", KEY}}
            contact_id = self._new("Contact", values, ours=False).id
        lead.converted_contact_id = contact_id
        self._touch(lead)
        self._say(News(Side.SALESFORCE, lead_id, "updated", {}, ours=False))
        return contact_id

    def value(self, record_id: str, name: str) -> object:
        """One value, None when it is blank."""
        return self.records[record_id].values.get(name)

    def person(self, record_id: str) -> SalesforcePerson:
        """A record as a sync reads it."""
        record = self.records[record_id]
        key = record.values.get(KEY)
        return SalesforcePerson(
            id=record.id,
            object_name=record.object_name,
            values=dict(record.values),
            modified_at=record.modified_at,
            email=self._recognised(record),
            key=None if key is None else str(key),
            converted_contact_id=record.converted_contact_id,
        )

    def matches(self, record_id: str, emails: frozenset[str], keys: frozenset[str]) -> bool:
        """Whether a query by address or by external id finds it; both ignore case."""
        record = self.records[record_id]
        key = str(record.values.get(KEY) or "").lower()
        email = (self._recognised(record) or "").lower()
        return (bool(email) and email in {e.lower() for e in emails}) or (
            bool(key) and key in {k.lower() for k in keys}
        )

    def _recognised(self, record: Record) -> str | None:
        if record.object_name != "Account":
            return record.email
        return domain_of(record.values.get("Website")) if self.by_domain else None

    def upsert(self, object_name: str, key: str, values: Map[str, object]) -> WriteResult:
        """By external id."""
        known = next(
            (
                record
                for record in self.records.values()
                if record.object_name == object_name
                and str(record.values.get(KEY) or "").lower() == key.lower()
            ),
            None,
        )
        if known is not None:
            return self.update(object_name, known.id, values, key=key)
        missing = [name for name in REQUIRED[object_name] if _blank(values.get(name))]
        if missing:
            return _missing(key, missing[0])
        record = self._new(object_name, {**values, KEY: key}, ours=True)
        return Written(key, record.id, created=True)

    def update(
        self, object_name: str, record_id: str, values: Map[str, object], *, key: str | None = None
    ) -> WriteResult:
        """By id."""
        answer_to = key or record_id
        record = self.records.get(record_id)
        if record is None:
            message = "The record was deleted."
            return Refused(answer_to, "ENTITY_IS_DELETED", message, None, None, retriable=False)
        for name in REQUIRED[object_name]:
            if name in values and _blank(values[name]):
                return _missing(answer_to, name)
        self._set(record, values, ours=True)
        return Written(answer_to, record_id, created=False)

    def _new(self, object_name: str, values: Map[str, object], *, ours: bool) -> Record:
        self._last_id += 1
        record_id = f"{PREFIXES[object_name]}{self._last_id:012}AAA"
        record = Record(record_id, object_name, self._clock.now())
        self.records[record_id] = record
        self._put(record, values)
        self._say(News(Side.SALESFORCE, record_id, "created", {}, ours=ours))
        return record

    def _set(self, record: Record, values: Map[str, object], *, ours: bool) -> None:
        self._put(record, values)
        self._say(News(Side.SALESFORCE, record.id, "updated", dict(values), ours=ours))

    def _say(self, news: News) -> None:
        account = news.record_id.startswith(PREFIXES["Account"])
        object_type = ObjectType.COMPANY if account else ObjectType.CONTACT
        self._tell(replace(news, object_type=object_type))

    def _put(self, record: Record, values: Map[str, object]) -> None:
        for name, value in values.items():
            if _blank(value):
                record.values.pop(name, None)
            else:
                record.values[name] = value
        self._touch(record)

    def _touch(self, record: Record) -> None:
        record.modified_at = self._clock.now()


def _blank(value: object) -> bool:
    return value is None or value == ""


def _missing(key: str, name: str) -> Refused:
    message = f"Required fields are missing: [{name}]"
    return Refused(key, "REQUIRED_FIELD_MISSING", message, name, None, retriable=False)
