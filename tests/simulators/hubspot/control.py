"""The control plane's part that is about this CRM: records, seeds, webhooks, owners."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends

from tests.simulators.hubspot.errors import error, not_found
from tests.simulators.hubspot.model import Json, ObjectType, Record
from tests.simulators.hubspot.object_requests import Body, find_record, kind_of
from tests.simulators.hubspot.portal import USER, InPortal, Portal
from tests.simulators.hubspot.seeding import BY_HAND, sow
from tests.simulators.hubspot.sender import Mischief
from tests.simulators.machinery.garbage import growing
from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.world.plan import parse_plan

DEFAULT_PEOPLE = 100

router = APIRouter(prefix=CONTROL_PREFIX)


async def _named_kind(body: Body) -> ObjectType:
    return kind_of(str(body.get("object", "")))


Named = Annotated[ObjectType, Depends(_named_kind)]


@router.post("/reset")
async def reset(portal: InPortal) -> Json:
    """Empty the portal; the app stays connected, with its properties and subscriptions."""
    portal.reset()
    return {}


@router.post("/seed")
async def seed(portal: InPortal, body: Body) -> Json:
    """An invented world (see ``world.plan``); nobody is told of it unless ``notify`` is true."""
    try:
        plan = parse_plan(body, people=DEFAULT_PEOPLE, seed=portal.settings.seed)
    except (TypeError, ValueError) as wrong:
        raise error(400, f"this seed cannot be sown: {wrong}") from wrong
    portal.notify = bool(body.get("notify", False))
    try:
        with growing():
            return sow(portal, plan).as_json()
    finally:
        portal.notify = True


def _create(
    portal: Portal, kind: ObjectType, fields: Json, associations: Sequence[Json] = ()
) -> Record:
    body = {"properties": fields, "associations": list(associations)}
    draft = portal.writer.draft_create(kind, body, BY_HAND)
    return portal.writer.carry_out(draft, USER)[0]


def _edit(portal: Portal, kind: ObjectType, record_id: str, fields: Json) -> None:
    record = find_record(portal, kind, record_id)
    draft = portal.writer.draft_update(record, {"properties": fields}, BY_HAND)
    portal.writer.carry_out(draft, USER)


@router.post("/create")
async def create(portal: InPortal, kind: Named, body: Body) -> Json:
    """A record that a user makes; ``associations`` are spelt as in the API."""
    record = _create(portal, kind, body.get("fields") or {}, body.get("associations") or ())
    return {"id": str(record.id)}


@router.post("/create-many")
async def create_many(portal: InPortal, kind: Named, body: Body) -> Json:
    """Records that users make; each is ``{"fields": {...}}`` or the fields themselves."""
    rows = [one.get("fields", one) for one in body.get("records") or ()]
    return {"ids": [str(_create(portal, kind, fields).id) for fields in rows]}


@router.post("/edit")
async def edit(portal: InPortal, kind: Named, body: Body) -> Json:
    """What a user changes in a record."""
    _edit(portal, kind, str(body.get("id")), body.get("fields") or {})
    return {}


@router.post("/edit-many")
async def edit_many(portal: InPortal, kind: Named, body: Body) -> Json:
    """What users change in many records."""
    edits = body.get("edits") or []
    for one in edits:
        _edit(portal, kind, str(one.get("id")), one.get("fields") or {})
    return {"edited": len(edits)}


@router.post("/delete")
async def delete(portal: InPortal, kind: Named, body: Body) -> Json:
    """A user puts a record into the recycle bin."""
    portal.store.archive(find_record(portal, kind, str(body.get("id"))), USER)
    return {}


@router.post("/restore")
async def restore(portal: InPortal, kind: Named, body: Body) -> Json:
    """A user takes a record out of the recycle bin, which only the UI can do."""
    record = portal.store.archived(kind).get(int(body.get("id") or 0))
    if record is None:
        raise not_found()
    portal.store.restore(record, USER)
    return {}


@router.post("/merge")
async def merge(portal: InPortal, kind: Named, body: Body) -> Json:
    """A user merges ``other_id`` into ``id``; the answer has the new record's id."""
    primary = find_record(portal, kind, str(body.get("id")))
    other = find_record(portal, kind, str(body.get("other_id")))
    return {"id": str(portal.merge(primary, other, USER).id)}


@router.get("/records/{object_type}")
async def records(portal: InPortal, object_type: str) -> list[Json]:
    """Every live record with all its values."""
    return [
        {"id": str(record.id), "fields": record.values}
        for record in portal.store.live(kind_of(object_type)).values()
    ]


@router.get("/quiet")
async def quiet(portal: InPortal) -> Json:
    """Webhook events that are still to be delivered."""
    return portal.sender.quiet()


@router.post("/webhooks")
async def mischief(portal: InPortal, body: Body) -> Json:
    """Shares of the events that from now on come twice (``duplicates``) or never (``lost``)."""
    portal.sender.mischief = Mischief(
        duplicates=float(body.get("duplicates", 0)), lost=float(body.get("lost", 0))
    )
    return {"duplicates": portal.sender.mischief.duplicates, "lost": portal.sender.mischief.lost}


@router.post("/owners")
async def add_owner(portal: InPortal, body: Body) -> Json:
    """Another owner."""
    owner = portal.owners.add(
        str(body["email"]).lower(),
        str(body.get("first_name", "")),
        str(body.get("last_name", "")),
        portal.machinery.clock.milliseconds(),
        archived=bool(body.get("archived", False)),
    )
    return {"id": owner.id, "user_id": owner.user_id}


@router.post("/rules")
async def admin_rules(portal: InPortal, kind: Named, body: Body) -> Json:
    """The admin's demands: ``required`` names, ``conditional`` name -> names that call for it."""
    portal.admin_rules.set(kind, body.get("required") or [], body.get("conditional") or {})
    return {}


@router.post("/token")
async def token(portal: InPortal, body: Body) -> Json:
    """Tokens without the consent page; ``scopes`` are those the app requires if not given."""
    scopes = tuple(body.get("scopes") or portal.settings.required_scopes)
    access = portal.tokens.grant(scopes)
    return {"access_token": access.token, "refresh_token": access.refresh_token}


@router.post("/uninstall")
async def uninstall(portal: InPortal) -> Json:
    """The user removes the app: all its tokens are void, and nobody is told."""
    portal.tokens.uninstall()
    return {}
