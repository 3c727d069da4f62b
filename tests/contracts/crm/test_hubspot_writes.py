import pytest

from shared.crm.errors import CrmFatalError
from shared.crm.hubspot.property_list import PropertyDefinition
from shared.crm.hubspot.rows import CreateInput, UpdateInput, UpsertInput
from shared.crm.writes import Refused, WriteResult, Written
from tests.contracts.crm.lines import HubSpotUnderTest, hubspot_under_test

KEY = PropertyDefinition(
    "causeway_key", "Causeway key", "string", "text", "causeway", has_unique_value=True
)


def refused(result: WriteResult) -> Refused:
    assert isinstance(result, Refused)
    return result


def written(results: dict[str, WriteResult]) -> dict[str, Written]:
    return {key: one for key, one in results.items() if isinstance(one, Written)}


def person(number: int, **more: str) -> dict[str, object]:
    return {"email": f"p{number}@example.org", "lastname": f"Person {number}", **more}


async def with_key(hubspot: HubSpotUnderTest) -> None:
    await hubspot.client.ensure_group("contacts", "causeway", "Causeway")
    await hubspot.client.create_properties("contacts", [KEY])


@pytest.mark.parametrize("version", ["v3", "2026-03", "2026-09"])
async def test_250_creations_are_three_calls_in_every_version(
    hubspot: HubSpotUnderTest, version: str
) -> None:
    line = hubspot_under_test(hubspot.control, hubspot.http, version=version)
    results = await line.client.batch_create(
        "contacts", [CreateInput(f"k{n}", person(n)) for n in range(250)]
    )
    records = await hubspot.control.records("contacts")
    assert {one.created for one in written(results).values()} == {True}
    assert {key: records[one.id]["email"] for key, one in written(results).items()} == {
        f"k{n}": f"p{n}@example.org" for n in range(250)
    }
    assert len(line.meter.taken) == 3
    assert (await hubspot.control.calls())["total"] == 3


async def test_one_taken_address_fails_none_of_its_neighbours(hubspot: HubSpotUnderTest) -> None:
    existing = await hubspot.control.create("contacts", person(7))
    results = await hubspot.client.batch_create(
        "contacts", [CreateInput(str(n), person(n)) for n in range(100)]
    )
    assert refused(results["7"]).existing_id == existing
    assert refused(results["7"]).code == "CONFLICT"
    assert "example.org" not in refused(results["7"]).message
    assert len(written(results)) == 99


async def test_twins_in_one_batch_become_one_record(hubspot: HubSpotUnderTest) -> None:
    results = await hubspot.client.batch_create(
        "contacts", [CreateInput("a", person(1)), CreateInput("b", {"email": "P1@Example.org"})]
    )
    assert len(written(results)) == 1
    assert len(await hubspot.control.records("contacts")) == 1


async def test_upserts_by_our_key_can_be_repeated(hubspot: HubSpotUnderTest) -> None:
    await with_key(hubspot)
    inputs = [UpsertInput(f"k{n}", f"org:{n}", person(n)) for n in range(120)]
    first = await hubspot.client.batch_upsert("contacts", "causeway_key", inputs)
    second = await hubspot.client.batch_upsert("contacts", "causeway_key", inputs)
    assert {one.created for one in written(first).values()} == {True}
    assert {one.created for one in written(second).values()} == {False}
    assert {key: one.id for key, one in written(first).items()} == {
        key: one.id for key, one in written(second).items()
    }
    assert len(await hubspot.control.records("contacts")) == 120


async def test_an_upsert_whose_address_is_taken_names_the_record_that_has_it(
    hubspot: HubSpotUnderTest,
) -> None:
    await with_key(hubspot)
    existing = await hubspot.control.create("contacts", person(1))
    results = await hubspot.client.batch_upsert(
        "contacts",
        "causeway_key",
        [UpsertInput("a", "org:1", person(1)), UpsertInput("b", "org:2", person(2))],
    )
    assert refused(results["a"]).existing_id == existing
    assert list(written(results)) == ["b"]


