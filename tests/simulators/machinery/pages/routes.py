"""The pages that people look at: ``/``, ``/records/{object}``, ``/records/{object}/{id}``."""

from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tests.simulators.machinery.pages.views import Shown

TEMPLATES = Path(__file__).parent / "templates"
SHORT = 60
"""Characters of a value in a table."""
LONG = 4_000
"""Characters of a value on the record's own page."""
SAFE = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}
"""Values of records are hostile: nothing on a page may run or be loaded."""

router = APIRouter()


@router.get("/")
async def overview(request: Request) -> HTMLResponse:
    """Counts, latest records, latest calls, quota."""
    return _page("overview.html", page=_shown(request).overview())


@router.get("/records/{object_name}")
async def table(request: Request, object_name: str, after: str = "") -> HTMLResponse:
    """Records of one object, page by page."""
    found = _shown(request).table(object_name, after)
    if found is None:
        return _page("missing.html", 404, title=f"There is no object {object_name}")
    return _page("table.html", table=found)


@router.get("/records/{object_name}/{record_id}")
async def record(request: Request, object_name: str, record_id: str) -> HTMLResponse:
    """Everything about one record."""
    found = _shown(request).record(object_name, record_id)
    if found is None:
        return _page("missing.html", 404, title=f"There is no {object_name} {record_id}")
    return _page("record.html", record=found)


def _shown(request: Request) -> Shown:
    found: Shown = request.app.state.shown
    return found


def _page(template: str, status: int = 200, **values: object) -> HTMLResponse:
    return HTMLResponse(_templates().get_template(template).render(**values), status, SAFE)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined
    )
    made.filters["short"] = lambda value: cut(value, SHORT)
    made.filters["long"] = lambda value: cut(value, LONG)
    made.filters["moment"] = moment
    return made


def cut(value: str, length: int) -> str:
    """A value that fits, with a word on how much is missing."""
    if len(value) <= length:
        return value
    return f"{value[:length]}… ({len(value):,} characters)"


def moment(milliseconds: int) -> str:
    """A time in UTC for people."""
    when = datetime.fromtimestamp(milliseconds / 1_000, UTC)
    return when.strftime("%Y-%m-%d %H:%M:%S.") + f"{milliseconds % 1_000:03d}"
