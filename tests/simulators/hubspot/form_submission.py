"""Reads what a visitor's browser or a server sends to a form, and says what is wrong with it.

Body and texts of the refusal are captured ones; that of a field outside the form is not verified.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.simulators.hubspot.errors import HubSpotError, bad_request
from tests.simulators.hubspot.form_definitions import Form
from tests.simulators.hubspot.model import Json, Values
from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.values import Rules, as_text, cleaned

ERROR_TYPES = {
    "PROPERTY_DOESNT_EXIST": "FIELD_NOT_IN_FORM_DEFINITION",
    "INVALID_EMAIL": "INVALID_EMAIL",
    "INVALID_OPTION": "VALUE_NOT_IN_FIELD_DEFINITION",
    "INVALID_LONG": "INVALID_NUMBER",
    "INVALID_STRING": "INPUT_TOO_LARGE",
}
"""How the forms API calls what the CRM calls otherwise."""
MAX_FIELDS = 1_000
"""Fields of one submission."""


class Submitted(NamedTuple):
    """A submission that may be kept."""

    values: Values
    """Of the contact, as they are stored."""
    answers: list[Json]
    page_url: str
    at: int | None


def read_submission(form: Form, body: Json, rules: Rules, *, only_listed: bool) -> Submitted:
    """A checked submission. HubSpotError 400 with every mistake in it.

    ``only_listed``: fields must be in the form's definition, as the open endpoint demands.
    """
    if form.captcha:
        text = f"Form '{form.id}' can't receive API submissions as Captcha"
        raise _refused(
            [_mistake(f"{text} (SPAM prevention) is enabled.", "FORM_HAS_RECAPTCHA_ENABLED")]
        )
    answers = _answers(body.get("fields"))
    raw = _of_contact(answers)
    clean = cleaned(raw, rules, current={})
    mistakes = [*_outside(form, raw)] if only_listed else []
    mistakes += [*_missing(form, raw)]
    for problem in clean.problems:
        text = "Invalid email address" if problem.code == "INVALID_EMAIL" else problem.message
        kind = ERROR_TYPES.get(problem.code, "INVALID_METADATA")
        one = _mistake(f"Error in 'fields.{problem.name}'. {text}", kind)
        if one not in mistakes:
            mistakes.append(one)
    if mistakes:
        raise _refused(mistakes)
    context = body.get("context") or {}
    values = {name: value for name, value in clean.values.items() if value}
    return Submitted(values, answers, str(context.get("pageUri") or ""), _moment(body))


def _answers(fields: Any) -> list[Json]:
    if not isinstance(fields, list) or not all(isinstance(one, dict) for one in fields):
        raise bad_request()
    if len(fields) > MAX_FIELDS:
        text = f"At most {MAX_FIELDS} fields can be submitted"
        raise _refused([_mistake(text, "MAX_NUMBER_OF_SUBMITTED_VALUES_EXCEEDED")])
    return [
        {
            "objectTypeId": str(one.get("objectTypeId") or CONTACT.type_id),
            "name": str(one.get("name")),
            "value": as_text(one.get("value")),
        }
        for one in fields
    ]


def _of_contact(answers: list[Json]) -> Json:
    """Values of the contact's properties; a name that comes again is another choice."""
    raw: Json = {}
    for one in answers:
        if one["objectTypeId"] == CONTACT.type_id:
            before = raw.get(one["name"])
            raw[one["name"]] = one["value"] if before is None else f"{before};{one['value']}"
    return raw


def _outside(form: Form, raw: Json) -> Iterator[Json]:
    listed = {field.name for field in form.fields}
    for name in raw:
        if name not in listed:
            text = f"Error in 'fields.{name}'. Property \"{name}\" does not exist"
            yield _mistake(text, "FIELD_NOT_IN_FORM_DEFINITION")


def _missing(form: Form, raw: Json) -> Iterator[Json]:
    for field in form.fields:
        if field.required and not raw.get(field.name):
            text = f"Error in 'fields.{field.name}'. Required field '{field.name}' is missing"
            yield _mistake(text, "REQUIRED_FIELD")


def _moment(body: Json) -> int | None:
    submitted = body.get("submittedAt")
    if submitted is None:
        return None
    try:
        return int(submitted)
    except (ValueError, TypeError):
        raise bad_request() from None


def _mistake(message: str, kind: str) -> Json:
    return {"message": message, "errorType": kind}


def _refused(mistakes: list[Json]) -> HubSpotError:
    body = {"status": "error", "message": "The request is not valid", "errors": mistakes}
    return HubSpotError(400, body)
