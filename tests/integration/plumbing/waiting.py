"""Records that wait in the mailbox of the service `plumbing`, in every state that there is."""

from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text

from shared.db.database import Database
from shared.outbox.mail import Claimed, Note
from shared.outbox.mailbox import Mailbox
from shared.outbox.mailbox_operations import MailboxOperations, Waiting, Which
from shared.runtime.service import Service
from tests.integration.plumbing.service import MAILBOX, Plumbing

LEASE = timedelta(seconds=60)
ONE = UUID("11111111-1111-7111-8111-111111111111")
TWO = UUID("22222222-2222-7222-8222-222222222222")


def service(url: str) -> Service:
    """The service with a database of its own, as `build` of a real one makes it."""
    database = Database.connect(url, application="test")
    return Service(name="plumbing", database=database, mailbox=Mailbox(MAILBOX))


async def put(plumbing: Plumbing, *records: str, connection: UUID = ONE) -> None:
    """Live news of contacts in HubSpot."""
    notes = [Note(connection, "contact", "hubspot", record) for record in records]
    async with plumbing.database.begin() as conn:
        await plumbing.mailbox.note(conn, notes)


async def put_many(plumbing: Plumbing, number: int) -> None:
    """So many contacts by one statement."""
    await put(plumbing, "00000")
    rows = """
        INSERT INTO plumbing.mailbox (connection_id, lane, side, record_id, priority, cause)
        SELECT :one, 'contact', 'hubspot', to_char(g, 'FM00000'), 10, '{}'
        FROM generate_series(1, :last) g
    """
    async with plumbing.database.begin() as conn:
        await conn.execute(text(rows), {"one": ONE, "last": number - 1})


async def claim(plumbing: Plumbing, limit: int) -> list[Claimed]:
    """A worker that has so many of them in work."""
    async with plumbing.database.begin() as conn:
        lane = await plumbing.mailbox.claim_lane(conn, holder=uuid4(), lease=LEASE)
        assert lane is not None
        return await plumbing.mailbox.claim(conn, lane, limit=limit, lease=LEASE)


async def one_of_each(plumbing: Plumbing) -> None:
    """`in work`, `failed`, `aside`, `due` of one connection; `other` of another one."""
    mailbox = plumbing.mailbox
    await put(plumbing, "failed")
    failed = await claim(plumbing, 1)
    async with plumbing.database.begin() as conn:
        later = timedelta(minutes=5)
        await mailbox.postpone(conn, failed, due_in=later, reason="locked", count_attempt=True)
        await conn.execute(text("UPDATE plumbing.lanes SET held_until = NULL"))
    await put(plumbing, "in work")
    await claim(plumbing, 1)
    await put(plumbing, "aside", "due")
    await put(plumbing, "other", connection=TWO)
    async with plumbing.database.begin() as conn:
        operations = MailboxOperations(mailbox)
        await operations.park(conn, Which(record_id="aside"), by="bob", why="too many")


async def rows(plumbing: Plumbing) -> dict[str, Waiting]:
    """What waits now, by record."""
    async with plumbing.database.begin() as conn:
        found = await MailboxOperations(plumbing.mailbox).page(conn, Which(), limit=10_000)
    return {row.record_id: row for row in found}


async def parked(plumbing: Plumbing) -> set[str]:
    """The records that are parked now."""
    return {record for record, row in (await rows(plumbing)).items() if row.parked}
