"""The mailbox over REST: operators look, admins requeue and park."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.db.database import Database
from shared.kernel.records import Side
from shared.outbox.mail import Priority
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_operations import Key, LaneSummary, Waiting, Which
from shared.runtime.operations.mailbox_desk import MAX_WHY, Done, MailboxDesk, with_lane
from shared.security.tokens import Principal
from shared.web.guard import Guard
from shared.web.paging import Page, bad_cursor, decode_place, encode_cursor

MAX_PAGE = 200
MAX_ID = 200
"""Characters of a lane or a record's id; those of both CRMs have under 40."""

NO_NUL = r"^[^\x00]+$"
"""Postgres keeps any character but this one."""

Word = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ID, pattern=NO_NUL)]
Why = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_WHY, pattern=NO_NUL)
]


class WaitingView(BaseModel):
    """One record that waits. `due_at` is null while it is parked."""

    model_config = ConfigDict(from_attributes=True)

    connection_id: UUID
    lane: str
    side: str
    record_id: str
    due_at: datetime | None
    attempts: int
    priority: str = Field(description="interactive, live, retry or import")
    reason: str
    first_seen_at: datetime
    held: bool = Field(description="a worker has it")
    parked: bool


class WaitingPage(Page[WaitingView]):
    """Records by connection, lane, side and id."""


class LaneView(BaseModel):
    """The records of one lane by what they wait for, and since when the oldest waits."""

    model_config = ConfigDict(from_attributes=True)

    connection_id: UUID
    lane: str
    due: int
    later: int = Field(description="wait for a later try")
    held: int = Field(description="in work")
    parked: int
    oldest: datetime | None = Field(description="first change of one that is not parked")
    on_hold: str = Field(description="why nothing of the connection is claimed; else empty")


class Lanes(BaseModel):
    """Every lane with a record in it."""

    items: list[LaneView]


class RecordSelection(BaseModel):
    """Which records: every condition that is given holds. `all` is needed where there is none.

    Nothing happens while `dry_run` is true: the answer says what would.
    """

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = True
    connection_id: UUID | None = None
    lane: Word | None = None
    side: Side | None = None
    record_id: Word | None = None
    all: bool = False
    cursor: str | None = Field(default=None, description="next_cursor of the answer before")

    @model_validator(mode="after")
    def _says_which(self) -> "RecordSelection":
        if (self.which != Which()) == self.all:
            raise ValueError(
                "say which records (connection_id, lane, side, record_id), or all: true"
            )
        return self

    @property
    def which(self) -> Which:
        """The conditions on a record."""
        return Which(self.connection_id, self.lane, self.side, self.record_id)


class Parking(RecordSelection):
    """Which records to put aside, and why: it is shown with each. No personal value, please."""

    why: Why


class MailboxOutcome(BaseModel):
    """What was done, or in a dry run would be. Send `next_cursor` along until it is null."""

    dry_run: bool
    records: int = Field(description="requeued or parked")
    held: int = Field(description="in work: requeued ones run once more, none is parked")
    left: int = Field(description="of the selection, not looked at yet")
    next_cursor: str | None


def routes(service: str, guard: Guard, *, database: Database, mailbox: Mailbox) -> APIRouter:
    """The routes of one service."""
    desk = MailboxDesk(service, database, mailbox)
    router = APIRouter(prefix=f"/api/v1/operations/{service}/mailbox", tags=["operations"])
    _reading(router, guard, desk)
    _acting(router, guard, desk)
    return router


def _reading(router: APIRouter, guard: Guard, desk: MailboxDesk) -> None:
    def chosen(
        connection_id: UUID | None = None,
        lane: Word | None = None,
        side: Side | None = None,
        record_id: Word | None = None,
    ) -> Which:
        return Which(connection_id, lane, side, record_id)

    selected = Annotated[Which, Depends(chosen)]

    @router.get("", dependencies=[Depends(guard.operator)])
    async def waiting_records(
        which: selected,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> WaitingPage:
        """The records that wait, by their keys."""
        await with_lane([desk], which.lane)
        found = await desk.page(which, limit=limit + 1, after=_place(cursor))
        more = len(found) > limit
        return WaitingPage(
            items=[_view(row) for row in found[:limit]],
            next_cursor=encode_cursor(found[limit - 1].key) if more else None,
        )

    @router.get("/lanes", dependencies=[Depends(guard.operator)])
    async def waiting_lanes(which: selected) -> Lanes:
        """How many records of each lane wait for what."""
        await with_lane([desk], which.lane)
        return Lanes(items=[LaneView.model_validate(one) for one in await desk.lanes(which)])


def _acting(router: APIRouter, guard: Guard, desk: MailboxDesk) -> None:
    admin = Annotated[Principal, Depends(guard.admin)]

    @router.post("/requeue")
    async def requeue(which: RecordSelection, who: admin) -> MailboxOutcome:
        """Have records tried now, parked ones too, as if they had never failed."""
        await with_lane([desk], which.lane)
        after = _place(which.cursor)
        if which.dry_run:
            return _plan(await desk.lanes(which.which), parked=True)
        return _outcome(await desk.requeue(which.which, by=who.subject, after=after, steps=1))

    @router.post("/park")
    async def park(which: Parking, who: admin) -> MailboxOutcome:
        """Let records wait until they are requeued, or until a live change of them comes."""
        await with_lane([desk], which.lane)
        after = _place(which.cursor)
        if which.dry_run:
            return _plan(await desk.lanes(which.which), parked=False)
        return _outcome(
            await desk.park(which.which, by=who.subject, why=which.why, after=after, steps=1)
        )


def _place(cursor: str | None) -> Key | None:
    if cursor is None:
        return None
    place = Key(*decode_place(cursor, UUID, str, str, str))
    if "\x00" in "".join(place[1:]):
        raise bad_cursor()
    return place


def _view(row: Waiting) -> WaitingView:
    names = [name for name in WaitingView.model_fields if name != "priority"]
    told = {name: getattr(row, name) for name in names}
    return WaitingView(priority=Priority(row.priority).name.lower(), **told)


def _plan(lanes: list[LaneSummary], *, parked: bool) -> MailboxOutcome:
    records = sum(one.due + one.later + (one.parked if parked else 0) for one in lanes)
    held = sum(one.held for one in lanes)
    return MailboxOutcome(
        dry_run=True, records=records, held=held, left=records + held, next_cursor=None
    )


def _outcome(done: Done) -> MailboxOutcome:
    return MailboxOutcome(
        dry_run=False,
        records=done.done,
        held=done.held,
        left=done.left,
        next_cursor=None if done.after is None else encode_cursor(done.after),
    )
