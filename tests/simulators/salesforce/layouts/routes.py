"""The control plane of page layouts: an admin edits them, a test looks at what is there."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException

from tests.simulators.machinery.misbehaviour import CONTROL_PREFIX
from tests.simulators.salesforce.components import keep
from tests.simulators.salesforce.layouts.canonical import TYPE, LayoutError, normal_name
from tests.simulators.salesforce.oauth import TheOrg
from tests.simulators.salesforce.shelf import Component

Json = dict[str, Any]
router = APIRouter(prefix=CONTROL_PREFIX)


@router.get("/layouts")
async def look(org: TheOrg, name: str = "") -> Json:
    """All layouts, or one: ``xml`` as it is retrieved, ``sent`` as it was deployed last."""
    org.settle()
    shown = [_shown(one) for one in org.shelf.of_type(TYPE) if name in {"", one.name}]
    if name and not shown:
        raise HTTPException(404, f"there is no layout {name}")
    return {"layouts": shown}


def _shown(one: Component) -> Json:
    return {
        "name": one.name,
        "xml": next(iter(one.files.values())).decode(),
        "sent": None if one.sent is None else one.sent.decode(),
        "deploys": one.deploys,
    }


@router.post("/layouts")
async def edit(org: TheOrg, body: Annotated[Json, Body()]) -> Json:
    """An admin makes ``name`` say ``xml``, or deletes it (``xml`` null). 400 says what is wrong."""
    org.settle()
    name, text = normal_name(str(body.get("name", ""))), body.get("xml")
    if text is None:
        return {"deleted": org.shelf.remove(TYPE, name)}
    try:
        keep(org, TYPE, name, {"": str(text).encode()})
    except LayoutError as wrong:
        raise HTTPException(400, str(wrong)) from wrong
    return {"name": name}
