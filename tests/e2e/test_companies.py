"""Companies and accounts arrive on the other side, and people are joined to them in any order."""

from collections.abc import AsyncIterator, Iterator

import pytest

from deploy.local.backing import Backing
from deploy.stack.stack import Stack, stack
from tests.e2e.conftest import World, opened, wanted

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

PRIMARY = {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}
TOO_LONG = 256
"""One more character than an account's name has."""
MANY = 200
MOST_CALLS = 40
"""Of both CRMs together for 200 new companies: ten batches with their reads, and the polling."""


def _silent(_line: str) -> None:
    """A test run has its own output."""


@pytest.fixture(scope="module")
def own(servers: Backing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A deployment of its own: companies are on there, and nobody else counts with them."""
    with stack(wanted(servers, tmp_path_factory.mktemp("logs")), _silent) as running:
        yield running


@pytest.fixture
async def world(own: Stack) -> AsyncIterator[World]:
    """The deployment with companies turned on, quiet."""
    async with opened(own) as found:
        await turn_companies_on(found)
        yield found


async def turn_companies_on(world: World) -> None:
    path = f"/api/v1/settings/{world.connection_id}"
    known = (await world.admin.get(path))["settings"]
    if not known["companies"]["enabled"]:
        mapped = [
            {
                "object_type": "company",
                "hubspot_property": here,
                "salesforce_field": there,
                "rule": "two_way",
                "salesforce_objects": ["Account"],
            }
            for here, there in (("name", "Name"), ("phone", "Phone"), ("website", "Website"))
        ]
        body = wish(known) | {"mappings": [wish_of(m) for m in [*known["mappings"], *mapped]]}
        await world.admin.put(path, body, **{"If-Match": f'"{known["version"]}"'})
        await world.quiet()


def wish(settings: dict[str, object]) -> dict[str, object]:
    kept = {n: v for n, v in settings.items() if n in {"contacts", "companies", "activities"}}
    companies = dict(settings["companies"]) | {"enabled": True}  # type: ignore[call-overload]
    return kept | {"companies": companies}


def wish_of(mapping: dict[str, object]) -> dict[str, object]:
    names = ("object_type", "hubspot_property", "salesforce_field", "rule", "salesforce_objects")
    return {name: mapping[name] for name in names}


async def account(world: World, name: str) -> dict[str, object]:
    """The one Salesforce account of that name."""
    found = await world.salesforce.records("Account")
    (one,) = [a | {"Id": key} for key, a in found.items() if a.get("Name") == name]
    return one


async def company(world: World, name: str) -> dict[str, object]:
    """The one HubSpot company of that name."""
    found = await world.hubspot.records("companies")
    (one,) = [c | {"id": key} for key, c in found.items() if c.get("name") == name]
    return one


async def test_a_company_and_its_edit_arrive_in_salesforce(world: World) -> None:
    made = await world.hubspot.create("companies", {"name": "Acme", "phone": "1"})
    await world.quiet()
    assert (await account(world, "Acme"))["Phone"] == "1"

    await world.hubspot.edit_many("companies", [(made, {"phone": "2"})])
    await world.quiet()

    assert (await account(world, "Acme"))["Phone"] == "2"


async def test_an_account_and_its_edit_arrive_in_hubspot(world: World) -> None:
    made = await world.salesforce.create("Account", {"Name": "Bolt", "Phone": "1"})
    await world.quiet()
    assert (await company(world, "Bolt"))["phone"] == "1"

    await world.salesforce.edit_many("Account", [(made, {"Phone": "2"})])
    await world.quiet()

    assert (await company(world, "Bolt"))["phone"] == "2"


async def test_a_contact_of_an_account_is_joined_to_its_company(world: World) -> None:
    made = await world.salesforce.create("Account", {"Name": "Cogs"})
    fields = {"Email": "cy@cogs.example", "LastName": "Cy", "AccountId": made}
    await world.salesforce.create("Contact", fields)
    await world.quiet()

    found = await company(world, "Cogs")
    person = await world.hubspot_person("cy@cogs.example")
    assert person["associatedcompanyid"] == found["id"]


async def test_a_contact_of_a_company_is_joined_to_its_account(world: World) -> None:
    made = await world.hubspot.create("companies", {"name": "Dyne"})
    body = {
        "object": "contacts",
        "fields": {"email": "di@dyne.example", "lastname": "Di"},
        "associations": [{"to": {"id": made}, "types": [PRIMARY]}],
    }
    await world.hubspot.post("create", body)
    await world.quiet()

    found = await account(world, "Dyne")
    assert (await world.salesforce_person("di@dyne.example"))["AccountId"] == found["Id"]


async def test_a_contact_that_is_linked_first_is_joined_when_its_company_is(world: World) -> None:
    """Salesforce refuses the company's name, so it waits; the contact syncs all the same."""
    made = await world.hubspot.create("companies", {"name": "L" * TOO_LONG})
    body = {
        "object": "contacts",
        "fields": {"email": "ed@late.example", "lastname": "Ed"},
        "associations": [{"to": {"id": made}, "types": [PRIMARY]}],
    }
    await world.hubspot.post("create", body)
    await world.quiet()
    assert not (await world.salesforce_person("ed@late.example")).get("AccountId")

    await world.hubspot.edit_many("companies", [(made, {"name": "Late"})])
    await world.quiet()

    found = await account(world, "Late")
    assert (await world.salesforce_person("ed@late.example"))["AccountId"] == found["Id"]


async def test_a_contact_that_moves_takes_its_company_along(world: World) -> None:
    first = await world.salesforce.create("Account", {"Name": "Old Ltd"})
    second = await world.salesforce.create("Account", {"Name": "New Ltd"})
    fields = {"Email": "mo@move.example", "LastName": "Mo", "AccountId": first}
    person = await world.salesforce.create("Contact", fields)
    await world.quiet()

    await world.salesforce.edit_many("Contact", [(person, {"AccountId": second})])
    await world.quiet()

    found = await company(world, "New Ltd")
    moved = await world.hubspot_person("mo@move.example")
    assert moved["associatedcompanyid"] == found["id"]
    assert (await world.salesforce_person("mo@move.example"))["AccountId"] == second


async def test_two_hundred_companies_cost_a_bounded_number_of_calls(world: World) -> None:
    rows = [{"name": f"Many {number}"} for number in range(MANY)]
    await world.hubspot.reset_calls()
    await world.salesforce.reset_calls()
    await world.hubspot.post("create-many", {"object": "companies", "records": rows})
    await world.quiet()

    accounts = (await world.salesforce.records("Account")).values()
    assert sum(1 for one in accounts if str(one.get("Name")).startswith("Many ")) == MANY
    assert await world.hubspot.calls() + await world.salesforce.calls() <= MOST_CALLS
