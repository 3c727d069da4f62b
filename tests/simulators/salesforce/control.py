"""The control plane: what tests and the demo do to the org behind the API's back."""

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.salesforce.conversion import convert
from tests.simulators.salesforce.errors import SalesforceError, not_found
from tests.simulators.salesforce.founding import refresh
from tests.simulators.salesforce.grants import ALL_SCOPES
from tests.simulators.salesforce.ids import long_form
from tests.simulators.salesforce.oauth import TheOrg, hosts, org_of
from tests.simulators.salesforce.org import Org
from tests.simulators.salesforce.schema.fields import Field
from tests.simulators.salesforce.seeding import seed
from tests.simulators.salesforce.store import Record
from tests.simulators.salesforce.tokens import token_body
from tests.simulators.salesforce.wire import Json
from tests.simulators.salesforce.writer import existing


def settled(request: Request) -> Org:
    """The org, with everything done whose time has come."""
    org = org_of(request)
    org.settle()
    return org


Settled = Annotated[Org, Depends(settled)]
Posted = Annotated[Json, Body()]
router = APIRouter(prefix=CONTROL_PREFIX)


def at_once(org: Org, work: Callable[[], Any]) -> JSONResponse:
    """Do something to the records: all of it or nothing."""
    mark = org.store.mark()
    try:
        result = work()
    except SalesforceError as problem:
        org.store.rollback(mark)
        return JSONResponse(problem.as_array(), problem.status)
    except (KeyError, TypeError, ValueError) as wrong:
        org.store.rollback(mark)
        return JSONResponse({"detail": f"cannot be done: {wrong!r}"}, 400)
    org.store.commit()
    return JSONResponse(result)


def _name(org: Org, body: Json) -> str:
    kind = org.catalogue.get(str(body.get("object", "")))
    if kind is None:
        raise not_found()
    return kind.name


def _record(org: Org, body: Json) -> Record:
    return existing(org.store, _name(org, body), long_form(str(body.get("id", ""))))


@router.post("/reset")
async def reset(org: TheOrg) -> Json:
    """Empty everything; tokens that were granted stay."""
    org.reset()
    return {}


@router.post("/seed")
async def seed_people(org: Settled, body: Posted) -> JSONResponse:
    """Invented people (see ``seeding.seed``), of whom others are told only if ``notify``."""
    org.outbound.collect()
    with org.capture.silenced(quiet=not body.get("notify")):
        answer = at_once(org, lambda: seed(org, body))
    if not body.get("notify"):
        org.outbound.skip()
    return answer


@router.post("/create")
async def create(org: Settled, body: Posted) -> JSONResponse:
    """A record, made by a person."""
    return at_once(
        org, lambda: {"id": org.writer.insert(_name(org, body), body["fields"], org.human)}
    )


@router.post("/create-many")
async def create_many(org: Settled, body: Posted) -> JSONResponse:
    """Records, made by a person; all or none."""
    return at_once(
        org,
        lambda: {
            "ids": [org.writer.insert(_name(org, body), one, org.human) for one in body["records"]]
        },
    )


@router.post("/edit")
async def edit(org: Settled, body: Posted) -> JSONResponse:
    """An edit by a person."""
    return at_once(org, lambda: _edit(org, body, [body]))


@router.post("/edit-many")
async def edit_many(org: Settled, body: Posted) -> JSONResponse:
    """Edits by a person; all or none."""
    return at_once(org, lambda: _edit(org, body, body["edits"]))


def _edit(org: Org, body: Json, edits: list[Json]) -> Json:
    for one in edits:
        record = _record(org, {"object": body.get("object"), "id": one["id"]})
        org.writer.update(record, one["fields"], org.human)
    return {}


@router.post("/delete")
async def delete(org: Settled, body: Posted) -> JSONResponse:
    """A person moves a record to the recycle bin."""

    def work() -> Json:
        org.writer.delete(_record(org, body), org.human)
        return {}

    return at_once(org, work)


