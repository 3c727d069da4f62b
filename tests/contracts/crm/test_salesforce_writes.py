import pytest

from shared.crm.errors import CrmLimitError, CrmRetriableError
from shared.crm.salesforce.collections import Row
from shared.crm.writes import Refused, WriteResult, Written
from tests.contracts.crm.lines import SalesforceUnderTest

KEY = "Causeway_Key__c"
COLLECTIONS = "PATCH /services/data/*/composite/sobjects*"


def refused(result: WriteResult) -> Refused:
    assert isinstance(result, Refused)
    return result


def written(results: dict[str, WriteResult]) -> dict[str, Written]:
    return {key: one for key, one in results.items() if isinstance(one, Written)}


def contacts(count: int) -> list[Row]:
    return [
        Row(f"111:contact:{n}", {"LastName": f"Person {n}", "Email": f"p{n}@example.org"})
        for n in range(count)
    ]


@pytest.fixture
async def org(salesforce: SalesforceUnderTest) -> SalesforceUnderTest:
    """An org with the package, so that there is a key to upsert by."""
    await salesforce.control.order("package", installed=True)
    return salesforce


async def test_450_upserts_are_three_calls_and_can_be_repeated(org: SalesforceUnderTest) -> None:
    first = await org.client.upsert("Contact", KEY, contacts(450))
    second = await org.client.upsert("Contact", KEY, contacts(450))
    assert {one.created for one in written(first).values()} == {True}
    assert {one.created for one in written(second).values()} == {False}
    assert {key: one.id for key, one in written(first).items()} == {
        key: one.id for key, one in written(second).items()
    }
    assert len(await org.control.records("Contact")) == 450
    assert (await org.control.calls())["total"] == len(org.meter.taken) == 6


async def test_creations_and_updates(org: SalesforceUnderTest) -> None:
    created = await org.client.create("Account", [Row("mine", {"Name": "Acme"})])
    account = written(created)["mine"].id
    updated = await org.client.update("Account", [Row(account, {"Name": "Acme AG", "Phone": None})])
    assert written(updated) == {account: Written(account, account, created=False)}
    assert (await org.control.records("Account"))[account]["Name"] == "Acme AG"


async def test_bad_rows_are_refused_by_field_and_fail_no_neighbour(
    org: SalesforceUnderTest,
) -> None:
    secret = "Ada Augusta King " * 20
    rows = [
        Row("good", {"LastName": "Good"}),
        Row("long", {"LastName": secret}),
        Row("none", {"FirstName": "Nobody"}),
        Row("email", {"LastName": "X", "Email": "ada at home"}),
        Row("column", {"LastName": "X", "Nope__c": "ada"}),
    ]
    results = await org.client.upsert("Contact", KEY, rows)
    assert list(written(results)) == ["good"]
    assert [
        (key, refused(results[key]).code, refused(results[key]).field)
        for key in ("long", "none", "email", "column")
    ] == [
        ("long", "STRING_TOO_LONG", "LastName"),
        ("none", "REQUIRED_FIELD_MISSING", "LastName"),
        ("email", "INVALID_EMAIL_ADDRESS", "Email"),
        ("column", "INVALID_FIELD", "Nope__c"),
    ]
    assert "ada" not in repr(results).casefold().replace("causeway", "")


async def test_a_call_that_is_refused_as_a_whole_is_halved(org: SalesforceUnderTest) -> None:
    await org.control.switches({"collections_parse_strictly": True})
    await org.control.reset_calls()
    rows = contacts(199)
    rows.insert(120, Row("bad", {"LastName": "X", "DoNotCall": "perhaps"}))
    results = await org.client.upsert("Contact", KEY, rows)
    assert isinstance(results["bad"], Refused)
    assert len(written(results)) == 199
    assert (await org.control.calls())["total"] <= 17
    await org.control.switches({"collections_parse_strictly": False})


async def test_twins_in_one_call_become_one_record(org: SalesforceUnderTest) -> None:
    twins = [Row("111:contact:1", {"LastName": "A"}), Row("111:CONTACT:1", {"LastName": "B"})]
    results = await org.client.upsert("Contact", KEY, twins)
    assert len({one.id for one in written(results).values()}) == 1
    assert len(await org.control.records("Contact")) == 1


