"""What a submitted form does to a contact."""

from collections.abc import Callable

from tests.simulators.hubspot.model import Origin, Record, Values
from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.store import RecordStore
from tests.simulators.hubspot.unique import EMAIL
from tests.simulators.hubspot.wire import iso


class Forms:
    """Form submissions of one portal."""

    def __init__(self, store: RecordStore, now: Callable[[], int]) -> None:
        self._store = store
        self._now = now
        self._submitted: dict[int, set[str]] = {}

    def submit(self, form_name: str, values: Values) -> Record:
        """The contact with the address in ``values``, made or changed by a form submission.

        ``values`` have been checked and contain ``email``.
        """
        origin = Origin("FORM", form_name, "user", label=form_name)
        record = self._store.identify(CONTACT, EMAIL, values[EMAIL])
        if record is None:
            conversions = self._conversions({}, form_name, {form_name})
            record = self._store.create(CONTACT, values | conversions, origin)
            self._submitted[record.id] = {form_name}
            return record
        names = self._submitted.setdefault(record.id, set())
        names.add(form_name)
        kept = {name: value for name, value in values.items() if name != EMAIL}
        conversions = self._conversions(record.values, form_name, names)
        self._store.update(record, kept | conversions, origin)
        return record

    def _conversions(self, before: Values, form_name: str, names: set[str]) -> Values:
        now = iso(self._now())
        return {
            "recent_conversion_date": now,
            "recent_conversion_event_name": form_name,
            "first_conversion_date": before.get("first_conversion_date", now),
            "first_conversion_event_name": before.get("first_conversion_event_name", form_name),
            "num_conversion_events": str(int(before.get("num_conversion_events", "0")) + 1),
            "num_unique_conversion_events": str(len(names)),
        }