@router.post("/undelete")
async def undelete(org: Settled, body: Posted) -> JSONResponse:
    """A person takes a record out of the recycle bin."""

    def work() -> Json:
        record = org.store.get(_name(org, body), long_form(str(body.get("id", ""))) or "")
        if record is None or record.deleted_at is None:
            raise not_found()
        org.writer.undelete(record, org.human)
        return {}

    return at_once(org, work)


@router.post("/purge")
async def purge(org: Settled, body: Posted) -> JSONResponse:
    """Empty the recycle bin of an object; getDeleted forgets these records too."""

    def work() -> Json:
        name = _name(org, body)
        org.purged_at[name] = org.clock.milliseconds()
        return {"ids": org.store.purge(name)}

    return at_once(org, work)


@router.post("/convert-lead")
async def convert_lead(org: Settled, body: Posted) -> JSONResponse:
    """A person converts a lead (see ``conversion.convert``)."""
    return at_once(org, lambda: convert(org, body))


@router.get("/records/{object_name}")
async def records(org: Settled, object_name: str) -> JSONResponse:
    """Every live record with all its fields."""

    def work() -> list[Json]:
        kind = org.catalogue.get(object_name)
        if kind is None:
            raise not_found()
        names = [one.name for one in kind.fields.values() if not one.parts]
        table = org.store.table(kind.name)
        live = [one for one in table.records.values() if one.deleted_at is None]
        return [
            {"id": one.id, "fields": {name: one.fields.get(name) for name in names}} for one in live
        ]

    return at_once(org, work)


@router.get("/switches")
async def switches(org: TheOrg) -> Json:
    """All switches, their values and what they do."""
    return org.switches.as_json()


@router.post("/switches")
async def flip(org: TheOrg, body: Posted) -> JSONResponse:
    """Set switches by name."""
    try:
        for name, value in body.items():
            setattr(org.switches, name, value)
    except (ValidationError, ValueError) as wrong:
        return JSONResponse({"detail": str(wrong)}, 400)
    finally:
        refresh(org)
    return JSONResponse(org.switches.as_json())


@router.post("/package")
async def package(org: Settled, body: Posted) -> Json:
    """Put the package in place, or take it away, at once."""
    if body.get("installed", True):
        org.install_package()
    else:
        org.uninstall_package()
    return {}


@router.post("/fields")
async def add_field(org: Settled, body: Posted) -> JSONResponse:
    """An admin adds a custom field: ``object``, ``name``, ``type`` and what else ``Field`` has."""

    def work() -> Json:
        known = {name: value for name, value in body.items() if name != "object"}
        lists = {name: tuple(one) for name, one in known.items() if isinstance(one, list)}
        name = str(known["name"])
        field = Field(**{"label": name, "length": 255, "precision": 18, **known, **lists})
        org.add_field(_name(org, body), field, guarded=False)
        return {}

    return at_once(org, work)


@router.post("/limits")
async def use_up(org: TheOrg, body: Posted) -> JSONResponse:
    """Pretend that ``used`` calls were made in the last 24 hours."""

    def work() -> Json:
        now = org.clock.seconds()
        org.limit.set(now, int(body["used"]))
        return {"used": org.limit.used(now), "allowed": org.switches.daily_limit}

    return at_once(org, work)


@router.post("/grant")
async def grant(request: Request, org: TheOrg, body: Posted) -> Json:
    """Tokens without the pages: ``user`` (id or username) and ``scope`` are optional."""
    user = org.grants.member(str(body.get("user", "")))
    scopes = tuple(str(body.get("scope", "")).split()) or ALL_SCOPES
    refresh = org.grants.issue_refresh(user, scopes)
    session = org.open_session(user, scopes, refresh)
    return token_body(org, session, hosts(request, org), refresh)


@router.post("/end-sessions")
async def end_sessions(org: TheOrg) -> Json:
    """End all sessions: every access token dies, refresh tokens live."""
    return {"ended": org.grants.end_sessions()}


@router.post("/revoke-app")
async def revoke_app(org: TheOrg) -> Json:
    """The admin blocks the app: every token dies."""
    org.grants.revoke_all()
    return {}


@router.get("/quiet")
async def quiet(org: Settled) -> Json:
    """Outbound messages that are still to come; of other changes this org tells nobody."""
    return org.outbound.quiet()
