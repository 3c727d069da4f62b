"""A purge leaves nothing of a tenant in any table of any service, and nothing else changes."""

import asyncio
from collections.abc import Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, insert, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from services.contact_sync.store.tables import connections as contact_connections
from services.contact_sync.store.tables import journal, links
from shared.contracts.connection import ConnectionRemoved
from shared.contracts.mapping import SyncStarted
from shared.db.aside import aside_id
from shared.db.database import Database
from shared.db.purge import AT_ONCE, WATCH, Bite, receipt_of
from shared.kernel.clock import SystemClock
from shared.messaging.envelope import Envelope, envelope_for
from shared.outbox.inbox import Inbox, transactional
from tests.integration.purges.conftest import ALL, Tenancy
from tests.integration.purges.rows import everything, put, row_for


def named(tenancies: Sequence[Tenancy], name: str) -> Tenancy:
    return next(one for one in tenancies if one.name == name)


async def order(tenancy: Tenancy, connection_id: UUID) -> None:
    async with tenancy.database.begin() as conn:
        await tenancy.purges.order(conn, connection_id)


async def much_later(tenancy: Tenancy) -> None:
    """The time in which a purge is looked after is over."""
    table = tenancy.purges.table
    async with tenancy.database.begin() as conn:
        await conn.execute(update(table).values(done_at=table.c.done_at - WATCH, due_at=func.now()))


async def test_nothing_is_left_in_any_table_and_other_tenants_are_as_they_were(
    tenancies: list[Tenancy], admin: Database
) -> None:
    gone, stays = uuid4(), uuid4()
    for tenancy in tenancies:
        for tenant in (gone, stays):
            await put(tenancy.database, tenancy.tables, tenant)
    async with admin.begin() as conn:
        before = await everything(conn, ALL, str(stays))
        assert len(await everything(conn, ALL, str(gone))) == len(before)
    assert len(before) == sum(len(one.tables) for one in tenancies)

    for tenancy in tenancies:
        await order(tenancy, gone)
        await tenancy.work_off()

    async with admin.begin() as conn:
        assert set(await everything(conn, ALL, str(gone))) == {f"{name}.purges" for name in ALL}
    for tenancy in tenancies:
        await much_later(tenancy)
        await tenancy.work_off()
    async with admin.begin() as conn:
        assert await everything(conn, ALL, str(gone)) == {}
        assert await everything(conn, ALL, str(stays)) == before


async def test_every_table_that_names_a_connection_is_purged(
    tenancies: list[Tenancy], admin: Database
) -> None:
    """A table of a later migration needs no line of code, and none is forgotten."""
    async with admin.begin() as conn:
        columns = await conn.execute(
            text(
                "SELECT table_schema || '.' || table_name FROM information_schema.columns "
                "WHERE column_name = 'connection_id' AND table_schema = ANY(:schemas)"
            ),
            {"schemas": list(ALL)},
        )
        named_there = set(columns.scalars())
    purged = {f"{one.name}.{table.name}" for one in tenancies for table in one.tables}
    assert named_there - purged == {"connection.outbox"}


async def test_what_was_deleted_is_told_by_table(tenancies: list[Tenancy]) -> None:
    tenancy, tenant = named(tenancies, "contact_sync"), uuid4()
    await put(tenancy.database, [journal, links], tenant, rows=3)
    await put(tenancy.database, [contact_connections], tenant)
    async with tenancy.database.begin() as conn:
        held = await tenancy.purges.held(conn, tenant)
        assert await tenancy.purges.report(conn, tenant) is None
    assert held == {"journal": 3, "links": 3, "connections": 1}

    await order(tenancy, tenant)
    await tenancy.work_off()

    async with tenancy.database.begin() as conn:
        report = await tenancy.purges.report(conn, tenant)
        assert await tenancy.purges.held(conn, tenant) == {}
    assert report is not None
    assert report.deleted == held
    assert report.done_at is not None


async def test_rows_of_orgs_that_were_left_go_too(tenancies: list[Tenancy]) -> None:
    for name in ("contact_sync", "activity_sync"):
        tenancy, tenant = named(tenancies, name), uuid4()
        there = [table for table in tenancy.tables if table.name in {"journal", "people", "links"}]
        await put(tenancy.database, there, aside_id(tenant, "00DOLD"))
        (own,) = [table for table in tenancy.tables if table.name == "connections"]
        async with tenancy.database.begin() as conn:
            await conn.execute(insert(own), [{**row_for(own, tenant), "left_orgs": ["00DOLD"]}])
            assert sum((await tenancy.purges.held(conn, tenant)).values()) == len(there) + 1
        await order(tenancy, tenant)
        await tenancy.work_off()
        async with tenancy.database.begin() as conn:
            report = await tenancy.purges.report(conn, tenant)
        assert report is not None
        assert sum(report.deleted.values()) == len(there) + 1


