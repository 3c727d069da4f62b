"""Dead letters over REST: operators look, admins replay and discard."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, model_validator

from shared.messaging.dead_letters import DeadLetters, Done, Look
from shared.messaging.dead_letters_content import Content
from shared.messaging.dead_letters_reading import Wanted
from shared.runtime.service import Service
from shared.security.tokens import Principal
from shared.web.guard import Guard
from shared.web.paging import Page, decode_place, encode_cursor
from shared.web.problems import Problem

AT_ONCE = 500
"""Messages that one request takes from one queue: 0.3 s where they are small, 7 s for a replay of
full ones, within the patience of a proxy. The answer says how many were not looked at."""

MAX_PAGE = 200
MAX_IDS = 200
"""More than these are named by their code or connection."""


class LetterView(BaseModel):
    """One dead letter: what it is about, and why it is here; `events` is 0 if it is unreadable."""

    model_config = ConfigDict(from_attributes=True)

    id: str
    queue: str
    message_id: str
    event: str
    connections: list[UUID]
    subject: str
    time: datetime | None
    code: str
    error: str
    events: int
    size: int = Field(description="bytes of the body")
    sha256: str = Field(description="of the body, which is never shown itself")


class EventView(BaseModel):
    """One event of a letter: its envelope, and each field of its data in words, not by value."""

    id: UUID
    source: str
    type: str
    time: datetime
    subject: str
    connection_id: UUID
    traceparent: str | None
    fields: dict[str, str]


class LetterDetails(LetterView):
    """A letter with what is in it; no contents when the body cannot be read."""

    contents: list[EventView]


class LetterPage(Page[LetterView]):
    """Letters, the oldest event first. `not_looked_at` letters stand behind those looked at."""

    waiting: int
    not_looked_at: int


class Selection(BaseModel):
    """Which letters: every condition that is given holds; `all` is needed where nothing is given.

    `ids` are letters' or messages' ids. Nothing happens while `dry_run` is true: the answer says
    what would.
    """

    model_config = ConfigDict(extra="forbid")

    dry_run: bool = True
    queue: str | None = None
    connection_id: UUID | None = None
    code: str | None = None
    ids: list[str] = Field(default_factory=list, max_length=MAX_IDS)
    all: bool = False

    @model_validator(mode="after")
    def _says_which(self) -> "Selection":
        narrowed = self.wanted != Wanted()
        if self.all and narrowed:
            raise ValueError("all means every letter: leave it out, or the conditions")
        if not (self.all or narrowed or self.queue):
            raise ValueError("say which letters (queue, connection_id, code, ids), or all: true")
        return self

    @property
    def wanted(self) -> Wanted:
        """The conditions on a letter."""
        return Wanted(self.connection_id, self.code, frozenset(self.ids))


class Outcome(BaseModel):
    """What was done, or in a dry run would be. Ask again while `not_looked_at` is not 0."""

    dry_run: bool
    letters: int
    codes: dict[str, int] = Field(description="letters by code; of a dry run only")
    left: int = Field(description="letters that are still in these queues")
    not_looked_at: int


def routes(service: Service, guard: Guard, *, amqp_url: str, namespace: str) -> APIRouter:
    """The routes of one service; no queue is opened before a request asks for it."""
    desks = {
        one.queue: DeadLetters(amqp_url, one, namespace=namespace) for one in service.subscriptions
    }
    router = APIRouter(
        prefix=f"/api/v1/operations/{service.name}/dead-letters", tags=["operations"]
    )
    _reading(router, guard, desks)
    _acting(router, guard, desks)
    return router


def _reading(router: APIRouter, guard: Guard, desks: dict[str, DeadLetters]) -> None:
    @router.get("", dependencies=[Depends(guard.operator)])
    async def dead_letters(
        queue: str | None = None,
        connection_id: UUID | None = None,
        code: str | None = None,
        cursor: str | None = None,
        limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = 50,
    ) -> LetterPage:
        """The dead letters of this service."""
        behind = decode_place(cursor, str, str) if cursor else None
        wanted = Wanted(connection_id, code)
        looks = [await desk.look(wanted, at_most=AT_ONCE) for desk in _of(desks, queue)]
        return _page(looks, behind, limit)

    @router.get("/{letter_id}", dependencies=[Depends(guard.operator)])
    async def dead_letter(letter_id: str) -> LetterDetails:
        """One letter by its id: the attributes of its events and the names of their fields."""
        for desk in desks.values():
            found = await desk.find(letter_id, at_most=AT_ONCE)
            if found is not None:
                view = LetterView.model_validate(found.letter)
                contents = [_event(content) for content in found.contents]
                return LetterDetails(**view.model_dump(), contents=contents)
        raise Problem(
            404,
            type="dead-letter-unknown",
            title="There is no such dead letter",
            detail=f"No letter of that id is among the first {AT_ONCE} of this service's queues. "
            "It was replayed or discarded, or belongs to another service.",
        )


def _acting(router: APIRouter, guard: Guard, desks: dict[str, DeadLetters]) -> None:
    admin = Annotated[Principal, Depends(guard.admin)]

    @router.post("/replay")
    async def replay(which: Selection, who: admin) -> Outcome:
        """Put letters back into their queues. What was handled already has no second effect."""
        chosen = _of(desks, which.queue)
        if which.dry_run:
            return await _plan(chosen, which.wanted)
        return _sum([await d.replay(which.wanted, by=who.subject, at_most=AT_ONCE) for d in chosen])

    @router.post("/discard")
    async def discard(which: Selection, who: admin) -> Outcome:
        """Take letters away for good; the log keeps what each was about and who did it."""
        chosen = _of(desks, which.queue)
        if which.dry_run:
            return await _plan(chosen, which.wanted)
        return _sum(
            [await d.discard(which.wanted, by=who.subject, at_most=AT_ONCE) for d in chosen]
        )


def _of(desks: dict[str, DeadLetters], queue: str | None) -> list[DeadLetters]:
    if queue is None:
        return list(desks.values())
    if queue not in desks:
        raise Problem(
            404,
            type="queue-unknown",
            title="There is no such queue",
            detail=f"This service has the queues {', '.join(desks)}.",
        )
    return [desks[queue]]


def _page(looks: Sequence[Look], behind: tuple[str, ...] | None, limit: int) -> LetterPage:
    """The letters behind a place; one that is gone meanwhile moves no other."""
    letters = sorted((each for look in looks for each in look.letters), key=lambda one: one.place)
    rest = [one for one in letters if behind is None or one.place > behind]
    some = rest[:limit]
    return LetterPage(
        items=[LetterView.model_validate(one) for one in some],
        next_cursor=encode_cursor(some[-1].place) if len(rest) > limit else None,
        waiting=sum(look.waiting for look in looks),
        not_looked_at=sum(look.beyond for look in looks),
    )


def _event(content: Content) -> EventView:
    sent = content.envelope
    return EventView(
        id=sent.id,
        source=sent.source,
        type=sent.type,
        time=sent.time,
        subject=sent.subject,
        connection_id=sent.connection_id,
        traceparent=sent.traceparent,
        fields=dict(content.fields),
    )


async def _plan(desks: Sequence[DeadLetters], wanted: Wanted) -> Outcome:
    looks = [await desk.look(wanted, at_most=AT_ONCE) for desk in desks]
    codes = Counter(letter.code for look in looks for letter in look.letters)
    return Outcome(
        dry_run=True,
        letters=codes.total(),
        codes=dict(codes),
        left=sum(look.waiting for look in looks),
        not_looked_at=sum(look.beyond for look in looks),
    )


def _sum(all_done: Sequence[Done]) -> Outcome:
    return Outcome(
        dry_run=False,
        letters=sum(each.done for each in all_done),
        codes={},
        left=sum(each.left for each in all_done),
        not_looked_at=sum(each.beyond for each in all_done),
    )
