"""Lists of HubSpot and numbers of Salesforce's records, as the setup asks for them."""

from shared.crm.answers import Json, member, object_of, text
from shared.crm.hubspot.lists import RecordList
from tests.contracts.crm.lines import HubSpotUnderTest, SalesforceUnderTest, hubspot_under_test

SCOPES = ("crm.lists.read", "crm.lists.write", "crm.objects.contacts.read")
BRANCH = {
    "filterBranchType": "OR",
    "filters": [],
    "filterBranches": [
        {
            "filterBranchType": "AND",
            "filterBranches": [],
            "filters": [
                {
                    "filterType": "PROPERTY",
                    "property": "city",
                    "operation": {
                        "operationType": "MULTISTRING",
                        "operator": "IS_EQUAL_TO",
                        "values": ["Rīga"],
                        "includeObjectsWithNoValueSet": False,
                    },
                }
            ],
        }
    ],
}


async def new_list(hubspot: HubSpotUnderTest, name: str, processing: str) -> str:
    body: Json = {"name": name, "objectTypeId": "0-1", "processingType": processing}
    if processing == "DYNAMIC":
        body["filterBranch"] = BRANCH
    answer = await hubspot.transport.request("POST", "/crm/lists/2026-09", json=body)
    return text(member(object_of(answer), "list"), "listId")


async def test_lists_are_found_by_type_and_name(hubspot: HubSpotUnderTest) -> None:
    asking = hubspot_under_test(hubspot.control, hubspot.http, scopes=SCOPES)
    active = await new_list(asking, "Customers in Rīga", "DYNAMIC")
    static = await new_list(asking, "Fair 2025", "MANUAL")
    found = await asking.client.lists("0-1")
    assert {(one.id, one.processing, one.size) for one in found.lists} == {
        (active, "DYNAMIC", 0),
        (static, "MANUAL", 0),
    }
    assert not found.more
    named = await asking.client.lists("0-1", "fair")
    assert [one.name for one in named.lists] == ["Fair 2025"]
    assert (await asking.client.lists("0-2")).lists == ()


async def test_one_list_and_a_deleted_one(hubspot: HubSpotUnderTest) -> None:
    asking = hubspot_under_test(hubspot.control, hubspot.http, scopes=SCOPES)
    list_id = await new_list(asking, "Fair 2025", "MANUAL")
    assert await asking.client.list_by_id(list_id) == RecordList(
        list_id, "Fair 2025", "0-1", "MANUAL", 0
    )
    await asking.transport.request("DELETE", f"/crm/lists/2026-09/{list_id}")
    assert await asking.client.list_by_id(list_id) is None
    assert await asking.client.list_by_id("99999") is None


async def test_records_are_counted_without_being_read(salesforce: SalesforceUnderTest) -> None:
    await salesforce.control.seed(people=7)
    counts = await salesforce.client.counts(["Contact", "Lead", "Account"])
    assert sum(counts[name] for name in ("Contact", "Lead")) == 7
    assert len(salesforce.meter.taken) == 3
