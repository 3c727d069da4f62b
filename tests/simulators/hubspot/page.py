"""A small page for people who want to see what is in the portal."""

from html import escape

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from tests.simulators.hubspot.model import ObjectType
from tests.simulators.hubspot.object_types import OBJECT_TYPES
from tests.simulators.hubspot.portal import InPortal, Portal

MAX_ROWS = 50
"""Records shown of each type, the newest first."""
COLUMNS = (
    "email",
    "firstname",
    "lastname",
    "name",
    "dealname",
    "hs_task_subject",
    "hs_note_body",
    "hs_call_title",
    "hs_email_subject",
    "hs_meeting_title",
)

router = APIRouter()


@router.get("/", response_class=HTMLResponse)
async def overview(portal: InPortal) -> str:
    """Records of every type and the calls so far."""
    calls = "".join(
        f"<li>{count} &times; {escape(name)}</li>"
        for name, count in portal.machinery.calls.report()["by_endpoint"].items()
    )
    tables = "".join(_table(portal, kind) for kind in OBJECT_TYPES)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        "<title>Simulated HubSpot</title></head><body>"
        f"<h1>Portal {portal.settings.portal_id}</h1>{tables}<h2>Calls</h2><ul>{calls}</ul>"
        "</body></html>"
    )


def _table(portal: Portal, kind: ObjectType) -> str:
    records = list(portal.store.live(kind).values())
    rows = "".join(
        f"<tr><td>{record.id}</td><td>{escape(_summary(record.values))}</td></tr>"
        for record in records[-1 : -MAX_ROWS - 1 : -1]
    )
    return f"<h2>{kind.plural} ({len(records)})</h2><table>{rows}</table>"


def _summary(values: dict[str, str]) -> str:
    return " · ".join(values[name] for name in COLUMNS if name in values)
