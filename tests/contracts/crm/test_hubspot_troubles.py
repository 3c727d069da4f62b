import pytest

from shared.crm.errors import CrmError, CrmFatalError, CrmLimitError, CrmRetriableError
from shared.crm.hubspot.client import HubSpotClient
from shared.crm.hubspot.mapper import HubSpotErrors
from shared.crm.hubspot.property_list import PropertyDefinition
from shared.crm.hubspot.rows import UpdateInput, UpsertInput
from shared.crm.transport import Transport
from shared.crm.writes import Refused, Written
from tests.contracts.crm.lines import HubSpotUnderTest
from tests.simulators.machinery.faults import FaultKind

ACCOUNT = "GET /account-info/*"
UPDATE = "POST /crm/objects/*/contacts/batch/update"
UPSERT = "POST /crm/objects/*/contacts/batch/upsert"


@pytest.mark.parametrize(
    ("code", "family", "wait"),
    [
        ("TEN_SECONDLY_ROLLING", CrmLimitError, 10.0),
        ("DAILY", CrmLimitError, 3600.0),
        ("SECONDLY", CrmLimitError, 1.0),
        ("LOCKED", CrmRetriableError, 2.0),
        ("MIGRATION_IN_PROGRESS", CrmRetriableError, 3600.0),
    ],
)
async def test_what_may_work_later(
    hubspot: HubSpotUnderTest, code: str, family: type[CrmRetriableError], wait: float
) -> None:
    await hubspot.control.fault(ACCOUNT, "http", code=code)
    with pytest.raises(CrmRetriableError) as caught:
        await hubspot.client.account()
    assert type(caught.value) is family
    assert caught.value.retry_after == wait
    assert (await hubspot.client.account()).portal_id == "111"


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("html", "HTTP_502"),
        ("drop_before", "crm_connection_lost"),
        ("drop_after", "crm_connection_lost"),
    ],
)
async def test_broken_answers_are_retriable(
    hubspot: HubSpotUnderTest, kind: FaultKind, code: str
) -> None:
    await hubspot.control.fault(ACCOUNT, kind, status=502)
    with pytest.raises(CrmRetriableError) as caught:
        await hubspot.client.account()
    assert caught.value.code == code


async def test_missing_credentials_do_not_refresh(hubspot: HubSpotUnderTest) -> None:
    await hubspot.control.fault(ACCOUNT, "http", code="INVALID_AUTHENTICATION")
    with pytest.raises(CrmFatalError):
        await hubspot.client.account()
    assert hubspot.tokens.rejections == 0


async def test_a_slow_answer_is_given_up(hubspot: HubSpotUnderTest) -> None:
    await hubspot.control.fault(ACCOUNT, "slow_body", seconds=5)
    transport = Transport(
        hubspot.http, hubspot.tokens, hubspot.meter, family=HubSpotErrors(), total_seconds=0.2
    )
    with pytest.raises(CrmRetriableError) as caught:
        await HubSpotClient(transport).account()
    assert caught.value.code == "crm_timeout"


async def test_an_upsert_whose_answer_was_lost_makes_no_second_record(
    hubspot: HubSpotUnderTest,
) -> None:
    key = PropertyDefinition(
        "causeway_key", "Key", "string", "text", "contactinformation", has_unique_value=True
    )
    await hubspot.client.create_properties("contacts", [key])
    inputs = [UpsertInput(str(n), f"org:{n}", {"lastname": "X"}) for n in range(5)]
    await hubspot.control.fault(UPSERT, "drop_after")
    with pytest.raises(CrmError):
        await hubspot.client.batch_upsert("contacts", "causeway_key", inputs)
    results = await hubspot.client.batch_upsert("contacts", "causeway_key", inputs)
    assert {one.created for one in results.values() if isinstance(one, Written)} == {False}
    assert len(await hubspot.control.records("contacts")) == 5


async def test_a_batch_that_meets_a_limit_takes_nothing_from_the_others(
    hubspot: HubSpotUnderTest,
) -> None:
    ids = await hubspot.control.seed(people=150)
    await hubspot.control.fault(UPDATE, "http", code="TEN_SECONDLY_ROLLING")
    results = await hubspot.client.batch_update(
        "contacts", [UpdateInput(one, one, {"lastname": "New"}) for one in ids]
    )
    records = await hubspot.control.records("contacts")
    refused = [one for one in results.values() if isinstance(one, Refused)]
    assert {one.code for one in refused} == {"TEN_SECONDLY_ROLLING"}
    assert {one.retriable for one in refused} == {True}
    assert len(refused) in {50, 100}
    assert {one for one in ids if records[one]["lastname"] == "New"} == {
        key for key, one in results.items() if isinstance(one, Written)
    }


async def test_the_rest_of_the_burst_is_observed(hubspot: HubSpotUnderTest) -> None:
    await hubspot.client.account()
    assert hubspot.meter.last is not None
    assert hubspot.meter.last.remaining_burst == 109