async def test_bad_values_are_refused_by_field_and_never_repeated(
    hubspot: HubSpotUnderTest,
) -> None:
    ids = await hubspot.control.create_many("contacts", [person(n) for n in range(4)])
    values: list[dict[str, object]] = [
        {"email": "ada at home"},
        {"no_such_property": "secret"},
        {"hs_object_id": "7"},
        {"lastname": "fine"},
    ]
    inputs = [UpdateInput(str(n), ids[n], one) for n, one in enumerate(values)]
    results = await hubspot.client.batch_update("contacts", inputs)
    assert [(refused(results[key]).code, refused(results[key]).field) for key in "012"] == [
        ("INVALID_EMAIL", "email"),
        ("PROPERTY_DOESNT_EXIST", "no_such_property"),
        ("READ_ONLY_VALUE", "hs_object_id"),
    ]
    assert list(written(results)) == ["3"]
    assert "ada" not in repr(results)
    assert "secret" not in repr(results)


async def test_updates_of_records_that_are_gone(hubspot: HubSpotUnderTest) -> None:
    kept, merged, other = await hubspot.control.create_many(
        "contacts", [person(n) for n in range(3)]
    )
    await hubspot.control.order("merge", object="contacts", id=merged, other_id=other)
    results = await hubspot.client.batch_update(
        "contacts",
        [
            UpdateInput("kept", kept, {"lastname": "New"}),
            UpdateInput("merged", merged, {"lastname": "New"}),
            UpdateInput("unknown", "999999999", {"lastname": "New"}),
        ],
    )
    assert list(written(results)) == ["kept"]
    assert refused(results["merged"]).code == "RECORD_OMITTED"
    assert refused(results["unknown"]).code == "OBJECT_NOT_FOUND"
    assert (await hubspot.control.records("contacts"))[kept]["lastname"] == "New"


async def test_two_updates_of_one_record_are_both_made(hubspot: HubSpotUnderTest) -> None:
    record_id = await hubspot.control.create("contacts", person(1))
    results = await hubspot.client.batch_update(
        "contacts",
        [
            UpdateInput("a", record_id, {"lastname": "First", "phone": "1"}),
            UpdateInput("b", record_id, {"lastname": "Second"}),
        ],
    )
    fields = (await hubspot.control.records("contacts"))[record_id]
    assert sorted(written(results)) == ["a", "b"]
    assert (fields["lastname"], fields["phone"]) == ("Second", "1")


async def test_none_clears_a_property(hubspot: HubSpotUnderTest) -> None:
    record_id = await hubspot.control.create("contacts", person(1, phone="1"))
    await hubspot.client.batch_update("contacts", [UpdateInput("a", record_id, {"phone": None})])
    read = await hubspot.client.batch_read("contacts", [record_id], ["phone"])
    assert not read.found[record_id].properties["phone"]


async def test_an_admins_rule_is_told_by_its_field(hubspot: HubSpotUnderTest) -> None:
    await hubspot.control.order("rules", object="contacts", required=["phone"])
    results = await hubspot.client.batch_create(
        "contacts", [CreateInput("a", person(1)), CreateInput("b", person(2, phone="7"))]
    )
    assert refused(results["a"]).code == "MISSING_REQUIRED_PROPERTY"
    assert refused(results["a"]).field == "phone"
    assert list(written(results)) == ["b"]


async def test_archived_records_are_gone(hubspot: HubSpotUnderTest) -> None:
    ids = await hubspot.control.create_many("contacts", [person(n) for n in range(3)])
    await hubspot.client.archive("contacts", [ids[0], ids[1], ids[0], "999999999"])
    assert list(await hubspot.control.records("contacts")) == [ids[2]]


async def test_a_property_that_is_no_identity_is_refused(hubspot: HubSpotUnderTest) -> None:
    results = await hubspot.client.batch_upsert(
        "contacts", "lastname", [UpsertInput("a", "x", {}), UpsertInput("b", "y", {})]
    )
    assert written(results) == {}


async def test_missing_scopes_are_named(hubspot: HubSpotUnderTest) -> None:
    line = hubspot_under_test(
        hubspot.control, hubspot.http, scopes=("oauth", "crm.objects.contacts.read")
    )
    with pytest.raises(CrmFatalError, match=r"crm\.objects\.contacts\.write") as caught:
        await line.client.batch_create("contacts", [CreateInput("a", person(1))])
    assert caught.value.code == "MISSING_SCOPES"
