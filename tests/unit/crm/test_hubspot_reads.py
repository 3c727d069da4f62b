from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.hubspot.records import UNKNOWN_TIME, HistoryEntry, HubSpotRecord, time_of
from shared.crm.hubspot.search import Filter
from shared.crm.transport import CallKind
from tests.unit.crm.fakes import HubSpotLine, in_turn, page, reply, sent


def record(record_id: str, **properties: Any) -> dict[str, Any]:
    return {
        "id": record_id,
        "properties": properties,
        "createdAt": "2026-11-23T10:00:00.123Z",
        "updatedAt": "2026-11-23T10:00:00Z",
        "archived": False,
    }


async def test_records_are_found_by_id_and_the_rest_is_missing() -> None:
    missing = {"category": "OBJECT_NOT_FOUND", "context": {"ids": ["3"]}}
    line = HubSpotLine(
        lambda _request: reply(
            {
                "results": [record("2", firstname=None), record("1", firstname="Ada", n=7, b=True)],
                "errors": [missing],
            },
            207,
        )
    )
    read = await line.client.batch_read("contacts", ["1", "2", "3", "1"], ["firstname"])
    assert read.found["1"] == HubSpotRecord(
        id="1",
        properties={"firstname": "Ada", "n": "7", "b": "true"},
        updated_at=datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
        archived=False,
    )
    assert read.found["2"].properties == {"firstname": None}
    assert read.missing == {"3"}
    assert line.paths == ["POST /crm/objects/2026-09/contacts/batch/read"]
    assert line.bodies == [
        {"inputs": [{"id": "1"}, {"id": "2"}, {"id": "3"}], "properties": ["firstname"]}
    ]


async def test_records_that_are_left_out_in_silence_are_missing_too() -> None:
    line = HubSpotLine(lambda _request: reply({"results": [record("99")]}))
    read = await line.client.batch_read("contacts", ["1"], [])
    assert read.found == {}
    assert read.missing == {"1"}


async def test_people_are_found_by_any_of_their_addresses_in_any_case() -> None:
    line = HubSpotLine(
        lambda _request: reply(
            {
                "results": [
                    record(
                        "1", email="ada@x.example", hs_additional_emails="a@y.example;B@z.example"
                    )
                ]
            }
        )
    )
    asked = ["ADA@x.example", "b@Z.example", "c@x.example"]
    read = await line.client.batch_read("contacts", asked, ["email"], id_property="email")
    assert {asked_for: found.id for asked_for, found in read.found.items()} == {
        "ADA@x.example": "1",
        "b@Z.example": "1",
    }
    assert read.missing == {"c@x.example"}
    assert line.bodies[0]["idProperty"] == "email"
    assert line.bodies[0]["properties"] == ["email", "hs_additional_emails"]


async def test_an_address_in_two_spellings_is_asked_for_once() -> None:
    line = HubSpotLine(lambda _request: reply({"results": [record("1", email="ada@x.example")]}))
    asked = ["Ada@x.example", "ada@x.example"]
    read = await line.client.batch_read("contacts", asked, [], id_property="email")
    assert [read.found[one].id for one in asked] == ["1", "1"]
    assert len(line.bodies[0]["inputs"]) == 1


async def test_other_unique_values_keep_their_case() -> None:
    results = [record("1", causeway_key="org:a"), record("2", causeway_key="org:A")]
    line = HubSpotLine(lambda _request: reply({"results": results}))
    read = await line.client.batch_read(
        "contacts", ["org:a", "org:A"], [], id_property="causeway_key"
    )
    assert [read.found[one].id for one in ("org:a", "org:A")] == ["1", "2"]


async def test_histories_are_read_fifty_at_a_time() -> None:
    entry = {
        "value": "Ada",
        "timestamp": "2026-11-23T10:00:00Z",
        "sourceType": "CRM_UI",
        "sourceId": "userId:7",
    }

    def answer(request: httpx2.Request) -> httpx2.Response:
        ids = [one["id"] for one in sent(request)["inputs"]]
        history = {"propertiesWithHistory": {"firstname": [entry, {"value": None}]}}
        return reply({"results": [{**record(one), **history} for one in ids]})

    line = HubSpotLine(answer)
    read = await line.client.batch_read(
        "contacts", [str(n) for n in range(120)], [], history=["firstname"]
    )
    assert sorted(len(body["inputs"]) for body in line.bodies) == [20, 50, 50]
    assert line.bodies[0]["propertiesWithHistory"] == ["firstname"]
    assert read.found["7"].history["firstname"] == (
        HistoryEntry("Ada", datetime(2026, 11, 23, 10, 0, tzinfo=UTC), "CRM_UI", "userId:7"),
        HistoryEntry(None, None, "", ""),
    )


async def test_reading_nobody_is_no_call() -> None:
    line = HubSpotLine(in_turn([]))
    assert (await line.client.batch_read("contacts", [], ["x"])).found == {}


