"""The forms of one portal, what was submitted to them, and what that does to a contact."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.simulators.hubspot.errors import not_found
from tests.simulators.hubspot.form_definitions import Form, FormField
from tests.simulators.hubspot.model import Json, Origin, Record, Values
from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.store import RecordStore
from tests.simulators.hubspot.unique import EMAIL
from tests.simulators.hubspot.wire import iso


@dataclass(frozen=True, slots=True)
class Submission:
    """What one visitor sent; ``at`` in epoch ms."""

    id: str
    at: int
    answers: tuple[Json, ...]
    """``{"name", "value", "objectTypeId"}`` each."""
    page_url: str

    def as_json(self) -> Json:
        """The wire shape."""
        return {
            "conversionId": self.id,
            "submittedAt": self.at,
            "values": list(self.answers),
            "pageUrl": self.page_url,
        }


class Forms:
    """Definitions and submissions of one portal."""

    def __init__(self, store: RecordStore, now: Callable[[], int], portal_id: int) -> None:
        self._store = store
        self._now = now
        self._portal_id = portal_id
        self.reset()

    def reset(self) -> None:
        """No forms and no submissions."""
        self._forms: dict[str, Form] = {}
        self._submissions: dict[str, list[Submission]] = {}
        self._converted: dict[int, set[str]] = {}
        """Names of the forms that each contact has filled in."""

    def listed(self) -> list[Form]:
        """All forms, oldest first."""
        return list(self._forms.values())

    def find(self, form_id: str) -> Form:
        """One form. HubSpotError 404 without it."""
        form = self._forms.get(form_id)
        if form is None:
            raise not_found()
        return form

    def create(self, name: str, fields: Iterable[FormField], *, captcha: bool = False) -> Form:
        """A new form."""
        form_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{self._portal_id}/{len(self._forms)}"))
        self._forms[form_id] = Form(form_id, name, tuple(fields), self._now(), captcha)
        self._submissions[form_id] = []
        return self._forms[form_id]

    def named(self, name: str, fields: Iterable[str]) -> Form:
        """The form with this name; it is made, with ``fields``, if there is none."""
        for form in self._forms.values():
            if form.name == name:
                return form
        return self.create(name, [FormField(field, field == EMAIL) for field in fields])

    def submissions(self, form: Form) -> list[Submission]:
        """What was sent, the latest first."""
        newest_first = reversed(self._submissions[form.id])
        return sorted(newest_first, key=lambda one: one.at, reverse=True)

    def submit(
        self,
        form: Form,
        values: Values,
        *,
        answers: Iterable[Json] = (),
        at: int | None = None,
        page_url: str = "",
    ) -> Record | None:
        """Keep a submission; the contact with the address in ``values`` is made or changed.

        ``values`` have been checked; without ``email`` in them there is no contact to return.
        """
        told = tuple(answers) or tuple(_answer(name, value) for name, value in values.items())
        moment = self._now() if at is None else at
        kept = self._submissions[form.id]
        kept.append(Submission(str(uuid.uuid4()), moment, told, page_url))
        return self._convert(form.name, values) if values.get(EMAIL) else None

    def _convert(self, form_name: str, values: Values) -> Record:
        origin = Origin("FORM", form_name, "user", label=form_name)
        record = self._store.identify(CONTACT, EMAIL, values[EMAIL])
        if record is None:
            conversions = self._conversions({}, form_name, {form_name})
            record = self._store.create(CONTACT, values | conversions, origin)
            self._converted[record.id] = {form_name}
            return record
        names = self._converted.setdefault(record.id, set())
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


def _answer(name: str, value: str) -> Json:
    return {"objectTypeId": CONTACT.type_id, "name": name, "value": value}
