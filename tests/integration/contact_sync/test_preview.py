"""A preview of simulated people on a real schema: it reads, and nothing anywhere is changed."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from services.contact_sync.domain.preview import Fate
from services.contact_sync.gateways import CrmGateways, PeersAround
from services.contact_sync.handlers.preview import Asked, Preview, Previewer, preview
from services.contact_sync.handlers.sample import First, Named, Newest, Sample
from services.contact_sync.ports import Connection
from services.contact_sync.store import PostgresStore, metadata
from shared.contracts.settings import Settings
from shared.db.database import Database
from shared.kernel.clock import SystemClock
from shared.kernel.errors import FatalError
from shared.kernel.records import Side
from shared.security.tokens import TokenKey
from shared.web.peers import Peer
from shared.web.peers.clients import CrmClients
from tests.fakes.contact_sync.stage import CONNECTION, MAPPINGS, mapping
from tests.integration.mapping.peers import FakePeers, simulated
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator

PEOPLE = 150
SCOPES = ("crm.objects.contacts.read", "crm.objects.owners.read")
"""No right to write: HubSpot would refuse it."""

READING = ("/batch/read", "/search", "/composite")
"""How the paths of posts end that only ask."""

SETTINGS = Settings(version=0, mappings=MAPPINGS)


@pytest.fixture(scope="module")
def origins() -> Iterator[tuple[str, str]]:
    with simulator("hubspot") as hubspot, simulator("salesforce") as salesforce:
        yield hubspot, salesforce


@pytest.fixture
async def peers(origins: tuple[str, str]) -> FakePeers:
    for seed, origin in enumerate(origins):
        async with SimulatorControl(origin) as control:
            await control.reset()
            await control.seed(people=PEOPLE, seed=7 + seed)
            await control.advance_clock(60)  # HubSpot's search index lags behind
    made = await simulated(*origins)
    async with SimulatorControl(origins[1]) as control:
        await control.order("package", installed=True)
    async with SimulatorControl(origins[0]) as control:
        token = await control.order("token", scopes=list(SCOPES))
    made.granted[Side.HUBSPOT] = token["access_token"]
    return made


@pytest.fixture
async def previewer(store: PostgresStore, peers: FakePeers) -> AsyncIterator[Previewer]:
    async with store.begin() as work:
        await work.connections.save(Connection(CONNECTION, "4711", "00D000000000001"))
    clock = SystemClock()
    async with httpx2.AsyncClient(trust_env=False) as http:
        access = peers.access()
        app = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=peers.app()))
        quota = Peer(
            app,
            base_url="http://peers",
            audience="quota",
            token_key=TokenKey.generate(),
            subject="test",
            clock=clock,
        )
        around = PeersAround(quota, access, "https://app.hubspot.com")
        yield Previewer(store, CrmGateways(CrmClients(http, access), clock), around, clock)
        await app.aclose()


async def tables(database: Database) -> dict[str, list[Any]]:
    """Everything in the schema."""
    async with database.begin() as conn:
        return {
            name: sorted(map(repr, (await conn.execute(select(table))).all()))
            for name, table in metadata.tables.items()
        }


async def look(
    previewer: Previewer,
    database: Database,
    peers: FakePeers,
    sample: Sample,
    settings: Settings = SETTINGS,
) -> Preview:
    """A preview after which schema and CRMs are as before, and which made only calls that read."""
    before = await tables(database)
    worlds = [await world(origin) for origin in peers.origins.values()]
    try:
        return await preview(previewer, Asked(CONNECTION, sample, settings))
    finally:
        assert await tables(database) == before
        assert [await world(origin) for origin in peers.origins.values()] == worlds
        for side in Side:
            for endpoint in await made(peers, side):
                assert endpoint.startswith("GET ") or endpoint.endswith(READING), endpoint


async def world(origin: str) -> list[Any]:
    async with SimulatorControl(origin) as control:
        await control.reset_calls()
        return await control.changes()


async def made(peers: FakePeers, side: Side) -> dict[str, int]:
    """Calls by endpoint, as the CRM counts them."""
    async with SimulatorControl(peers.origins[side]) as control:
        found: dict[str, int] = (await control.calls())["by_endpoint"]
    return found


@pytest.mark.parametrize("sample", [First(200), Newest(200), First(40, Side.SALESFORCE)])
async def test_people_of_two_crms_are_looked_at_and_left_alone(
    previewer: Previewer, database: Database, peers: FakePeers, sample: First | Newest
) -> None:
    found = await look(previewer, database, peers, sample)
    assert found.sampled == sample.number
    assert found.resync.records["contacts"] == PEOPLE
    assert sum(found.resync.records.values()) == 2 * PEOPLE
    assert any(one.fate is Fate.CREATE for one in found.found)
    assert found.left == {}  # this quota keeps no summary
    assert found.pages[Side.SALESFORCE] == peers.origins[Side.SALESFORCE] + "/"
    assert peers.purposes == {"setup"}


async def test_its_calls_are_those_that_the_crms_count(
    previewer: Previewer, database: Database, peers: FakePeers
) -> None:
    counted: dict[Side, int] = {}
    for origin in peers.origins.values():
        async with SimulatorControl(origin) as control:
            await control.reset_calls()
    found = await preview(previewer, Asked(CONNECTION, First(200), SETTINGS))
    for side in Side:
        counted[side] = sum((await made(peers, side)).values())
    assert dict(found.calls) == counted
    assert await tables(database)
    # 100 people of each side: everything fits into a few calls.
    assert max(counted.values()) <= 12


async def test_records_by_their_ids_and_strangers(
    previewer: Previewer, database: Database, peers: FakePeers
) -> None:
    async with SimulatorControl(peers.origins[Side.SALESFORCE]) as control:
        mine = next(iter(await control.records("Contact")))
    other = "003000000000999AAA"
    found = await look(previewer, database, peers, Named(Side.SALESFORCE, (mine[:15], other)))
    assert [one.salesforce_id for one in found.found] == [mine, None]
    assert found.found[1].fate is Fate.NOTHING


async def test_a_field_that_the_org_does_not_have_is_told(
    previewer: Previewer, database: Database, peers: FakePeers
) -> None:
    settings = Settings(version=0, mappings=(*MAPPINGS, mapping("fax", "Nowhere__c")))
    with pytest.raises(FatalError) as refused:
        await look(previewer, database, peers, First(10), settings)
    assert refused.value.code == "INVALID_FIELD"
    assert "@" not in str(refused.value)
