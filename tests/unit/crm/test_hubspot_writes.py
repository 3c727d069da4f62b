from datetime import UTC, date, datetime
from typing import Any

import httpx2
import pytest

from shared.crm.errors import CrmLimitError
from shared.crm.hubspot.rows import Association, CreateInput, UpdateInput, UpsertInput
from shared.crm.writes import Refused, Written
from tests.unit.crm.fakes import HubSpotLine, in_turn, reply, sent

SECRET = "ada@example.com"


def written(record_id: str, trace: str | None, **more: Any) -> dict[str, Any]:
    traced = {} if trace is None else {"objectWriteTraceId": trace}
    return {"id": record_id, "properties": {}, "archived": False, **traced, **more}


def problem(trace: str | None, message: str = "no", **more: Any) -> dict[str, Any]:
    context = {} if trace is None else {"objectWriteTraceId": [trace]}
    return {
        "status": "error",
        "category": "VALIDATION_ERROR",
        "message": message,
        "context": {**context, **more},
    }


def partial(results: list[Any], errors: list[Any]) -> httpx2.Response:
    body = {"status": "COMPLETE", "results": results, "numErrors": len(errors), "errors": errors}
    return reply(body, 207 if errors else 200)


async def test_create_sends_trace_ids_and_reads_shuffled_results() -> None:
    line = HubSpotLine(
        lambda _request: reply({"results": [written("502", "1"), written("501", "0")]}, 201)
    )
    results = await line.client.batch_create(
        "contacts",
        [
            CreateInput("a", {"email": SECRET, "phone": None}, (Association("9", 279),)),
            CreateInput(
                "b", {"since": datetime(2026, 1, 2, tzinfo=UTC), "day": date(2026, 1, 2), "n": 7}
            ),
        ],
    )
    assert results == {
        "a": Written("a", "501", created=True),
        "b": Written("b", "502", created=True),
    }
    assert line.paths == ["POST /crm/objects/2026-09/contacts/batch/create"]
    assert line.bodies == [
        {
            "inputs": [
                {
                    "properties": {"email": SECRET, "phone": ""},
                    "associations": [
                        {
                            "to": {"id": "9"},
                            "types": [
                                {
                                    "associationCategory": "HUBSPOT_DEFINED",
                                    "associationTypeId": 279,
                                }
                            ],
                        }
                    ],
                    "objectWriteTraceId": "0",
                },
                {
                    "properties": {
                        "since": "2026-01-02T00:00:00.000Z",
                        "day": "2026-01-02",
                        "n": 7,
                    },
                    "objectWriteTraceId": "1",
                },
            ]
        }
    ]


async def test_a_partial_failure_is_told_record_by_record() -> None:
    exists = problem("1", "Contact already exists. Existing ID: 77", existingId=[77])
    line = HubSpotLine(lambda _request: partial([written("501", "0")], [exists]))
    results = await line.client.batch_create(
        "contacts", [CreateInput("a", {"x": "1"}), CreateInput("b", {"email": SECRET})]
    )
    refused = results["b"]
    assert results["a"] == Written("a", "501", created=True)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.existing_id, refused.retriable) == ("CONFLICT", "77", False)


async def test_an_update_that_hubspot_passes_over_in_silence_is_refused() -> None:
    line = HubSpotLine(lambda _request: reply({"results": [written("501", "0")]}))
    results = await line.client.batch_update(
        "contacts", [UpdateInput("a", "501", {"x": "1"}), UpdateInput("b", "502", {"x": "1"})]
    )
    refused = results["b"]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retriable) == ("RECORD_OMITTED", True)


async def test_an_update_without_trace_ids_in_the_answer_is_matched_by_id() -> None:
    missing = {
        "status": "error",
        "category": "OBJECT_NOT_FOUND",
        "message": "Could not get some CONTACT objects",
        "context": {"ids": ["502"]},
    }
    line = HubSpotLine(lambda _request: partial([written("501", None)], [missing]))
    results = await line.client.batch_update(
        "contacts", [UpdateInput("a", "501", {"x": "1"}), UpdateInput("b", "502", {"x": "1"})]
    )
    assert results["a"] == Written("a", "501", created=False)
    refused = results["b"]
    assert isinstance(refused, Refused)
    assert refused.code == "OBJECT_NOT_FOUND"


async def test_upsert_tells_new_from_known_and_matches_by_value_without_traces() -> None:
    results_ = [
        written("501", None, new=True, properties={"causeway_key": "org:003B"}),
        written("502", None, new=False, properties={"causeway_key": "org:003A"}),
    ]
    line = HubSpotLine(lambda _request: reply({"results": results_}))
    results = await line.client.batch_upsert(
        "contacts",
        "causeway_key",
        [UpsertInput("a", "org:003A", {"x": None}), UpsertInput("b", "org:003B", {"x": "1"})],
    )
    assert results == {
        "a": Written("a", "502", created=False),
        "b": Written("b", "501", created=True),
    }
    assert line.bodies[0]["inputs"][0] == {
        "id": "org:003A",
        "idProperty": "causeway_key",
        "properties": {"x": "", "causeway_key": "org:003A"},
        "objectWriteTraceId": "0",
    }


