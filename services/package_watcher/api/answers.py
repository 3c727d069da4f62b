"""What every route of the package watcher has in common: keys of orders, and refusals."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from uuid import UUID, uuid5

from fastapi import Header
from pydantic import BaseModel, ConfigDict

from services.package_watcher.handlers.refusals import (
    NOT_CONFIRMED,
    NOT_INSTALLED,
    NOT_RESUMABLE,
    NOTHING_NEWER,
    RUNNING,
    UNKNOWN_CONNECTION,
    RefusedError,
)
from services.package_watcher.handlers.window import (
    LAYOUTS_REFUSED,
    WINDOW_RUNNING,
    WRONG_LAYOUT,
)
from shared.web.problems import Problem

STATUS = {
    UNKNOWN_CONNECTION: (404, "No such connection"),
    RUNNING: (409, "Already under way"),
    NOT_RESUMABLE: (409, "Nothing to resume"),
    NOT_INSTALLED: (409, "No package is in place"),
    NOTHING_NEWER: (409, "Nothing to upgrade"),
    NOT_CONFIRMED: (422, "Not confirmed"),
    WINDOW_RUNNING: (409, "Already under way"),
    WRONG_LAYOUT: (422, "Not a layout of a lead or a contact"),
    LAYOUTS_REFUSED: (409, "Salesforce does not show its layouts"),
}

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        max_length=255,
        description="a repeat of an order with the same key changes nothing",
    ),
]


class Asked(BaseModel):
    """A request body: what it does not know is an error, so that no typo passes in silence."""

    model_config = ConfigDict(extra="forbid")


def order_id(connection_id: UUID, key: str | None) -> UUID | None:
    """The same order by the same key is the same installation."""
    return uuid5(connection_id, key) if key else None


@contextmanager
def refusals() -> Iterator[None]:
    """Turns a use case's refusal into its answer."""
    try:
        yield
    except RefusedError as refused:
        status, title = STATUS[refused.code]
        raise Problem(
            status, type=refused.code.replace("_", "-"), title=title, detail=str(refused)
        ) from None
