"""Whatever the tenants have, a purge counts one's rows and touches no other's."""

import asyncio
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.contact_sync.store.purges import PURGES
from shared.db.database import Database
from tests.integration.purges.conftest import Tenancy
from tests.integration.purges.rows import everything, put

MANY = ("imports", "journal", "links", "parked")
COUNTS = st.fixed_dictionaries({name: st.integers(0, 7) for name in MANY})


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(COUNTS, COUNTS)
def test_a_purge_counts_one_tenant_and_touches_no_other(
    urls: dict[str, str], gone: dict[str, int], stays: dict[str, int]
) -> None:
    asyncio.run(_purged(urls["contact_sync"], gone, stays))


async def _purged(url: str, gone: dict[str, int], stays: dict[str, int]) -> None:
    database = Database.connect(url, application="test")
    tenancy = Tenancy("contact_sync", database, PURGES)
    tables = {table.name: table for table in tenancy.tables}
    mortal, other = uuid4(), uuid4()
    for tenant, counts in ((mortal, gone), (other, stays)):
        for name, rows in counts.items():
            if rows:
                await put(database, [tables[name]], tenant, rows=rows)
    async with database.begin() as conn:
        before = await everything(conn, ["contact_sync"], str(other))
        await PURGES.order(conn, mortal)

    await tenancy.work_off()

    async with database.begin() as conn:
        report = await PURGES.report(conn, mortal)
        assert await everything(conn, ["contact_sync"], str(other)) == before
        assert await PURGES.held(conn, mortal) == {}
    assert report is not None
    assert report.deleted == {name: rows for name, rows in gone.items() if rows}
    await database.close()
