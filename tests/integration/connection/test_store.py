from dataclasses import replace

from sqlalchemy import select

from services.connection.domain.connection import Connection, Environment
from services.connection.store import OUTBOX, PostgresStore
from services.connection.store.tables import grants
from shared.db.database import Database
from shared.db.migrate import check
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from shared.outbox.outbox import Outbox
from shared.security.keyring import KeyRing, generate_key
from tests.unit.connection.store_contract import StoreContract, grant_for


class TestPostgresStore(StoreContract):
    """The fixture `store` is the module's."""


def test_the_migrations_make_what_the_code_declares(schema_url: str) -> None:
    check("connection", schema_url)


async def _granted(store: PostgresStore) -> Connection:
    async with store.begin() as work:
        now = await work.now()
        made = Connection(new_id(), Environment.PRODUCTION, now)
        connection = await work.add_connection(made, None)
        await work.save(connection, (grant_for(connection.id, Side.HUBSPOT, now),))
    return connection


async def test_tokens_are_stored_encrypted_and_bound_to_their_place(
    store: PostgresStore, database: Database
) -> None:
    connection = await _granted(store)
    mine = grants.c.connection_id == connection.id
    async with database.begin() as conn:
        row = (await conn.execute(select(grants).where(mine))).mappings().one()
        assert "access" not in row["access_token"]
        assert row["access_token"].startswith("v1.k1.")
        swapped = {"access_token": row["refresh_token"]}
        await conn.execute(grants.update().where(mine).values(swapped))
    async with store.begin() as work:
        grant = (await work.grants([connection.id]))[connection.id][Side.HUBSPOT]
    assert grant.broken_reason is not None
    assert "does not open" in grant.broken_reason


async def test_a_lost_key_breaks_a_grant_only_until_it_is_back(
    store: PostgresStore, database: Database, key: str
) -> None:
    connection = await _granted(store)
    outbox = Outbox(OUTBOX, source="connection")
    rotated = f"k2:{generate_key()}"
    without = PostgresStore(database, outbox=outbox, ring=KeyRing.parse(rotated))
    async with without.begin() as work:
        lost = (await work.grants([connection.id]))[connection.id][Side.HUBSPOT]
    assert lost.broken_reason is not None
    assert "Add that key" in lost.broken_reason
    both = PostgresStore(database, outbox=outbox, ring=KeyRing.parse(f"{rotated},k1:{key}"))
    async with both.begin() as work:
        found = (await work.grants([connection.id]))[connection.id][Side.HUBSPOT]
        assert found.broken_reason is None
        assert found.access_token == "access"
        await work.save(connection, (replace(found, generation=2),))
    async with without.begin() as work:
        again = (await work.grants([connection.id]))[connection.id][Side.HUBSPOT]
    assert again.access_token == "access"
