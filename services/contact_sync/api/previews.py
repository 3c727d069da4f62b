"""The route of previews: settings tried on real records, read only."""

import asyncio

from fastapi import APIRouter, Depends, Response

from services.contact_sync.api.asked import PreviewRequest
from services.contact_sync.api.preview_views import PreviewView, preview_view
from services.contact_sync.handlers.preview import (
    Preview,
    Previewer,
    PreviewRefusedError,
    UnknownConnectionError,
    preview,
)
from shared.web.guard import Guard
from shared.web.problems import Problem

AT_ONCE = 2
"""Previews of one process: each holds up to 400 whole records, and live work shares the calls."""

BUSY_SECONDS = 5
"""A preview takes seconds."""

PREVIEW_SECONDS = 90.0
"""A batch is read in seconds; reverse proxies cut at 60 to 120, and a person has left by then."""


def preview_routes(previewer: Previewer, guard: Guard) -> APIRouter:
    """For operators: the answer holds personal values, so it is kept nowhere."""
    router = APIRouter(dependencies=[Depends(guard.operator)])
    turns = asyncio.Semaphore(AT_ONCE)

    @router.post("/records/previews")
    async def try_settings(request: PreviewRequest, response: Response) -> PreviewView:
        """What a sync of up to 200 records would do and cost with these settings; writes nothing.

        409 when the connection cannot be read now (paused, broken, removed, not connected), 429
        when others look already, 503 with Retry-After when quota or a CRM gives no answer.
        """
        response.headers["Cache-Control"] = "no-store"
        if turns.locked():
            raise _busy()
        async with turns:
            return preview_view(await _previewed(previewer, request))

    return router


async def _previewed(previewer: Previewer, request: PreviewRequest) -> Preview:
    try:
        async with asyncio.timeout(PREVIEW_SECONDS):
            return await preview(previewer, request.wish())
    except UnknownConnectionError as error:
        raise _refused(404, error, "No such connection") from None
    except PreviewRefusedError as error:
        raise _refused(409, error, "The connection cannot be looked at") from None
    except TimeoutError:
        raise _slow() from None


def _refused(
    status: int, error: UnknownConnectionError | PreviewRefusedError, title: str
) -> Problem:
    return Problem(status, type=error.code.replace("_", "-"), title=title, detail=str(error))


def _busy() -> Problem:
    return Problem(
        429,
        type="previews-busy",
        title="Other previews are being made",
        detail=f"{AT_ONCE} previews are made at a time. Send it again in {BUSY_SECONDS} seconds.",
        headers={"Retry-After": str(BUSY_SECONDS)},
    )


def _slow() -> Problem:
    return Problem(
        503,
        type="preview-too-slow",
        title="The CRMs answer too slowly",
        detail=f"The records were not read within {PREVIEW_SECONDS:g} seconds, so the preview was "
        "given up; nothing was written. Try fewer records, or look at the health of both CRMs.",
        headers={"Retry-After": str(BUSY_SECONDS)},
    )
