"""Nothing leaks: the last file, when all that the others did is in the logs."""

from urllib.parse import urlsplit

import asyncpg
import httpx2
import pytest

from shared.security.keyring import KeyRing
from tests.e2e.audit import audit
from tests.e2e.conftest import World
from tests.e2e.hostile.people import identity

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]


async def test_p29_no_secret_and_no_address_is_in_any_log(world: World) -> None:
    """The last test: everything that this module did is in the logs by now."""
    await audit(world)
    secrets = await secrets_of(world)
    logs = {path.name: path.read_text(errors="replace") for path in world.stack.logs.iterdir()}
    assert logs["services.log"]
    told = [
        (name, kind)
        for name, text in logs.items()
        for kind, values in secrets.items()
        if any(value in text for value in values)
    ]
    assert told == []


async def secrets_of(world: World) -> dict[str, list[str]]:
    keys = world.stack.keys
    people = [*(await world.hubspot.records("contacts")).values()]
    people += (await world.salesforce.records("Contact")).values()
    found = [person.get("email") or person.get("Email") for person in people]
    service = identity(world, "/tokens/")
    tokens = []
    async with httpx2.AsyncClient(base_url=world.stack.origin, headers=service) as http:
        for side in ("hubspot", "salesforce"):
            path = f"/api/v1/connections/{world.connection_id}/tokens/{side}"
            tokens.append((await http.post(path, json={})).json()["access_token"])
    return {
        "client secret": [keys.hubspot_client, keys.salesforce_client],
        "key": [keys.token_key, keys.key_ring.partition(":")[2], keys.hash_key, keys.session_key],
        "access token": tokens,
        "refresh token": await refresh_tokens(world),
        "database password": [
            urlsplit(url).password or "-"
            for name, url in world.stack.environ.items()
            if name.endswith("_DATABASE_URL")
        ],
        "address": [str(one) for one in found if one],
    }


async def refresh_tokens(world: World) -> list[str]:
    """Out of the database, where they are encrypted."""
    ring = KeyRing.parse(world.stack.keys.key_ring)
    conn = await asyncpg.connect(world.stack.database_url)
    try:
        rows = await conn.fetch("SELECT connection_id, side, refresh_token FROM connection.grants")
    finally:
        await conn.close()
    assert len(rows) == 2
    return [
        ring.decrypt(
            row["refresh_token"],
            context=f"connection/{row['connection_id']}/{row['side']}/refresh_token",
        ).decode()
        for row in rows
    ]
