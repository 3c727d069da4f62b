"""The gateway against both simulators."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from services.mapping.domain.model import Kind, Option, Pipeline, Rule, Stage
from services.mapping.domain.properties import GROUP, Creation
from services.mapping.domain.recommend import recommend
from services.mapping.domain.shapes import NewProperty
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

EVERYTHING = tuple(
    f"crm.schemas.{name}.{verb}"
    for name in ("contacts", "companies", "deals")
    for verb in ("read", "write")
)


async def grant(peers: FakePeers, hubspot: str, *scopes: str) -> None:
    """A portal whose admin granted these scopes."""
    async with SimulatorControl(hubspot) as control:
        answer = await control.order("token", scopes=list(scopes))
    peers.granted[Side.HUBSPOT] = answer["access_token"]


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
    assert set(catalogue.salesforce) == {"Contact", "Lead", "Account", "Opportunity", "Task"}
    email = catalogue.properties(ObjectType.CONTACT)["email"]
    assert (email.type, email.field_type, email.read_only) == ("string", "text", False)
    assert catalogue.properties(ObjectType.CONTACT)["createdate"].read_only
    last_name = catalogue.salesforce["Contact"]["LastName"]
    assert (last_name.type, last_name.length, last_name.writable) == ("string", 80, True)
    assert catalogue.salesforce["Lead"]["OwnerId"].references[-1] == "User"
    assert not catalogue.salesforce["Contact"]["CreatedDate"].writable
    assert peers.purposes == {"setup"}
    await gateway.read_catalogue(new_id(), background=True)
    assert peers.purposes == {"setup", "poll"}


async def test_what_the_grant_does_not_reach_is_left_unread(gateway: CrmCatalogues) -> None:
    catalogue = await gateway.read_catalogue(new_id())
    assert {(item.side, item.object_name) for item in catalogue.unread} == {
        (Side.HUBSPOT, "company"),
        (Side.HUBSPOT, "deal"),
    }
    assert "crm.schemas.deals.read" in catalogue.unread[1].why
    assert set(catalogue.hubspot) == {ObjectType.CONTACT, ObjectType.TASK}
    assert catalogue.pipelines == ()


async def test_pipelines_and_stages_of_both_sides(
    gateway: CrmCatalogues, peers: FakePeers, hubspot: str
) -> None:
    await grant(peers, hubspot, *EVERYTHING)
    catalogue = await gateway.read_catalogue(new_id())
    assert catalogue.unread == ()
    assert set(catalogue.hubspot) == set(ObjectType)
    (pipeline,) = catalogue.pipelines
    assert pipeline.id == "default"
    assert pipeline.stages[-2:] == (
        Stage("closedwon", "Closed Won", 1.0, closed=True, won=True),
        Stage("closedlost", "Closed Lost", 0.0, closed=True, won=False),
    )
    (record_type,) = catalogue.record_types
    assert isinstance(record_type, Pipeline)
    assert (record_type.id, record_type.stages[0].id) == ("", "Prospecting")
    stage = catalogue.fields("Opportunity")["StageName"]
    assert stage.required
    assert {option.value for option in stage.options} >= {"Prospecting", "Closed Won"}
    amount = catalogue.fields("Opportunity")["Amount"]
    assert (amount.type, amount.scale) == ("currency", 2)
    assert catalogue.fields("Contact")["Salutation"].options[0] == Option("Mr.", "Mr.")


async def test_properties_are_made_in_their_group_and_listed(
    gateway: CrmCatalogues, peers: FakePeers, hubspot: str
) -> None:
    await grant(peers, hubspot, *EVERYTHING)
    connection_id = new_id()
    wanted = [
        NewProperty("salesforce_a__c", "A", "string", "text"),
        NewProperty("salesforce_b__c", 'ب "B"', "enumeration", "select", (Option("x", "X"),)),
        NewProperty("salesforce_c__c", "C", "date", "text"),
        NewProperty("dealname", "D", "string", "text"),
    ]
    made = await gateway.create_properties(connection_id, ObjectType.DEAL, wanted)
    assert made["salesforce_a__c"] == made["salesforce_b__c"] == Creation(created=True)
    assert not made["salesforce_c__c"].created
    assert made["salesforce_c__c"].problem
    assert made["dealname"] == Creation(created=False)
    again = await gateway.create_properties(connection_id, ObjectType.DEAL, wanted[:2])
    assert [one.created for one in again.values()] == [False, False]
    found = await gateway.read_properties(connection_id, ObjectType.DEAL)
    assert found["salesforce_b__c"].options == (Option("x", "X"),)
    assert found["salesforce_b__c"].group == GROUP
    assert await gateway.create_properties(connection_id, ObjectType.DEAL, []) == {}


async def test_archived_properties_are_known(
    gateway: CrmCatalogues, clients: CrmClients, peers: FakePeers, hubspot: str
) -> None:
    connection_id = new_id()
    await gateway.create_properties(
        connection_id, ObjectType.CONTACT, [NewProperty("salesforce_a__c", "A", "string", "text")]
    )
    path = f"{hubspot}/crm/properties/2026-09/contacts/salesforce_a__c"
    headers = {"Authorization": f"Bearer {peers.granted[Side.HUBSPOT]}"}
    async with httpx2.AsyncClient(trust_env=False) as http:
        (await http.delete(path, headers=headers)).raise_for_status()
    found = await gateway.read_properties(connection_id, ObjectType.CONTACT)
    assert found["salesforce_a__c"].archived
    assert not found["email"].archived


async def test_one_object_with_all_its_options(gateway: CrmCatalogues) -> None:
    fields = await gateway.read_fields(new_id(), "Account")
    assert len(fields["Industry"].options) == 20


async def test_keys_of_companies_and_deals(
    gateway: CrmCatalogues, clients: CrmClients, peers: FakePeers, hubspot: str
) -> None:
    await grant(peers, hubspot, *EVERYTHING)
    connection_id = new_id()
    for _ in range(2):
        await gateway.ensure_key_properties(connection_id, (ObjectType.COMPANY, ObjectType.DEAL))
    async with clients.open(connection_id, purpose="setup") as (portal, _):
        for name in ("companies", "deals"):
            found = {item.name: item for item in await portal.properties(name)}
            assert (found["causeway_key"].has_unique_value, found["causeway_key"].group_name) == (
                True,
                "causeway",
            )
        assert "causeway_key" not in {item.name for item in await portal.properties("contacts")}


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