async def test_a_conflict_that_hides_its_record_is_found_by_halving() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        inputs = sent(request)["inputs"]
        bad = any(one["properties"].get("email") == SECRET for one in inputs)
        if not bad:
            return reply({"results": [written(f"9{n}", str(n)) for n in range(len(inputs))]}, 201)
        if len(inputs) > 1:
            return reply({"category": "CONFLICT", "message": "Contact already exists"}, 409)
        return reply(
            {"category": "CONFLICT", "message": "Contact already exists. Existing ID: 77"}, 409
        )

    line = HubSpotLine(answer)
    rows = [
        CreateInput(str(n), {"email": SECRET if n == 63 else f"{n}@x.example"}) for n in range(100)
    ]
    results = await line.client.batch_create("contacts", rows)
    refused = results["63"]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.existing_id) == ("CONFLICT", "77")
    assert sum(isinstance(one, Written) for one in results.values()) == 99
    assert len(line.requests) <= 15
    assert len(line.meter.taken) == len(line.requests)


async def test_a_unique_clash_names_the_record_that_has_the_value() -> None:
    clash = (
        "Cannot set PropertyValueCoordinates{portalId=1, objectTypeId=ObjectTypeId"
        f"{{legacyObjectType=CONTACT}}, propertyName=email, value={SECRET}}} on 900. "
        "501 already has that value."
    )
    line = HubSpotLine(
        lambda _request: reply({"category": "VALIDATION_ERROR", "message": clash}, 400)
    )
    results = await line.client.batch_update(
        "contacts", [UpdateInput("a", "900", {"email": SECRET})]
    )
    refused = results["a"]
    assert isinstance(refused, Refused)
    assert (refused.field, refused.existing_id) == ("email", "501")
    assert SECRET not in repr(refused)


async def test_errors_that_name_no_input_are_settled_one_by_one() -> None:
    line = HubSpotLine(
        in_turn(
            [
                partial([written("501", "0")], [problem(None)]),
                partial([written("502", "0")], []),
                partial([], [problem(None)]),
            ]
        )
    )
    rows = [UpdateInput(key, f"50{n + 1}", {"x": "1"}) for n, key in enumerate("abc")]
    results = await line.client.batch_update("contacts", rows)
    assert [type(results[key]) for key in "ab"] == [Written, Written]
    refused = results["c"]
    assert isinstance(refused, Refused)
    assert refused.code == "VALIDATION_ERROR"


async def test_two_updates_of_one_record_go_one_after_the_other() -> None:
    line = HubSpotLine(lambda _request: reply({"results": [written("501", "0")]}))
    results = await line.client.batch_update(
        "contacts", [UpdateInput("a", "501", {"x": "1"}), UpdateInput("b", "501", {"x": "2"})]
    )
    assert [body["inputs"][0]["properties"]["x"] for body in line.bodies] == ["1", "2"]
    assert all(isinstance(one, Written) for one in results.values())


async def test_two_upserts_of_one_address_in_any_case_go_one_after_the_other() -> None:
    line = HubSpotLine(lambda _request: reply({"results": [written("501", "0", new=False)]}))
    await line.client.batch_upsert(
        "contacts",
        "email",
        [UpsertInput("a", "Ada@example.com", {}), UpsertInput("b", "ada@example.com", {})],
    )
    assert [len(body["inputs"]) for body in line.bodies] == [1, 1]


async def test_batches_hold_a_hundred_and_one_that_breaks_keeps_the_others() -> None:
    def answer(request: httpx2.Request) -> httpx2.Response:
        inputs = sent(request)["inputs"]
        if inputs[0]["id"] == "100":
            return reply({"policyName": "TEN_SECONDLY_ROLLING"}, 429)
        return reply({"results": [written(one["id"], one["objectWriteTraceId"]) for one in inputs]})

    line = HubSpotLine(answer)
    rows = [UpdateInput(f"k{n}", str(n), {"x": "1"}) for n in range(250)]
    results = await line.client.batch_update("contacts", rows)
    assert sorted(len(body["inputs"]) for body in line.bodies) == [50, 100, 100]
    refused = results["k150"]
    assert isinstance(refused, Refused)
    assert (refused.code, refused.retriable) == ("TEN_SECONDLY_ROLLING", True)
    assert sum(isinstance(one, Written) for one in results.values()) == 150


async def test_a_limit_on_the_only_batch_is_raised() -> None:
    line = HubSpotLine(lambda _request: reply({"policyName": "TEN_SECONDLY_ROLLING"}, 429))
    with pytest.raises(CrmLimitError):
        await line.client.batch_update("contacts", [UpdateInput("a", "1", {"x": "1"})])


async def test_archive_sends_each_id_once() -> None:
    line = HubSpotLine(lambda _request: httpx2.Response(204))
    await line.client.archive("contacts", ["1", "2", "1"])
    assert line.bodies == [{"inputs": [{"id": "1"}, {"id": "2"}]}]
    await line.client.archive("contacts", [])
    assert len(line.requests) == 1
