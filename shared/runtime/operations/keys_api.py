"""The keys of the secrets over REST: operators look, admins rotate."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from shared.db.database import Database
from shared.db.rotation import Secrets
from shared.runtime.operations.keys_desk import KeyDesk, advice, by_key
from shared.security.tokens import Principal
from shared.web.guard import Guard

STEPS = 10
"""Transactions of one request, 1,000 envelopes: a second, within the patience of a proxy."""


class KeyView(BaseModel):
    """One key by its id, and what it is needed for. A ring's key that nothing needs has 0 rows."""

    key_id: str
    rows: int = Field(description="envelopes of this service that it sealed")
    current: bool = Field(description="seals what is stored from now on")
    known: bool = Field(description="the ring has it")
    todo: str


class Keys(BaseModel):
    """The keys that this service's secrets need; other services have secrets of their own."""

    items: list[KeyView]


class Rotation(BaseModel):
    """Nothing happens while `dry_run` is true: the answer says what would."""

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = True


class RotationOutcome(BaseModel):
    """What was done, or in a dry run would be. Ask again while `left` grows smaller."""

    dry_run: bool
    rotated: int
    changed: int = Field(description="stored anew by somebody else meanwhile")
    unreadable: list[str] = Field(description="envelopes that do not open: where, and why")
    left: int = Field(description="that need another key than the current one")


def routes(service: str, guard: Guard, *, database: Database, secrets: Secrets) -> APIRouter:
    """The routes of one service."""
    desk = KeyDesk(service, database, secrets)
    router = APIRouter(prefix=f"/api/v1/operations/{service}/keys", tags=["operations"])

    @router.get("", dependencies=[Depends(guard.operator)])
    async def keys() -> Keys:
        """Which keys the stored secrets need. No secret and no key is in the answer."""
        return Keys(
            items=[
                KeyView(
                    key_id=use.key_id,
                    rows=use.rows,
                    current=use.current,
                    known=use.known,
                    todo=advice(use),
                )
                for use in by_key([desk], await desk.uses())
            ]
        )

    @router.post("/rotate")
    async def rotate(
        wish: Rotation, who: Annotated[Principal, Depends(guard.admin)]
    ) -> RotationOutcome:
        """Seals with the current key what needs an older one, while the services work."""
        if wish.dry_run:
            found = by_key([desk], await desk.uses())
            left = sum(use.rows for use in found if not use.current)
            ready = sum(use.rows for use in found if use.known and not use.current)
            return RotationOutcome(dry_run=True, rotated=ready, changed=0, unreadable=[], left=left)
        done = await desk.rotate(by=who.subject, steps=STEPS)
        return RotationOutcome(
            dry_run=False,
            rotated=done.rotated,
            changed=done.changed,
            unreadable=list(done.named),
            left=sum(one.rows for one in done.left),
        )

    return router
