import httpx2
import pytest

from shared.crm.errors import CrmRetriableError
from shared.crm.watching import kind_of, measured, template
from shared.kernel.errors import RetriableError
from shared.telemetry.metrics import Metrics
from tests.fakes.spans import RecordedSpans
from tests.unit.crm.fakes import HubSpotLine, SalesforceLine, in_turn, reply

EXPIRED = {"status": "error", "message": "expired", "category": "EXPIRED_AUTHENTICATION"}
COUNT = "causeway_crm_call_seconds_count"


def counted(metrics: Metrics, side: str, kind: str, status: str) -> float | None:
    labels = {"side": side, "kind": kind, "status": status}
    return metrics.registry.get_sample_value(COUNT, labels)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/crm/objects/2026-09/contacts/batch/read", "/crm/objects/2026-09/contacts/batch/read"),
        ("/crm/v3/objects/contacts/12345", "/crm/v3/objects/contacts/{id}"),
        (
            "/crm/v3/objects/contacts/ada@example.com?idProperty=email",
            "/crm/v3/objects/contacts/{id}",
        ),
        ("/crm/v3/objects/contacts/ada%40example.com", "/crm/v3/objects/contacts/{id}"),
        ("/services/data/v66.0/limits", "/services/data/v66.0/limits"),
        (
            "/services/data/v66.0/composite/sobjects/Contact/Causeway_Key__c",
            "/services/data/v66.0/composite/sobjects/Contact/Causeway_Key__c",
        ),
        (
            "/services/data/v66.0/sobjects/Contact/003D000000QV9n2IAD",
            "/services/data/v66.0/sobjects/Contact/{id}",
        ),
        ("/services/data/v66.0/query/01gD0000002HU6KIAW-2000", "/services/data/v66.0/query/{id}"),
        ("/services/data/v66.0/query?q=SELECT+Id", "/services/data/v66.0/query"),
        ("/a/+1 555 0100", "/a/{id}"),
        ("/", "/"),
    ],
)
def test_a_path_is_told_without_ids_values_and_query(path: str, told: str) -> None:
    assert template(path) == told


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/crm/v3/owners", "read"),
        ("POST", "/crm/v3/objects/contacts/batch/read", "read"),
        ("POST", "/crm/v3/objects/contacts/search", "read"),
        ("POST", "/crm/v3/objects/contacts/batch/upsert", "write"),
        ("POST", "/services/data/v66.0/composite", "read"),
        ("PATCH", "/services/data/v66.0/composite/sobjects", "write"),
        ("POST", "/services/data/v66.0/composite/sobjects", "write"),
    ],
)
def test_a_call_reads_or_writes(method: str, path: str, kind: str) -> None:
    assert kind_of(method, path) == kind


async def test_a_call_is_one_span_with_its_template(monkeypatch: pytest.MonkeyPatch) -> None:
    spans = RecordedSpans(monkeypatch)
    line = SalesforceLine(lambda _request: reply([]))
    await line.transport.request("PATCH", "/services/data/v66.0/sobjects/Contact/003D0000001")
    assert dict(spans.one("CRM write").attributes or {}) == {
        "crm": "Salesforce",
        "http.request.method": "PATCH",
        "http.route": "/services/data/v66.0/sobjects/Contact/{id}",
        "calls": 1,
        "http.response.status_code": 200,
    }


async def test_a_repeated_call_is_counted_twice_in_one_span(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans, metrics = RecordedSpans(monkeypatch), Metrics()
    line = HubSpotLine(in_turn([reply(EXPIRED, 401), reply({})]), watch=measured(metrics))
    await line.transport.request("GET", "/crm/v3/owners")
    assert (spans.one("CRM read").attributes or {})["calls"] == 2
    assert counted(metrics, "hubspot", "read", "401") == 1
    assert counted(metrics, "hubspot", "read", "200") == 1


async def test_a_call_without_an_answer_is_told_by_why(monkeypatch: pytest.MonkeyPatch) -> None:
    spans, metrics = RecordedSpans(monkeypatch), Metrics()

    def lost(_request: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("no route")

    line = HubSpotLine(lost, watch=measured(metrics))
    with pytest.raises(CrmRetriableError):
        await line.transport.request("POST", "/crm/v3/objects/contacts/batch/update", json={})
    assert counted(metrics, "hubspot", "write", "crm_unreachable") == 1
    assert spans.one("CRM write").status.description == "CrmRetriableError"


async def test_a_call_that_quota_did_not_grant_was_not_made() -> None:
    metrics = Metrics()
    line = HubSpotLine(lambda _request: reply({}), watch=measured(metrics))
    line.meter.refusal = RetriableError("used up", code="quota_exhausted")
    with pytest.raises(RetriableError):
        await line.transport.request("GET", "/crm/v3/owners")
    assert next(iter(metrics.registry.collect())).samples == []
