"""Property definitions and their groups (facts: section 6)."""

from fastapi import APIRouter, Request, Response

from tests.simulators.hubspot.batch import inputs_of
from tests.simulators.hubspot.batch_routes import completed
from tests.simulators.hubspot.errors import HubSpotError
from tests.simulators.hubspot.model import Json
from tests.simulators.hubspot.object_requests import Body, Kind, flag
from tests.simulators.hubspot.portal import InPortal
from tests.simulators.hubspot.wire import no_content, reply

DEFAULT_SENSITIVITY = "non_sensitive"
router = APIRouter(prefix="/{object_type}")


@router.get("")
async def list_properties(request: Request, portal: InPortal, kind: Kind) -> Response:
    """All of them on one page."""
    archived = flag(request, "archived")
    sensitivity = request.query_params.get("dataSensitivity", DEFAULT_SENSITIVITY)
    results = [
        one.as_json()
        for one in portal.registry.of(kind).values()
        if one.archived == archived and one.sensitivity == sensitivity
    ]
    return reply({"results": results})


@router.post("")
async def create_property(portal: InPortal, kind: Kind, body: Body) -> Response:
    """A new one; 409 if the name is in use."""
    now = portal.machinery.clock.milliseconds()
    return reply(portal.registry.create(kind, body, now).as_json(), 201)


@router.post("/batch/create")
async def batch_create(portal: InPortal, kind: Kind, body: Body) -> Response:
    """Several; those that fail do not stop the others."""
    results: list[Json] = []
    errors: list[Json] = []
    for one in inputs_of(body):
        try:
            now = portal.machinery.clock.milliseconds()
            results.append(portal.registry.create(kind, one, now).as_json())
        except HubSpotError as problem:
            errors.append({**problem.body, "context": {"name": [str(one.get("name"))]}})
    return completed(portal, results, errors, 201)


@router.post("/batch/read")
async def batch_read(portal: InPortal, kind: Kind, body: Body) -> Response:
    """Several by name."""
    archived = bool(body.get("archived"))
    found = portal.registry.of(kind)
    results: list[Json] = []
    errors: list[Json] = []
    for one in inputs_of(body):
        name = str(one.get("name"))
        if name in found and found[name].archived == archived:
            results.append(found[name].as_json())
        else:
            message = f"Property {name} does not exist"
            missing = {"status": "error", "category": "OBJECT_NOT_FOUND", "message": message}
            errors.append({**missing, "context": {"name": [name]}})
    return completed(portal, results, errors, 200)


@router.post("/batch/archive")
async def batch_archive(portal: InPortal, kind: Kind, body: Body) -> Response:
    """204, whatever was missing."""
    now = portal.machinery.clock.milliseconds()
    for one in inputs_of(body):
        name = str(one.get("name"))
        definition = portal.registry.of(kind).get(name)
        if definition and not definition.archived and not definition.hubspot_defined:
            portal.registry.archive(kind, name, now)
    return no_content()


@router.get("/groups")
async def list_groups(portal: InPortal, kind: Kind) -> Response:
    """All groups."""
    return reply({"results": [one.as_json() for one in portal.registry.groups(kind).values()]})


@router.post("/groups")
async def create_group(portal: InPortal, kind: Kind, body: Body) -> Response:
    """A new group."""
    return reply(portal.registry.create_group(kind, body).as_json(), 201)


@router.get("/groups/{name}")
async def read_group(portal: InPortal, kind: Kind, name: str) -> Response:
    """One group."""
    return reply(portal.registry.find_group(kind, name).as_json())


@router.patch("/groups/{name}")
async def change_group(portal: InPortal, kind: Kind, name: str, body: Body) -> Response:
    """Another label or place."""
    return reply(portal.registry.change_group(kind, name, body).as_json())


@router.delete("/groups/{name}")
async def delete_group(portal: InPortal, kind: Kind, name: str) -> Response:
    """Only when it is empty."""
    portal.registry.delete_group(kind, name)
    return no_content()


@router.get("/{name}")
async def read_property(portal: InPortal, kind: Kind, name: str) -> Response:
    """One definition."""
    return reply(portal.registry.find(kind, name).as_json())


@router.patch("/{name}")
async def change_property(portal: InPortal, kind: Kind, name: str, body: Body) -> Response:
    """The changeable parts; whether values are unique is not one of them."""
    now = portal.machinery.clock.milliseconds()
    return reply(portal.registry.change(kind, name, body, now).as_json())


@router.delete("/{name}")
async def archive_property(portal: InPortal, kind: Kind, name: str) -> Response:
    """Hide a custom definition; its values are no longer found."""
    portal.registry.archive(kind, name, portal.machinery.clock.milliseconds())
    return no_content()
