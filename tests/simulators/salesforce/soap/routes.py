"""The addresses of the SOAP services."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tests.simulators.salesforce.oauth import TheOrg
from tests.simulators.salesforce.soap.door import serve
from tests.simulators.salesforce.soap.metadata_service import METADATA
from tests.simulators.salesforce.soap.partner_service import PARTNER

SERVICES = {one.letter: one for one in (METADATA, PARTNER)}
XML = "text/xml;charset=UTF-8"
router = APIRouter()


@router.post("/services/Soap/{letter}/{version}")
@router.post("/services/Soap/{letter}/{version}/{rest:path}")
async def soap(request: Request, org: TheOrg, letter: str, version: str) -> Response:
    """One SOAP call; clients put the org's id or anything else behind the version."""
    service = SERVICES.get(letter)
    if service is None:
        return Response(status_code=404)
    status, text = serve(org, service, version, await request.body())
    return Response(text, status, media_type=XML)
