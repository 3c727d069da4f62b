"""Several describes in one call, record types, and the stages of opportunities."""

from typing import Any

import httpx2
import pytest

from shared.crm.errors import CrmFatalError, CrmRetriableError
from shared.crm.salesforce import describes
from shared.crm.salesforce.describe import ObjectDescribe, RecordType
from shared.crm.salesforce.stages import OpportunityStage
from tests.unit.crm.fakes import SalesforceLine, in_turn, reply, sent

ROOT = "/services/data/v66.0"


def described(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "label": name, "fields": [{"name": "Id", "type": "id"}], **more}


def composite(request: httpx2.Request, bodies: dict[str, tuple[int, Any]]) -> httpx2.Response:
    """Answers in another order than asked."""
    items = []
    for one in reversed(sent(request)["compositeRequest"]):
        status, body = bodies[one["url"].split("/")[-2]]
        items.append(
            {
                "referenceId": one["referenceId"],
                "httpStatusCode": status,
                "httpHeaders": {},
                "body": body,
            }
        )
    return reply({"compositeResponse": items})


async def test_several_objects_are_one_call() -> None:
    bodies = {
        "Contact": (200, described("Contact")),
        "Lead": (404, [{"errorCode": "NOT_FOUND", "message": "The requested resource does not"}]),
    }
    line = SalesforceLine(lambda request: composite(request, bodies))
    found = await line.client.describes(["Contact", "Lead"])
    assert line.paths == [f"POST {ROOT}/composite"]
    contact, lead = found["Contact"], found["Lead"]
    assert isinstance(contact, ObjectDescribe)
    assert list(contact.fields) == ["Id"]
    assert isinstance(lead, CrmFatalError)
    assert lead.code == "NOT_FOUND"


async def test_what_may_pass_is_asked_again() -> None:
    bodies = {"Contact": (503, [{"errorCode": "SERVER_UNAVAILABLE", "message": "later"}])}
    line = SalesforceLine(lambda request: composite(request, bodies))
    with pytest.raises(CrmRetriableError):
        await line.client.describes(["Contact"])


@pytest.mark.parametrize(
    "answer",
    [{"compositeResponse": []}, {"compositeResponse": 3}, [], {"compositeResponse": [{}]}],
)
async def test_an_answer_with_holes_is_asked_for_again(answer: Any) -> None:
    line = SalesforceLine(lambda _request: reply(answer))
    with pytest.raises(CrmRetriableError) as caught:
        await line.client.describes(["Contact"])
    assert caught.value.code == "crm_answer_unreadable"


async def test_what_is_too_large_for_one_answer_is_read_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    padding = "x" * 2_000

    def answer(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            bodies = {name: (200, described(name, padding=padding)) for name in ("A", "B")}
            return composite(request, bodies)
        name = request.url.path.split("/")[-2]
        if name == "B":
            return reply([{"errorCode": "NOT_FOUND", "message": "no"}], 404)
        return reply(described(name, padding=padding))

    line = SalesforceLine(answer)
    monkeypatch.setattr(describes, "MAX_DESCRIBE_BYTES", 2_900)
    request = line.transport.request

    async def tight(method: str, path: str, **options: Any) -> httpx2.Response:
        return await request(method, path, **{"max_bytes": 3_000, **options})

    monkeypatch.setattr(line.transport, "request", tight)
    found = await line.client.describes(["A", "B"])
    assert isinstance(found["A"], ObjectDescribe)
    assert isinstance(found["B"], CrmFatalError)
    assert [path.split()[0] for path in line.paths] == ["POST", "GET", "GET"]


async def test_no_more_objects_than_one_call_takes() -> None:
    line = SalesforceLine(lambda _request: reply({}))
    with pytest.raises(ValueError, match="25"):
        await line.client.describes([str(n) for n in range(26)])


@pytest.mark.parametrize("body", [[], {"fields": [{"name": 3}]}, {"fields": "x"}])
async def test_a_describe_that_is_none_is_asked_for_again(body: Any) -> None:
    line = SalesforceLine(lambda _request: reply(body))
    with pytest.raises(CrmRetriableError):
        await line.client.describe("Contact")


async def test_record_types_that_the_user_may_use() -> None:
    kinds = [
        {"recordTypeId": "012A", "name": "New", "active": True, "available": True},
        {"recordTypeId": "012B", "name": "Old", "active": False, "available": True},
        {"recordTypeId": "012C", "name": "Theirs", "active": True, "available": False},
        {"recordTypeId": "0120", "name": "Master", "master": True},
    ]
    line = SalesforceLine(
        lambda _request: reply(described("Opportunity", recordTypeInfos=kinds, fields=[]))
    )
    found = await line.client.describe("Opportunity")
    assert found.record_types == (
        RecordType("012A", "New", master=False),
        RecordType("0120", "Master", master=True),
    )


async def test_whole_numbers_have_digits_instead_of_a_precision() -> None:
    fields = [
        {"name": "A", "type": "int", "precision": 0, "digits": 8},
        {"name": "B", "type": "double", "precision": 18, "digits": 0, "scale": 2},
    ]
    line = SalesforceLine(lambda _request: reply(described("X", fields=fields)))
    found = (await line.client.describe("X")).fields
    assert (found["A"].precision, found["B"].precision, found["B"].scale) == (8, 18, 2)


async def test_stages_and_those_of_a_record_type() -> None:
    rows = [
        {"ApiName": "Won", "MasterLabel": "Won!", "DefaultProbability": 100, "IsClosed": True,
         "IsWon": True, "SortOrder": 2},
        {"ApiName": "Open", "MasterLabel": "Open", "DefaultProbability": 10, "SortOrder": 1},
        {"MasterLabel": "Odd", "DefaultProbability": "x", "SortOrder": 3},
    ]  # fmt: skip
    body = {"totalSize": 3, "done": True, "records": rows}
    item = {"referenceId": "q0", "httpStatusCode": 200, "body": body}
    line = SalesforceLine(
        in_turn(
            [
                reply({"compositeResponse": [item]}),
                reply({"values": [{"value": "Open", "label": "Open"}]}),
            ]
        )
    )
    assert await line.client.stages() == [
        OpportunityStage("Open", "Open", 0.1, closed=False, won=False),
        OpportunityStage("Won", "Won!", 1.0, closed=True, won=True),
        OpportunityStage("Odd", "Odd", None, closed=False, won=False),
    ]
    assert await line.client.picklist_values("Opportunity", "012A", "StageName") == ["Open"]
    assert line.paths[-1] == (
        f"GET {ROOT}/ui-api/object-info/Opportunity/picklist-values/012A/StageName"
    )
