"""The control plane's part that is about marketing: forms and the events of e-mails."""

from typing import Any

from fastapi import APIRouter

from tests.simulators.hubspot.errors import error
from tests.simulators.hubspot.form_definitions import FormField
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import Body
from tests.simulators.hubspot.object_types import CONTACT
from tests.simulators.hubspot.portal import USER, InPortal
from tests.simulators.hubspot.unique import EMAIL
from tests.simulators.hubspot.writing import Manner
from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX

BY_HAND = Manner(USER)

router = APIRouter(prefix=CONTROL_PREFIX)


@router.post("/forms")
async def add_form(portal: InPortal, body: Body) -> Json:
    """A form as a marketer makes it; ``fields`` are names, or ``{"name", "required"}``."""
    fields = [_field(one) for one in body.get("fields") or [EMAIL]]
    name = str(body.get("name") or "Form")
    return {"id": portal.forms.create(name, fields, captcha=bool(body.get("captcha"))).id}


def _field(raw: Any) -> FormField:
    if isinstance(raw, str):
        return FormField(raw, raw == EMAIL)
    return FormField(str(raw["name"]), bool(raw.get("required", False)))


@router.post("/submit-form")
async def submit_form(portal: InPortal, body: Body) -> Json:
    """A visitor fills in a form, which is made if need be: the contact is found or made."""
    fields = {**(body.get("fields") or {}), EMAIL: body.get("email")}
    existing = portal.store.identify(CONTACT, EMAIL, str(body.get("email") or ""))
    if existing is not None:
        del fields[EMAIL]
        draft = portal.writer.draft_update(existing, {"properties": fields}, BY_HAND)
        values = {**draft.values, EMAIL: existing.values.get(EMAIL, "")}
    else:
        draft = portal.writer.draft_create(CONTACT, {"properties": fields}, BY_HAND)
        values = draft.values
    if not values.get(EMAIL):
        raise error(400, "a form submission needs an email")
    form = portal.forms.named(str(body.get("form_name") or "Form"), values)
    record = portal.forms.submit(form, values)
    return {"id": None if record is None else str(record.id)}


@router.post("/email-events")
async def add_email_events(portal: InPortal, body: Body) -> Json:
    """What became of e-mails; each of ``events`` has ``type``, ``recipient`` and details.

    ``at`` (epoch ms) is now if not given; ``campaign_id`` and ``filtered`` have defaults too.
    """
    now = portal.machinery.clock.milliseconds()
    return {"ids": [portal.email_events.add(one, now).id for one in body.get("events") or ()]}
