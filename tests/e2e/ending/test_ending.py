"""A connection is disconnected, comes back with all that it had, and is purged for good."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
from typer.testing import CliRunner

from deploy.local.backing import Backing
from deploy.stack.setup import connect, finish
from deploy.stack.stack import Stack, stack
from services.__main__ import TENANTED, app
from shared.db.database import Database
from tests.e2e.conftest import World, opened, wanted
from tests.integration.purges.rows import everything

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

SCHEMAS = TENANTED
LEFT = {f"{name}.purges" for name in TENANTED}
"""Purges are looked after for a while, under the connection's id."""


def say(_line: str) -> None:
    """A test run has its own output."""


@pytest.fixture(scope="module")
def mortal(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A deployment whose connection may end."""
    with stack(wanted(servers, tmp_path_factory.mktemp("logs")), say) as running:
        yield running


@pytest.fixture
async def world(mortal: Stack) -> AsyncIterator[World]:
    async with opened(mortal) as found:
        yield found


async def command(world: World, *words: str) -> str:
    """What `python -m services connection` says; it does not fail."""
    address = ["--url", world.stack.origin, "--token", world.stack.token()]
    ran = await asyncio.to_thread(
        CliRunner().invoke, app, ["connection", words[0], world.connection_id, *words[1:], *address]
    )
    assert ran.exit_code == 0, ran.output
    return ran.output


async def version(world: World) -> int:
    found = await world.admin.get(f"/api/v1/settings/{world.connection_id}")
    return int(found["settings"]["version"])


async def linked(world: World) -> int:
    found = await world.admin.get("/api/v1/records", connection_id=world.connection_id)
    return len(found["items"])


async def test_a_connection_comes_back_with_its_settings_and_links_and_is_then_purged(
    world: World,
) -> None:
    portal = (await world.admin.get(f"/api/v1/connections/{world.connection_id}"))["portal_id"]
    fields = {"email": "grace@end.example", "firstname": "Grace", "lastname": "Hopper"}
    contact = await world.hubspot.create("contacts", fields)
    await world.quiet()
    before = (await version(world), await linked(world))
    assert before[1] > 0

    assert f"add --confirm {portal}" in await command(world, "disconnect")
    await command(world, "disconnect", "--confirm", portal)
    await world.hubspot.edit_many("contacts", [(contact, {"fax": "+1 555 0101"})])
    again = await connect(world.admin, say)
    back = await world.admin.get(f"/api/v1/connections/{again}")
    assert (back["id"], back["state"]) == (world.connection_id, "active")
    await _wait_until_connected(world)
    assert (await version(world), await linked(world)) == before

    await finish(world.admin, world.connection_id, say)
    await world.hubspot.edit_many("contacts", [(contact, {"fax": "+1 555 0102"})])
    await world.quiet()
    people = [
        person
        for person in (await world.salesforce.records("Contact")).values()
        if person.get("Email") == "grace@end.example"
    ]
    assert [person["Fax"] for person in people] == ["+1 555 0102"]

    said = await command(world, "disconnect", "--purge", "--confirm", portal)
    assert "0 are held." in said
    admin = Database.connect(world.stack.database_url, application="test")
    async with admin.begin() as conn:
        assert set(await everything(conn, SCHEMAS, world.connection_id)) <= LEFT
    await admin.close()
    assert "links" in await command(world, "holdings")


async def _wait_until_connected(world: World) -> None:
    """The setup hears of it by an event."""
    async with asyncio.timeout(60):
        while True:
            setup = await world.admin.get(f"/api/v1/setup/{world.connection_id}")
            states = {step["name"]: step["state"] for step in setup["steps"]}
            if states["connect"] == states["package"] == "done":
                return
            await asyncio.sleep(0.2)