async def test_a_large_tenant_goes_in_bites_and_a_crash_costs_the_bite(
    tenancies: list[Tenancy],
) -> None:
    tenancy, tenant = named(tenancies, "contact_sync"), uuid4()
    await put(tenancy.database, [journal], tenant, rows=2 * AT_ONCE + 10)
    await order(tenancy, tenant)

    async def bite() -> Bite:
        async with tenancy.database.begin() as conn:
            found = await tenancy.purges.bite(conn)
        assert found is not None
        return found

    assert await bite() == Bite(tenant, AT_ONCE, news=False)
    with pytest.raises(RuntimeError, match="the process dies"):
        await _died_in_a_bite(tenancy)
    async with tenancy.database.begin() as conn:
        assert await tenancy.purges.held(conn, tenant) == {"journal": AT_ONCE + 10}
        halfway = await tenancy.purges.report(conn, tenant)
    assert halfway is not None
    assert (halfway.deleted, halfway.done_at) == ({"journal": AT_ONCE}, None)
    assert (await bite()).rows == AT_ONCE
    assert (await bite()).rows == 10
    assert await bite() == Bite(tenant, 0, news=True)
    await tenancy.work_off()
    async with tenancy.database.begin() as conn:
        done = await tenancy.purges.report(conn, tenant)
    assert done is not None
    assert done.deleted == {"journal": 2 * AT_ONCE + 10}


async def _died_in_a_bite(tenancy: Tenancy) -> None:
    async with tenancy.database.begin() as conn:
        assert await tenancy.purges.bite(conn) is not None
        raise RuntimeError("the process dies")


async def test_two_workers_share_the_purges_and_count_every_row_once(
    tenancies: list[Tenancy],
) -> None:
    tenancy, tenants = named(tenancies, "contact_sync"), [uuid4() for _ in range(3)]
    for tenant in tenants:
        await put(tenancy.database, [journal, links], tenant, rows=50)
        await order(tenancy, tenant)
        await order(tenancy, tenant)

    await asyncio.gather(tenancy.work_off(), tenancy.work_off())
    await tenancy.work_off()

    async with tenancy.database.begin() as conn:
        reports = [await tenancy.purges.report(conn, tenant) for tenant in tenants]
    assert [one and one.deleted for one in reports] == [{"journal": 50, "links": 50}] * 3


async def test_what_work_under_way_stores_afterwards_goes_as_well(
    tenancies: list[Tenancy],
) -> None:
    tenancy, tenant = named(tenancies, "quota"), uuid4()
    await order(tenancy, tenant)
    await tenancy.work_off()
    await put(tenancy.database, tenancy.tables, tenant)
    table = tenancy.purges.table
    mine = table.c.receipt == receipt_of(tenant)
    async with tenancy.database.begin() as conn:
        await conn.execute(update(table).where(mine).values(due_at=func.now()))

    await tenancy.work_off()

    async with tenancy.database.begin() as conn:
        assert await tenancy.purges.held(conn, tenant) == {}
        report = await tenancy.purges.report(conn, tenant)
    assert report is not None
    assert sum(report.deleted.values()) == len(tenancy.tables)


async def test_an_event_orders_the_purge_and_what_comes_later_is_of_nobody(
    tenancies: list[Tenancy],
) -> None:
    for tenancy in tenancies:
        if tenancy.name == "connection":
            continue
        heard: list[str] = []

        async def handle(
            _conn: AsyncConnection, batch: Sequence[Envelope], told: list[str] = heard
        ) -> None:
            told += [one.type.split(".")[2] for one in batch]

        inbox = Inbox(tenancy.purges.table.metadata.tables[f"{tenancy.name}.inbox"], tenancy.purges)
        deliver = transactional(tenancy.database, inbox, "q", handle)
        gone, stays = uuid4(), uuid4()
        await deliver([_event(gone, ConnectionRemoved(purge=True))])
        await deliver([_event(gone, SyncStarted()), _event(stays, SyncStarted())])
        await deliver([_event(stays, ConnectionRemoved())])
        await deliver([_event(gone, ConnectionRemoved(purge=True))])
        assert heard == ["ConnectionRemoved", "SyncStarted", "ConnectionRemoved"]
        async with tenancy.database.begin() as conn:
            assert await tenancy.purges.report(conn, gone) is not None
            assert await tenancy.purges.report(conn, stays) is None


def _event(connection_id: UUID, event: ConnectionRemoved | SyncStarted) -> Envelope:
    return envelope_for(
        event,
        source="test",
        subject="",
        connection_id=connection_id,
        now=SystemClock().now(),
        traceparent=None,
    )
