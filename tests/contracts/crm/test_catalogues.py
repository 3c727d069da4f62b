"""What a catalogue is made of, against both simulators."""

from shared.crm.errors import CrmFatalError
from shared.crm.hubspot.property_list import PropertyDefinition, PropertyOption
from shared.crm.salesforce.describe import ObjectDescribe
from shared.crm.writes import Refused, Written
from tests.contracts.crm.lines import (
    HubSpotUnderTest,
    SalesforceUnderTest,
    hubspot_under_test,
)

SCOPES = tuple(
    f"crm.schemas.{name}.{verb}" for name in ("companies", "deals") for verb in ("read", "write")
)


def choice(name: str, *options: PropertyOption, field_type: str = "select") -> PropertyDefinition:
    return PropertyDefinition(
        name, name.title(), "enumeration", field_type, "causeway", options=options
    )


def allowed(hubspot: HubSpotUnderTest) -> HubSpotUnderTest:
    """The same portal, with the right to see and make properties of companies and deals."""
    return hubspot_under_test(hubspot.control, hubspot.http, scopes=SCOPES)


async def test_properties_are_made_in_one_call_each_with_its_own_result(
    hubspot: HubSpotUnderTest,
) -> None:
    client = allowed(hubspot).client
    await client.ensure_group("deals", "causeway", "Causeway")
    await hubspot.control.reset_calls()
    nasty = PropertyOption('مرحبا "quoted" \u202e', "it's;100%")
    made = await client.create_properties(
        "deals",
        [
            choice("catalogue_good", nasty),
            choice("catalogue_bad", field_type="date"),
            choice("dealname"),
        ],
    )
    assert made["catalogue_good"] == Written("catalogue_good", "catalogue_good", created=True)
    assert isinstance(made["catalogue_bad"], Refused)
    assert made["dealname"] == Written("dealname", "dealname", created=False)
    assert (await hubspot.control.calls())["total"] == 1
    known = {one.name: one for one in await client.properties("deals")}
    assert known["catalogue_good"].options == (nasty,)
    assert known["catalogue_good"].group_name == "causeway"


async def test_an_archived_property_comes_back_when_it_is_made_again(
    hubspot: HubSpotUnderTest,
) -> None:
    line = allowed(hubspot)
    client, transport = line.client, line.transport
    await client.ensure_group("companies", "causeway", "Causeway")
    kept = choice("catalogue_kept", PropertyOption("A", "a"))
    await client.create_properties("companies", [kept])
    await transport.request("DELETE", "/crm/properties/2026-09/companies/catalogue_kept")
    (archived,) = [
        one
        for one in await client.properties("companies", archived=True)
        if one.name == "catalogue_kept"
    ]
    assert archived.archived
    assert "catalogue_kept" not in {one.name for one in await client.properties("companies")}
    again = await client.create_properties("companies", [kept])
    assert again == {"catalogue_kept": Written("catalogue_kept", "catalogue_kept", created=True)}


async def test_pipelines_have_their_stages(hubspot: HubSpotUnderTest) -> None:
    found = {one.id: one for one in await allowed(hubspot).client.pipelines("deals")}
    stages = {one.id: one for one in found["default"].stages}
    assert found["default"].stages[0].id == "appointmentscheduled"
    assert (stages["closedwon"].probability, stages["closedwon"].closed) == (1.0, True)
    assert (stages["contractsent"].probability, stages["contractsent"].closed) == (0.9, False)


async def test_five_objects_are_one_call(salesforce: SalesforceUnderTest) -> None:
    names = ["Contact", "Lead", "Account", "Opportunity", "Task"]
    await salesforce.control.reset_calls()
    found = await salesforce.client.describes([*names, "Nope__c"])
    assert (await salesforce.control.calls())["total"] == len(salesforce.meter.taken) == 1
    assert all(isinstance(found[name], ObjectDescribe) for name in names)
    assert isinstance(found["Nope__c"], CrmFatalError)
    deal = found["Opportunity"]
    assert isinstance(deal, ObjectDescribe)
    assert deal.fields["StageName"].required_on_create
    assert deal == await salesforce.client.describe("Opportunity")
