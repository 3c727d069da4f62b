"""Pipelines and stages over HTTP; only deals have any in this portal (facts: section 6)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from tests.simulators.hubspot.errors import error, not_found
from tests.simulators.hubspot.object_requests import Body, Kind
from tests.simulators.hubspot.object_types import DEAL
from tests.simulators.hubspot.pipelines import Pipelines
from tests.simulators.hubspot.portal import ENFORCING_VERSION, InPortal
from tests.simulators.hubspot.wire import no_content, reply

VALIDATIONS = ("validateReferencesBeforeDelete", "validateDealStageUsagesBeforeDelete")

router = APIRouter(prefix="/{object_type}")


async def _known(kind: Kind, request: Request, portal: InPortal) -> Pipelines:
    """The pipelines of the type in the path. HubSpotError for one that has none."""
    if kind is not DEAL:
        if request.method == "POST":
            raise error(400, f"{kind.legacy} objects have no pipelines in this portal")
        raise not_found()
    return portal.pipelines


Known = Annotated[Pipelines, Depends(_known)]


def _safely(request: Request) -> bool:
    """Whether stages in use must stay: on demand, and from 2026-09 on unless told otherwise."""
    given = [request.query_params[name] for name in VALIDATIONS if name in request.query_params]
    if given:
        return any(one.lower() == "true" for one in given)
    return ENFORCING_VERSION in request.url.path


@router.get("")
async def list_pipelines(kind: Kind, portal: InPortal) -> Response:
    """All pipelines of a type, unpaged."""
    found = portal.pipelines.listed() if kind is DEAL else []
    return reply({"results": [one.as_json() for one in found]})


@router.post("")
async def create_pipeline(known: Known, body: Body) -> Response:
    """A new pipeline with its stages."""
    return reply(known.create(body).as_json(), 201)


@router.get("/{pipeline_id}")
async def read_pipeline(known: Known, pipeline_id: str) -> Response:
    """One pipeline with its stages."""
    return reply(known.find(pipeline_id).as_json())


@router.patch("/{pipeline_id}")
async def change_pipeline(known: Known, pipeline_id: str, body: Body) -> Response:
    """Another label or place."""
    return reply(known.change(pipeline_id, body).as_json())


@router.put("/{pipeline_id}")
async def replace_pipeline(
    request: Request, known: Known, pipeline_id: str, body: Body
) -> Response:
    """Another definition; stages that it does not name by id are gone."""
    changed = known.change(pipeline_id, body, whole=True, safely=_safely(request))
    return reply(changed.as_json())


@router.delete("/{pipeline_id}")
async def delete_pipeline(request: Request, known: Known, pipeline_id: str) -> Response:
    """Gone."""
    known.delete(pipeline_id, safely=_safely(request))
    return no_content()


@router.get("/{pipeline_id}/stages")
async def list_stages(known: Known, pipeline_id: str) -> Response:
    """The stages of one pipeline."""
    return reply({"results": known.find(pipeline_id).as_json()["stages"]})


@router.post("/{pipeline_id}/stages")
async def create_stage(known: Known, pipeline_id: str, body: Body) -> Response:
    """A new stage."""
    return reply(known.add_stage(pipeline_id, body).as_json(), 201)


@router.get("/{pipeline_id}/stages/{stage_id}")
async def read_stage(known: Known, pipeline_id: str, stage_id: str) -> Response:
    """One stage."""
    return reply(known.find(pipeline_id).stage(stage_id).as_json())


@router.patch("/{pipeline_id}/stages/{stage_id}")
@router.put("/{pipeline_id}/stages/{stage_id}")
async def change_stage(known: Known, pipeline_id: str, stage_id: str, body: Body) -> Response:
    """Another label, place or probability."""
    return reply(known.change_stage(pipeline_id, stage_id, body).as_json())


@router.delete("/{pipeline_id}/stages/{stage_id}")
async def delete_stage(request: Request, known: Known, pipeline_id: str, stage_id: str) -> Response:
    """Gone; deals keep the id of a stage that they were in."""
    known.delete_stage(pipeline_id, stage_id, safely=_safely(request))
    return no_content()
