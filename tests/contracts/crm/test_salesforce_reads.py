import pytest

from shared.crm.errors import CrmAuthError, CrmFatalError, CrmRetriableError
from shared.crm.salesforce.soql import literal, select, select_in
from shared.crm.transport import LimitInfo
from tests.contracts.crm.lines import SalesforceUnderTest

NASTY = [
    "O'Brien",
    "back\\slash",
    "\\' OR LastName != '",
    'say "hi"',
    "100% _wild_",
    "Zoë 张伟",
    "a&b=c+d;e#f?g",
    "line\nbreak",
]


async def test_five_queries_are_one_call(salesforce: SalesforceUnderTest) -> None:
    ids = await salesforce.control.seed(people=30)
    await salesforce.control.reset_calls()
    soql = select(["Id", "LastName"], "Contact")
    found = await salesforce.client.queries([soql] * 5 + [select(["Id"], "Lead")])
    assert [len(rows) for rows in found] == [30] * 5 + [0]
    assert {row["Id"] for row in found[0]} == set(ids)
    assert (await salesforce.control.calls())["total"] == len(salesforce.meter.taken) == 2


async def test_pages_of_any_size_are_followed(salesforce: SalesforceUnderTest) -> None:
    ids = await salesforce.control.seed(people=95)
    await salesforce.control.switches({"query_page_size": 10})
    found = await salesforce.client.queries(
        [select(["Id"], "Contact"), select(["Id"], "Contact", "LastName != null")]
    )
    assert [sorted(row["Id"] for row in rows) for rows in found] == [sorted(ids)] * 2
    assert len(salesforce.meter.taken) == 10


@pytest.mark.parametrize("name", NASTY)
async def test_text_stays_text(salesforce: SalesforceUnderTest, name: str) -> None:
    wanted = await salesforce.control.create("Contact", {"LastName": name})
    await salesforce.control.create("Contact", {"LastName": "Somebody else"})
    [soql] = select_in(["Id", "LastName"], "Contact", "LastName", [name])
    rows = await salesforce.client.query(soql)
    assert [(row["Id"], row["LastName"]) for row in rows] == [(wanted, name)]


async def test_hundreds_of_addresses_are_looked_up_in_few_queries(
    salesforce: SalesforceUnderTest,
) -> None:
    await salesforce.control.seed(people=400)
    known = await salesforce.control.records("Contact")
    emails = [fields["Email"].upper() for fields in known.values()]
    soqls = select_in(["Id"], "Contact", "Email", emails)
    found = await salesforce.client.queries(soqls)
    assert {row["Id"] for rows in found for row in rows} == set(known)
    assert len(salesforce.meter.taken) == 1


async def test_deleted_rows_only_if_asked(salesforce: SalesforceUnderTest) -> None:
    contact = await salesforce.control.create("Contact", {"LastName": "X"})
    await salesforce.control.delete("Contact", contact)
    soql = select(["Id", "IsDeleted"], "Contact", f"Id = {literal(contact)}")
    assert await salesforce.client.query(soql) == []
    [[row]] = await salesforce.client.queries([soql], include_deleted=True)
    assert (row["Id"], row["IsDeleted"]) == (contact, True)


async def test_a_query_that_is_wrong_is_fatal(salesforce: SalesforceUnderTest) -> None:
    with pytest.raises(CrmFatalError) as caught:
        await salesforce.client.query(select(["Id", "Nope__c"], "Contact"))
    assert caught.value.code == "INVALID_FIELD"
    assert "Nope__c" in str(caught.value)


async def test_describe_shows_what_the_user_may_see(salesforce: SalesforceUnderTest) -> None:
    before = await salesforce.client.describe("Contact")
    await salesforce.control.switches({"hidden_fields": {"Contact": ["Phone"]}})
    after = await salesforce.client.describe("Contact")
    assert before.fields["LastName"].required_on_create
    assert before.fields["AccountId"].reference_to == ("Account",)
    assert set(before.fields) - set(after.fields) == {"Phone"}
    lead = await salesforce.client.describe("Lead")
    assert lead.key_prefix == "00Q"
    assert "Open - Not Contacted" in {one.value for one in lead.fields["Status"].picklist}


async def test_an_object_that_does_not_exist(salesforce: SalesforceUnderTest) -> None:
    with pytest.raises(CrmFatalError) as caught:
        await salesforce.client.describe("Nope__c")
    assert caught.value.code == "NOT_FOUND"


async def test_limits_versions_and_identity(salesforce: SalesforceUnderTest) -> None:
    limits = await salesforce.client.limits()
    versions = [one.version for one in await salesforce.client.versions()]
    me = await salesforce.client.identity()
    assert limits["DailyApiRequests"].max == 100_000
    assert "66.0" in versions
    assert me.organization_id == "00D5g0000000001EAA"
    assert me.user_id.startswith("005")
    assert salesforce.meter.last is not None
    assert salesforce.meter.last.limit == 100_000


async def test_usage_is_observed(salesforce: SalesforceUnderTest) -> None:
    await salesforce.control.order("limits", used=500)
    await salesforce.client.query(select(["Id"], "Lead"))
    assert salesforce.meter.last == LimitInfo(used=501, limit=100_000)


async def test_an_ended_session_is_replaced(salesforce: SalesforceUnderTest) -> None:
    await salesforce.client.limits()
    await salesforce.control.order("end-sessions")
    await salesforce.client.limits()
    assert salesforce.tokens.rejections == 1


async def test_an_edition_without_api_stops(salesforce: SalesforceUnderTest) -> None:
    await salesforce.control.switches({"api_disabled": True})
    with pytest.raises(CrmFatalError) as caught:
        await salesforce.client.limits()
    assert caught.value.code == "API_DISABLED_FOR_ORG"
    assert not isinstance(caught.value, CrmAuthError)


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"kind": "html", "status": 503}, "HTTP_503"),
        ({"kind": "drop_before"}, "crm_connection_lost"),
        ({"kind": "http", "code": "SERVER_UNAVAILABLE"}, "SERVER_UNAVAILABLE"),
        ({"kind": "http", "code": "QUERY_TIMEOUT"}, "QUERY_TIMEOUT"),
    ],
)
async def test_broken_answers_are_retriable(
    salesforce: SalesforceUnderTest, fault: dict[str, object], code: str
) -> None:
    await salesforce.control.order("faults", match="POST */composite", times=1, **fault)
    with pytest.raises(CrmRetriableError) as caught:
        await salesforce.client.query(select(["Id"], "Lead"))
    assert caught.value.code == code
