"""What a review looks up, against both simulators."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from services.mapping.domain.lists import HubSpotList
from services.mapping.gateways.lookups import CrmLookups
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType, Side
from shared.web.peers.clients import CrmClients
from tests.integration.mapping.peers import FakePeers, simulated
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator

PEOPLE = 12
SCOPES = (
    "crm.objects.contacts.read",
    "crm.objects.owners.read",
    "crm.lists.read",
    "crm.lists.write",
)


@pytest.fixture(scope="module")
def origins() -> Iterator[tuple[str, str]]:
    with simulator("hubspot") as hubspot, simulator("salesforce") as salesforce:
        yield hubspot, salesforce


@pytest.fixture
async def peers(origins: tuple[str, str]) -> FakePeers:
    for origin in origins:
        async with SimulatorControl(origin) as control:
            await control.reset()
            await control.seed(people=PEOPLE)
            await control.advance_clock(60)  # HubSpot's search index lags behind
    made = await simulated(*origins)
    async with SimulatorControl(origins[0]) as control:
        token = await control.order("token", scopes=list(SCOPES))
    made.granted[Side.HUBSPOT] = token["access_token"]
    return made


@pytest.fixture
async def lookups(peers: FakePeers) -> AsyncIterator[CrmLookups]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        yield CrmLookups(CrmClients(http, peers.access()))


async def new_list(peers: FakePeers, name: str) -> str:
    """A static list of contacts."""
    headers = {"Authorization": f"Bearer {peers.granted[Side.HUBSPOT]}"}
    body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"}
    async with httpx2.AsyncClient(
        base_url=peers.origins[Side.HUBSPOT], headers=headers, trust_env=False
    ) as http:
        answer = await http.post("/crm/lists/2026-09", json=body)
    return str(answer.json()["list"]["listId"])


async def test_lists_in_the_words_of_the_setup(lookups: CrmLookups, peers: FakePeers) -> None:
    list_id = await new_list(peers, "Fair 2025")
    expected = HubSpotList(list_id, "Fair 2025", ObjectType.CONTACT, "MANUAL", 0)
    found = await lookups.lists(new_id(), ObjectType.CONTACT, "fair")
    assert (found.lists, found.more) == ((expected,), False)
    assert await lookups.list_by_id(new_id(), list_id) == expected
    assert await lookups.list_by_id(new_id(), "99999") is None
    assert (await lookups.lists(new_id(), ObjectType.COMPANY, "")).lists == ()


async def test_owners_and_users_by_their_addresses(lookups: CrmLookups) -> None:
    people = await lookups.people(new_id())
    assert people.hubspot
    assert people.salesforce
    addresses = [*people.hubspot.values(), *people.salesforce.values()]
    assert all("@" in address and address == address.lower() for address in addresses)
    assert all(user_id.startswith("005") for user_id in people.salesforce)


async def test_how_many_records_there_are(lookups: CrmLookups, peers: FakePeers) -> None:
    sizes = await lookups.sizes(new_id(), [ObjectType.CONTACT])
    assert sizes.hubspot == {"contact": PEOPLE}
    assert sum(sizes.salesforce.values()) == PEOPLE
    assert set(sizes.salesforce) == {"Contact", "Lead"}
    assert sizes.salesforce_calls_left is not None
    assert peers.purposes == {"setup"}
