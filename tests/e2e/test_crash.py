"""A worker dies between the CRM write and its settle: one record, and a journal that is true."""

import asyncio
from collections.abc import Iterator

import pytest

from deploy.local.backing import Backing
from deploy.stack.stack import Stack, stack
from tests.e2e.conftest import World, opened, wanted

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

WORKER = "contact_sync"
PATIENCE_SECONDS = 30.0


@pytest.fixture(scope="module")
def split(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A deployment whose contact_sync worker is a process of its own."""
    logs = tmp_path_factory.mktemp("split")
    with stack(wanted(servers, logs, apart=(WORKER,)), lambda _line: None) as running:
        yield running


async def until_written(world: World, side: str, email: str) -> None:
    """The CRM has the record; its answer is still on the way to the worker."""
    simulator = world.salesforce if side == "salesforce" else world.hubspot
    objects, field = ("Contact", "Email") if side == "salesforce" else ("contacts", "email")
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            people = (await simulator.records(objects)).values()
            if any(person.get(field) == email for person in people):
                return
            await asyncio.sleep(0.02)


async def kill_after_the_write(world: World, side: str, match: str, email: str) -> None:
    """The write takes effect, its answer drips, and the worker is killed meanwhile."""
    simulator = world.salesforce if side == "salesforce" else world.hubspot
    fault = {"match": match, "kind": "slow_body", "seconds": 20, "times": 1}
    await simulator.post("faults", fault)
    if side == "salesforce":
        await world.hubspot.create("contacts", {"email": email, "lastname": "Survivor"})
    else:
        await world.salesforce.create("Contact", {"Email": email, "LastName": "Survivor"})
    await until_written(world, side, email)
    world.stack.children[WORKER].kill()
    world.stack.start_worker(WORKER)
    await world.quiet()


@pytest.mark.parametrize(
    ("side", "match", "email"),
    [
        ("salesforce", "PATCH /services/data/*/composite/sobjects/*", "crash1@e2e.example"),
        ("hubspot", "POST /crm/objects/*/contacts/batch/upsert", "crash2@e2e.example"),
    ],
)
async def test_i6_killed_between_write_and_settle_there_is_one_record_on_each_side(
    split: Stack, side: str, match: str, email: str
) -> None:
    async with opened(split) as world:
        await kill_after_the_write(world, side, match, email)

        person, contact = await world.salesforce_person(email), await world.hubspot_person(email)
        journal = await world.admin.get(
            "/api/v1/journal", connection_id=world.connection_id, record=str(person["Id"])
        )
        creations = [e for e in journal["items"] if e["operation"] == "create"]
        assert [e["status"] for e in creations] == ["confirmed"]
        assert creations[0]["side"] == side
        assert {e["hubspot_id"] for e in journal["items"]} == {contact["id"]}
