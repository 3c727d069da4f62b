"""Listing and retrieving metadata by SOAP, on the simulated org."""

import pytest

from shared.crm.errors import CrmAuthError, CrmFatalError, CrmLimitError
from shared.crm.salesforce.retrieval import RetrievalClient, Retrieved
from shared.crm.salesforce.soap import SoapErrors
from shared.crm.transport import Transport
from tests.contracts.crm.lines import SalesforceUnderTest

NAMES = ("Lead-Lead Layout", "Lead-Lead %28Sales%29 Layout")


@pytest.fixture
def layouts(salesforce: SalesforceUnderTest) -> RetrievalClient:
    transport = Transport(salesforce.http, salesforce.tokens, salesforce.meter, family=SoapErrors())
    return RetrievalClient(transport)


async def retrieved(
    salesforce: SalesforceUnderTest, layouts: RetrievalClient, *names: str
) -> Retrieved:
    started = await layouts.retrieve("Layout", names)
    assert (await layouts.retrieved(started)).done is False
    await salesforce.control.advance_clock(60)
    return await layouts.retrieved(started)


async def test_layouts_are_listed(layouts: RetrievalClient) -> None:
    found = {one.name: one for one in await layouts.listed("Layout")}
    assert set(NAMES) < set(found)
    sales = found["Lead-Lead %28Sales%29 Layout"]
    assert sales.file == "layouts/Lead-Lead %28Sales%29 Layout.layout"
    assert sales.changed_at


async def test_layouts_are_retrieved_once(
    salesforce: SalesforceUnderTest, layouts: RetrievalClient
) -> None:
    got = await retrieved(salesforce, layouts, *NAMES)
    assert set(got.files) == {"package.xml", *(f"layouts/{name}.layout" for name in NAMES)}
    assert b"<layoutSections>" in got.files["layouts/Lead-Lead Layout.layout"]
    listed = {one.name: one.changed_at for one in await layouts.listed("Layout")}
    told = {one.name: one.changed_at for one in got.properties}
    assert {name: told[name] for name in NAMES} == {name: listed[name] for name in NAMES}
    assert got.problems == ()


async def test_the_files_are_handed_out_once(
    salesforce: SalesforceUnderTest, layouts: RetrievalClient
) -> None:
    started = await layouts.retrieve("Layout", NAMES)
    await salesforce.control.advance_clock(60)
    assert (await layouts.retrieved(started)).files
    with pytest.raises(CrmFatalError) as gone:
        await layouts.retrieved(started)
    assert gone.value.code == "INVALID_LOCATOR"


async def test_a_layout_that_is_not_there_is_named(
    salesforce: SalesforceUnderTest, layouts: RetrievalClient
) -> None:
    got = await retrieved(salesforce, layouts, "Lead-Gone <Layout>")
    assert got.problems == ("Entity of type 'Layout' named 'Lead-Gone <Layout>' cannot be found",)
    assert set(got.files) == {"package.xml"}


async def test_a_session_that_ended_is_replaced_once(
    salesforce: SalesforceUnderTest, layouts: RetrievalClient
) -> None:
    await layouts.listed("Layout")
    await salesforce.control.order("end-sessions")
    assert await layouts.listed("Layout")
    assert salesforce.tokens.rejections == 1


async def test_a_user_without_the_permission_is_refused(
    salesforce: SalesforceUnderTest, layouts: RetrievalClient
) -> None:
    await salesforce.control.switches({"modify_metadata": False})
    with pytest.raises(CrmFatalError) as refused:
        await layouts.listed("Layout")
    assert refused.value.code == "INSUFFICIENT_ACCESS"
    assert not isinstance(refused.value, CrmAuthError)


async def test_a_used_up_quota_is_a_limit(
    salesforce: SalesforceUnderTest, layouts: RetrievalClient
) -> None:
    await salesforce.control.switches({"daily_limit": 0})
    with pytest.raises(CrmLimitError):
        await layouts.listed("Layout")
