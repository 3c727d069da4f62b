"""The gateway against both simulators."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from services.mapping.domain.model import CONTACT_OBJECTS, Kind, Rule
from services.mapping.domain.recommend import recommend
from services.mapping.gateways import CrmCatalogues
from shared.crm.errors import CrmAuthError
from shared.crm.hubspot.property_list import PropertyDefinition
from shared.kernel.errors import FatalError, RetriableError
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType, Side
from shared.web.peers.clients import CrmClients
from tests.integration.mapping.peers import FakePeers, simulated
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator


@pytest.fixture
def hubspot() -> Iterator[str]:
    """A portal of its own for each test: property definitions outlive a reset."""
    with simulator("hubspot") as url:
        yield url


@pytest.fixture(scope="module")
def salesforce() -> Iterator[str]:
    with simulator("salesforce") as url:
        yield url


@pytest.fixture
async def peers(hubspot: str, salesforce: str) -> FakePeers:
    async with SimulatorControl(salesforce) as control:
        await control.reset()
    return await simulated(hubspot, salesforce)


@pytest.fixture
async def clients(peers: FakePeers) -> AsyncIterator[CrmClients]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        yield CrmClients(http, peers.access())


@pytest.fixture
def gateway(clients: CrmClients) -> CrmCatalogues:
    return CrmCatalogues(clients)


async def test_reads_the_fields_of_both_sides(gateway: CrmCatalogues, peers: FakePeers) -> None:
    catalogue = await gateway.read_catalogue(new_id())
    assert set(catalogue.salesforce) == set(CONTACT_OBJECTS)
    email = catalogue.properties(ObjectType.CONTACT)["email"]
    assert (email.type, email.field_type, email.read_only) == ("string", "text", False)
    assert catalogue.properties(ObjectType.CONTACT)["createdate"].read_only
    last_name = catalogue.salesforce["Contact"]["LastName"]
    assert (last_name.type, last_name.length, last_name.writable) == ("string", 80, True)
    assert catalogue.salesforce["Lead"]["OwnerId"].references[-1] == "User"
    assert not catalogue.salesforce["Contact"]["CreatedDate"].writable
    assert peers.purposes == {"setup"}


async def test_the_defaults_fit_ordinary_accounts(gateway: CrmCatalogues) -> None:
    found = recommend(await gateway.read_catalogue(new_id())).mappings
    by_pair = {(m.wanted.hubspot_property, m.wanted.salesforce_field): m for m in found}
    assert {
        ("email", "Email"),
        ("firstname", "FirstName"),
        ("lastname", "LastName"),
        ("phone", "Phone"),
        ("mobilephone", "MobilePhone"),
        ("jobtitle", "Title"),
        ("company", "Company"),
        ("website", "Website"),
        ("address", "MailingStreet"),
        ("address", "Street"),
        ("city", "MailingCity"),
        ("zip", "PostalCode"),
        ("country", "Country"),
        ("hubspot_owner_id", "OwnerId"),
    } <= set(by_pair)
    assert by_pair["email", "Email"].wanted.rule is Rule.TWO_WAY
    owner = by_pair["hubspot_owner_id", "OwnerId"]
    assert (owner.kind, owner.wanted.rule) == (Kind.OWNER, Rule.TWO_WAY)
    assert by_pair["phone", "Phone"].kind is Kind.PHONE


async def test_makes_the_key_once(gateway: CrmCatalogues, clients: CrmClients) -> None:
    connection_id = new_id()
    await gateway.ensure_key_properties(connection_id)
    await gateway.ensure_key_properties(connection_id)
    async with clients.open(connection_id, purpose="setup") as (hubspot, _):
        for name in ("contacts", "tasks"):
            found = {item.name: item for item in await hubspot.properties(name)}
            key = found["causeway_key"]
            assert (key.has_unique_value, key.group_name, key.type) == (True, "causeway", "string")


async def test_a_key_that_is_not_unique_is_refused(
    gateway: CrmCatalogues, clients: CrmClients
) -> None:
    connection_id = new_id()
    plain = PropertyDefinition(
        name="causeway_key",
        label="Mine",
        type="string",
        field_type="text",
        group_name="contactinformation",
    )
    async with clients.open(connection_id, purpose="setup") as (hubspot, _):
        await hubspot.create_properties("contacts", [plain])
    with pytest.raises(FatalError, match="not unique") as refused:
        await gateway.ensure_key_properties(connection_id)
    assert refused.value.code == "key_property_not_unique"


async def test_too_many_unique_properties_are_told(
    gateway: CrmCatalogues, clients: CrmClients
) -> None:
    connection_id = new_id()
    unique = [
        PropertyDefinition(
            name=f"unique_{number}",
            label=f"Unique {number}",
            type="string",
            field_type="text",
            group_name="contactinformation",
            has_unique_value=True,
        )
        for number in range(10)
    ]
    async with clients.open(connection_id, purpose="setup") as (hubspot, _):
        await hubspot.create_properties("contacts", unique)
    with pytest.raises(FatalError, match="ten unique properties") as refused:
        await gateway.ensure_key_properties(connection_id)
    assert refused.value.code == "key_property_refused"


async def test_a_hidden_field_is_not_recommended(gateway: CrmCatalogues, salesforce: str) -> None:
    async with SimulatorControl(salesforce) as control:
        await control.switches({"hidden_fields": {"Contact": ["Phone"], "Lead": ["Phone"]}})
    found = recommend(await gateway.read_catalogue(new_id()))
    assert "phone" not in {m.wanted.hubspot_property for m in found.mappings}
    assert "the connected Salesforce user sees no Phone" in {item.why for item in found.left_out}


async def test_a_dead_grant_and_an_empty_quota(gateway: CrmCatalogues, peers: FakePeers) -> None:
    peers.dead.add(Side.SALESFORCE)
    with pytest.raises(CrmAuthError):
        await gateway.read_catalogue(new_id())
    peers.dead.clear()
    peers.calls_left = 0
    with pytest.raises(RetriableError) as exhausted:
        await gateway.read_catalogue(new_id())
    assert exhausted.value.retry_after == 1800
