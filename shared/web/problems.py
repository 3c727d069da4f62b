"""Errors on the wire: RFC 9457 problem+json, always, with what was wrong, where and what to do."""

import http
import math
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from shared.kernel.errors import CausewayError, FatalError, FieldProblem, RetriableError

MEDIA_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:causeway:problem:"
DEFAULT_RETRY_SECONDS = 5.0  # when nobody knows better: longer than a broker's or pool's hiccup
MAX_FIELD_PROBLEMS = 50  # a body of thousands of wrong items is wrong enough after these

_WHAT_TO_DO = {
    400: "Check the request against the API's description.",
    404: "Check the path, and that the thing still exists.",
    405: "Use one of the methods that the Allow header names.",
    413: "Send less at once: split the body into several requests.",
    415: "Send application/json.",
}


class Problem(Exception):  # noqa: N818 - RFC 9457's own word for it
    """An error answer. `type` is stable and ends the URN; `detail` says what to do."""

    def __init__(
        self,
        status: int,
        *,
        type: str,  # noqa: A002 - the name of the member in RFC 9457
        title: str,
        detail: str,
        errors: Sequence[FieldProblem] = (),
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {type}: {detail}")
        self.status = status
        self.type = type
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def body(self) -> dict[str, Any]:
        """The members of the answer; extensions cannot replace the standard ones."""
        body: dict[str, Any] = {
            **self.extra,
            "type": TYPE_PREFIX + self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [
                {"field": error.field, "message": error.message} for error in self.errors
            ]
        return body

    def response(self) -> JSONResponse:
        """The answer itself."""
        return JSONResponse(
            self.body(), status_code=self.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def problem_of(error: CausewayError) -> Problem:
    """How an error of our families looks from outside: 503, 422 or 409 (nothing left to do)."""
    kind = error.code.lower().replace("_", "-")
    if isinstance(error, RetriableError):
        wait = DEFAULT_RETRY_SECONDS if error.retry_after is None else error.retry_after
        seconds = max(1, math.ceil(wait))
        return Problem(
            503,
            type=kind,
            title="Temporarily unavailable",
            detail=str(error),
            headers={"Retry-After": str(seconds)},
            extra={"retry_after": seconds},
        )
    if isinstance(error, FatalError):
        return Problem(422, type=kind, title="Cannot be done", detail=str(error))
    return Problem(409, type=kind, title="Nothing left to do", detail=str(error))


def http_problem(status: int, *, headers: Mapping[str, str] | None = None) -> Problem:
    """A plain HTTP status (404, 405, 413, ...) as a problem."""
    phrase = http.HTTPStatus(status).phrase
    return Problem(
        status,
        type=phrase.lower().replace(" ", "-").replace("'", ""),
        title=phrase,
        detail=_WHAT_TO_DO.get(status, phrase + "."),
        headers=headers,
    )


def internal_problem(trace_id: str) -> Problem:
    """What the outside hears of an unexpected error: where to look it up, and nothing else."""
    return Problem(
        500,
        type="internal-error",
        title="Internal error",
        detail=f"Something failed inside Causeway. Look for trace_id {trace_id} in the logs.",
        extra={"trace_id": trace_id},
    )


def validation_problem(error: RequestValidationError) -> Problem:
    """A request that does not fit its model: each wrong field by name, never its value."""
    found = [
        FieldProblem(field=_field(item["loc"]), message=str(item["msg"]))
        for item in error.errors()[:MAX_FIELD_PROBLEMS]
    ]
    named = ", ".join(problem.field for problem in found[:3])
    return Problem(
        422,
        type="validation-failed",
        title="The request is not valid",
        detail=f"Correct what `errors` lists and send the request again. First: {named}.",
        errors=found,
    )


def install_problem_handlers(app: FastAPI) -> None:
    """Make every error that a route or the router raises a problem+json answer."""

    async def on_problem(_request: Request, error: Exception) -> Response:
        return _translated(error).response()

    for kind in (Problem, CausewayError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, on_problem)


def _translated(error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case CausewayError():
            return problem_of(error)
        case RequestValidationError():
            return validation_problem(error)
        case HTTPException():
            return http_problem(error.status_code, headers=error.headers)
        case _:
            raise error


def _field(location: Sequence[str | int]) -> str:
    """`("body", "mappings", 3, "rule")` is `body.mappings[3].rule`."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
