"""What a test does to a mailbox, in a word each."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID, uuid4

from shared.outbox.mail import Claimed, Lane, Note, Priority
from tests.contracts.plumbing.mailboxes import Offices

LEASE = timedelta(seconds=60)
ONE = UUID("11111111-1111-7111-8111-111111111111")
TWO = UUID("22222222-2222-7222-8222-222222222222")


def note(
    record: str = "1",
    *,
    connection: UUID = ONE,
    lane: str = "contact",
    side: str = "hubspot",
    priority: int = Priority.LIVE,
    kind: str = "updated",
) -> Note:
    return Note(connection, lane, side, record, priority, {"kind": kind}, f"trace-{kind}")


async def put(office: Offices, *notes: Note) -> None:
    async with office.begin() as mail:
        await mail.note(notes)


async def lane_of(office: Offices, *, lease: timedelta = LEASE) -> Lane | None:
    async with office.begin() as mail:
        return await mail.claim_lane(holder=uuid4(), lease=lease)


async def held_lane(office: Offices) -> Lane:
    lane = await lane_of(office)
    assert lane is not None
    return lane


async def claim(office: Offices, lane: Lane, *, limit: int = 10) -> list[Claimed]:
    async with office.begin() as mail:
        return await mail.claim(lane, limit=limit, lease=LEASE)


async def settle(office: Offices, done: Sequence[Claimed]) -> None:
    async with office.begin() as mail:
        await mail.settle(done)


async def postpone(office: Offices, rows: Sequence[Claimed], *, count: bool = True) -> None:
    async with office.begin() as mail:
        await mail.postpone(rows, due_in=timedelta(minutes=5), reason="locked", count_attempt=count)


async def waiting(office: Offices) -> int:
    return sum(depth.records for depth in await office.depth())
