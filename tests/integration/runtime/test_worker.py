"""A real worker between Postgres and RabbitMQ: topology, relay, consumer, readiness, stop."""

import asyncio

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine

from shared.db.database import Database
from shared.db.provision import provision_async
from tests.integration.runtime.postbox import METADATA, OUTBOX
from tests.integration.runtime.test_process import PATIENCE, running, start, until

pytestmark = pytest.mark.xdist_group("broker")
MODULE = "tests.integration.runtime.postbox"


@pytest.fixture
async def database_url(admin_url: str, database_name: str) -> str:
    urls = await provision_async(admin_url, database=database_name, passwords={"postbox": "p"})
    url = urls["postbox"]
    engine = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:"))
    async with engine.begin() as conn:
        await conn.run_sync(METADATA.create_all)
    await engine.dispose()
    return url


async def test_an_event_goes_round_and_the_worker_stops_clean(
    database_url: str, amqp_url: str
) -> None:
    options = {"CAUSEWAY_AMQP_URL": amqp_url, "CAUSEWAY_POSTBOX_DATABASE_URL": database_url}
    declared = await start("topology", module=MODULE, **options)
    _, errors = await asyncio.wait_for(declared.communicate(), PATIENCE)
    assert declared.returncode == 0, errors.decode()

    async with running("worker", module=MODULE, **options) as worker:
        assert worker.process.stdout is not None
        heard = await asyncio.wait_for(worker.process.stdout.readline(), PATIENCE)
        assert heard == b"heard:hubspot\n"
        assert (await worker.get("/readyz")).json() == {
            "status": "ok",
            "checks": {"process": "ok", "postbox.database": "ok", "postbox.relay": "ok"},
        }
        worker.signal()
        assert await worker.ended() == (0, [])
    assert [line["event"] for line in worker.log if line["level"] in {"error", "warning"}] == []

    database = Database.connect(database_url, application="test")
    async with database.begin() as conn:
        left = (await conn.execute(select(func.count()).select_from(OUTBOX))).scalar_one()
    await database.close()
    assert left == 0


async def test_without_a_broker_it_lives_waits_and_says_so(database_url: str) -> None:
    options = {"CAUSEWAY_POSTBOX_DATABASE_URL": database_url}
    async with running("worker", module=MODULE, **options) as worker:

        async def told() -> bool:
            answer = await worker.get("/readyz")
            assert answer.status_code == 503
            return "no connection" in answer.json()["checks"]["postbox.relay"]

        await until(told)
        assert (await worker.get("/healthz")).status_code == 200
        worker.signal()
        assert await worker.ended() == (0, [])
