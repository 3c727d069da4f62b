"""The driver speaks to both simulators alike."""

import httpx2
import pytest

from tests.contracts.crm.lines import HubSpotUnderTest, SalesforceUnderTest
from tests.simulators.driver import SimulatorControl


def both(
    hubspot: HubSpotUnderTest, salesforce: SalesforceUnderTest
) -> list[tuple[SimulatorControl, str, str]]:
    return [
        (hubspot.control, "contacts", "lastname"),
        (salesforce.control, "Contact", "LastName"),
    ]


async def test_people_edit_create_and_delete(
    hubspot: HubSpotUnderTest, salesforce: SalesforceUnderTest
) -> None:
    for control, name, field in both(hubspot, salesforce):
        one = await control.create(name, {field: "A"})
        two, three = await control.create_many(name, [{field: "B"}, {field: "C"}])
        await control.edit(name, one, {field: "AA"})
        await control.edit_many(name, {two: {field: "BB"}, three: {field: "CC"}})
        await control.delete(name, two)
        records = await control.records(name)
        changes = await control.changes()
        later = await control.changes(after=changes[-2]["n"])
        assert {key: fields[field] for key, fields in records.items()} == {one: "AA", three: "CC"}
        assert [(change["id"], change["kind"]) for change in later] == [(two, "delete")]
        assert {change["by"] for change in changes} == {"user"}
        quiet = await control.quiet()
        assert (quiet["pending_webhooks"], quiet["retries_waiting"]) == (0, 0)


async def test_seeds_are_reproducible(
    hubspot: HubSpotUnderTest, salesforce: SalesforceUnderTest
) -> None:
    for control, name, field in both(hubspot, salesforce):
        ids = await control.seed(people=20, seed=3)
        first = await control.records(name)
        await control.reset()
        await control.seed(people=20, seed=3)
        second = await control.records(name)
        assert len(ids) == 20
        assert sorted(one[field] for one in first.values()) == sorted(
            one[field] for one in second.values()
        )


async def test_faults_can_be_disarmed_and_calls_forgotten(
    hubspot: HubSpotUnderTest, salesforce: SalesforceUnderTest
) -> None:
    await hubspot.control.fault("GET *", "http", times=5, status=503)
    await hubspot.control.clear_faults()
    await hubspot.client.account()
    await salesforce.client.limits()
    for control, _name, _field in both(hubspot, salesforce):
        assert (await control.calls())["total"] == 1
        await control.reset_calls()
        assert (await control.calls())["total"] == 0


async def test_forms_make_people(hubspot: HubSpotUnderTest) -> None:
    answer = await hubspot.control.submit_form(
        {"email": "ada@example.org", "form_name": "Contact us", "fields": {"lastname": "L"}}
    )
    assert answer["id"]
    [fields] = (await hubspot.control.records("contacts")).values()
    assert (fields["email"], fields["lastname"]) == ("ada@example.org", "L")


async def test_switches_can_be_read_and_set(salesforce: SalesforceUnderTest) -> None:
    before = await salesforce.control.switches()
    after = await salesforce.control.switches({"query_page_size": 17})
    assert before["query_page_size"]["value"] == 2000
    assert after["query_page_size"]["value"] == 17


async def test_an_order_that_cannot_be_carried_out_is_an_error(
    salesforce: SalesforceUnderTest,
) -> None:
    with pytest.raises(httpx2.HTTPStatusError):
        await salesforce.control.create("Nope", {"LastName": "X"})
