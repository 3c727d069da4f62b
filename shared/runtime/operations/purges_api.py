"""What a service holds of a connection, and how far its purge is, over REST."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from shared.db.database import Database
from shared.db.purge import Purge, Purges
from shared.web.guard import Guard


class PurgeState(StrEnum):
    """deleting: rows are left. done: none was found any more."""

    DELETING = "deleting"
    DONE = "done"


class PurgeView(BaseModel):
    """A purge that was ordered; after 90 days nothing is known of it any more."""

    state: PurgeState
    ordered_at: datetime
    done_at: datetime | None
    deleted: dict[str, int] = Field(description="rows by table, and dead letters")


class Holdings(BaseModel):
    """What a purge deletes, or has deleted. `held` is empty for a connection nobody knows."""

    service: str
    connection_id: UUID
    held: dict[str, int] = Field(description="rows by table; tables without any are left out")
    purge: PurgeView | None = Field(description="null while no purge was ordered")


def routes(service: str, guard: Guard, *, database: Database, purges: Purges) -> APIRouter:
    """The routes of one service."""
    router = APIRouter(prefix=f"/api/v1/operations/{service}/connections", tags=["operations"])

    @router.get("/{connection_id}", dependencies=[Depends(guard.operator)])
    async def holdings(connection_id: UUID) -> Holdings:
        """How many rows this service holds of a connection, and how far its purge is."""
        async with database.begin() as conn:
            held = await purges.held(conn, connection_id)
            purge = await purges.report(conn, connection_id)
        return Holdings(
            service=service,
            connection_id=connection_id,
            held=held,
            purge=None if purge is None else _view(purge),
        )

    return router


def _view(purge: Purge) -> PurgeView:
    return PurgeView(
        state=PurgeState.DELETING if purge.done_at is None else PurgeState.DONE,
        ordered_at=purge.ordered_at,
        done_at=purge.done_at,
        deleted=dict(purge.deleted),
    )