async def test_a_unique_value_that_is_taken(org: SalesforceUnderTest) -> None:
    made = written(await org.client.upsert("Contact", KEY, contacts(2)))
    results = await org.client.update(
        "Contact", [Row(made["111:contact:1"].id, {KEY: "111:contact:0"})]
    )
    [result] = results.values()
    assert refused(result).code == "DUPLICATE_VALUE"


async def test_owners_are_not_reassigned(org: SalesforceUnderTest) -> None:
    lead = {"LastName": "X", "Company": "Acme"}
    await org.client.upsert("Lead", KEY, [Row("a", lead)])
    [before] = (await org.control.records("Lead")).values()
    await org.control.switches({"assignment_rule": True})
    await org.client.upsert("Lead", KEY, [Row("a", {"Title": "Dr"})])
    [after] = (await org.control.records("Lead")).values()
    assert (after["OwnerId"], after["Title"]) == (before["OwnerId"], "Dr")


async def test_duplicate_rules(org: SalesforceUnderTest) -> None:
    existing = await org.control.create("Contact", {"LastName": "X", "Email": "ada@example.org"})
    twin = [Row("a", {"LastName": "Y", "Email": "ada@example.org"})]
    await org.control.switches({"duplicate_rule": "alert"})
    warned = refused((await org.client.upsert("Contact", KEY, twin))["a"])
    saved = await org.client.upsert("Contact", KEY, twin, allow_duplicates=True)
    await org.control.switches({"duplicate_rule": "block"})
    other = [Row("b", {"LastName": "Z", "Email": "ada@example.org"})]
    blocked = await org.client.upsert("Contact", KEY, other, allow_duplicates=True)
    assert (warned.code, warned.duplicate_ids) == ("DUPLICATES_DETECTED", (existing,))
    assert list(written(saved)) == ["a"]
    assert existing in refused(blocked["b"]).duplicate_ids


async def test_a_locked_row_is_retriable_and_alone(org: SalesforceUnderTest) -> None:
    made = written(await org.client.upsert("Contact", KEY, contacts(3)))
    await org.control.switches({"locked_ids": [made["111:contact:1"].id]})
    results = await org.client.upsert("Contact", KEY, contacts(3))
    assert refused(results["111:contact:1"]).code == "UNABLE_TO_LOCK_ROW"
    assert refused(results["111:contact:1"]).retriable
    assert len(written(results)) == 2


async def test_an_admins_rule_speaks_without_the_records_values(org: SalesforceUnderTest) -> None:
    rule = {
        "object": "Contact",
        "field": "Title",
        "value": "Duke",
        "message": "Duke is no title that we use.",
    }
    await org.control.switches({"validation_rule": rule})
    results = await org.client.upsert(
        "Contact", KEY, [Row("a", {"LastName": "X", "Title": "Duke"})]
    )
    found = refused(results["a"])
    assert found.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert "*** is no title that we use." in found.message


async def test_a_converted_lead_is_refused(org: SalesforceUnderTest) -> None:
    lead = await org.control.create("Lead", {"LastName": "X", "Company": "Acme"})
    await org.control.order("convert-lead", id=lead, leadId=lead)
    results = await org.client.update("Lead", [Row(lead, {"Title": "Dr"})])
    assert refused(results[lead]).code == "CANNOT_UPDATE_CONVERTED_LEAD"


async def test_a_deleted_record_is_refused(org: SalesforceUnderTest) -> None:
    contact = await org.control.create("Contact", {"LastName": "X"})
    await org.control.delete("Contact", contact)
    results = await org.client.update("Contact", [Row(contact, {"Title": "Dr"})])
    assert refused(results[contact]).code == "ENTITY_IS_DELETED"


async def test_an_upsert_whose_answer_was_lost_makes_no_second_record(
    org: SalesforceUnderTest,
) -> None:
    await org.control.fault(COLLECTIONS, "drop_after")
    with pytest.raises(CrmRetriableError) as caught:
        await org.client.upsert("Contact", KEY, contacts(5))
    results = await org.client.upsert("Contact", KEY, contacts(5))
    assert caught.value.code == "crm_connection_lost"
    assert {one.created for one in written(results).values()} == {False}
    assert len(await org.control.records("Contact")) == 5


async def test_a_used_up_quota_is_a_limit(org: SalesforceUnderTest) -> None:
    await org.control.order("limits", used=100_000)
    with pytest.raises(CrmLimitError) as caught:
        await org.client.upsert("Contact", KEY, contacts(1))
    assert caught.value.retry_after == 900.0