async def test_one_record_is_followed_through_its_merge() -> None:
    line = HubSpotLine(lambda _request: reply(record("900", firstname="Ada")))
    found = await line.client.read("contacts", "501", ["firstname", "email"])
    assert found is not None
    assert found.id == "900"
    assert str(line.requests[0].url).endswith("/contacts/501?properties=firstname%2Cemail")


async def test_no_such_record_is_none() -> None:
    line = HubSpotLine(lambda _request: reply({"message": "resource not found"}, 404))
    assert await line.client.read("contacts", "501", []) is None


async def test_other_refusals_of_a_read_are_raised() -> None:
    line = HubSpotLine(lambda _request: reply({"category": "MISSING_SCOPES"}, 403))
    with pytest.raises(CrmFatalError):
        await line.client.read("contacts", "501", [])


async def test_a_page_in_place_of_json_is_retriable() -> None:
    line = HubSpotLine(lambda _request: page(200))
    with pytest.raises(CrmRetriableError) as caught:
        await line.client.batch_read("contacts", ["1"], [])
    assert caught.value.code == "crm_answer_unreadable"


@pytest.mark.parametrize(
    ("found", "time"),
    [
        ("2026-11-23T10:00:00Z", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23T10:00:00.123Z", datetime(2026, 11, 23, 10, 0, 0, 123_000, tzinfo=UTC)),
        ("2026-11-23T12:00:00+02:00", datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        (1_763_892_000_000, datetime(2025, 11, 23, 10, tzinfo=UTC)),
        ("1763892000000", datetime(2025, 11, 23, 10, tzinfo=UTC)),
        (10**30, None),
        ("yesterday", None),
        (True, None),
        (None, None),
    ],
)
def test_times(found: object, time: datetime | None) -> None:
    assert time_of(found) == time


async def test_a_record_without_a_time_is_from_1970() -> None:
    line = HubSpotLine(lambda _request: reply({"results": [{"id": 1, "properties": None}]}))
    read = await line.client.batch_read("contacts", ["1"], [])
    assert read.found["1"].updated_at == UNKNOWN_TIME


async def test_a_search_is_metered_as_one_and_pages() -> None:
    body = {"total": 431, "results": [record("501")], "paging": {"next": {"after": "200"}}}
    line = HubSpotLine(lambda _request: reply(body))
    found = await line.client.search(
        "contacts",
        filters=[
            [
                Filter("lastmodifieddate", "GTE", "1763892000000"),
                Filter("x", "IN", values=("a", "b")),
            ],
            [Filter("n", "BETWEEN", "1", high_value="2"), Filter("y", "HAS_PROPERTY")],
        ],
        properties=["email"],
        sort="-lastmodifieddate",
        limit=200,
        after="100",
    )
    assert ([one.id for one in found.records], found.next_after, found.total) == (
        ["501"],
        "200",
        431,
    )
    assert line.meter.taken == [CallKind.SEARCH]
    assert line.paths == ["POST /crm/objects/2026-09/contacts/search"]
    assert line.bodies == [
        {
            "filterGroups": [
                {
                    "filters": [
                        {
                            "propertyName": "lastmodifieddate",
                            "operator": "GTE",
                            "value": "1763892000000",
                        },
                        {"propertyName": "x", "operator": "IN", "values": ["a", "b"]},
                    ]
                },
                {
                    "filters": [
                        {
                            "propertyName": "n",
                            "operator": "BETWEEN",
                            "value": "1",
                            "highValue": "2",
                        },
                        {"propertyName": "y", "operator": "HAS_PROPERTY"},
                    ]
                },
            ],
            "properties": ["email"],
            "limit": 200,
            "sorts": [{"propertyName": "lastmodifieddate", "direction": "DESCENDING"}],
            "after": "100",
        }
    ]


async def test_the_last_page_has_no_next() -> None:
    line = HubSpotLine(lambda _request: reply({"total": 0, "results": []}))
    found = await line.client.search("contacts", filters=[], properties=[])
    assert (found.records, found.next_after) == ((), None)


async def test_the_wall_of_10_000_is_named_without_a_call() -> None:
    line = HubSpotLine(in_turn([]))
    with pytest.raises(CrmFatalError) as caught:
        await line.client.search("contacts", filters=[], properties=[], after="10000")
    assert caught.value.code == "search_window_exceeded"


@pytest.mark.parametrize(
    ("filters", "limit"),
    [
        ([[Filter("a", "EQ", "1")]] * 6, 100),
        ([[Filter("a", "EQ", "1")] * 7], 100),
        ([[Filter("a", "EQ", "1")] * 4] * 5, 100),
        ([[Filter("a", "EQ", "x" * 3000)]], 100),
        ([], 201),
        ([], 0),
    ],
)
async def test_searches_that_hubspot_does_not_take_are_not_sent(
    filters: list[list[Filter]], limit: int
) -> None:
    line = HubSpotLine(in_turn([]))
    with pytest.raises(CrmFatalError) as caught:
        await line.client.search("contacts", filters=filters, properties=[], limit=limit)
    assert caught.value.code == "search_too_large"
