"""Both clients on simulators that run as processes of their own, emptied before each test."""

from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest

from tests.contracts.crm.lines import (
    HubSpotUnderTest,
    SalesforceUnderTest,
    hubspot_under_test,
    salesforce_under_test,
)
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator


@pytest.fixture(scope="session")
def hubspot_url() -> Iterator[str]:
    with simulator("hubspot") as base_url:
        yield base_url


@pytest.fixture(scope="session")
def salesforce_url() -> Iterator[str]:
    with simulator("salesforce") as base_url:
        yield base_url


@pytest.fixture
async def http() -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(trust_env=False) as client:
        yield client


@pytest.fixture
async def hubspot(hubspot_url: str, http: httpx2.AsyncClient) -> AsyncIterator[HubSpotUnderTest]:
    async with SimulatorControl(hubspot_url) as control:
        await control.reset()
        yield hubspot_under_test(control, http)


@pytest.fixture
async def salesforce(
    salesforce_url: str, http: httpx2.AsyncClient
) -> AsyncIterator[SalesforceUnderTest]:
    async with SimulatorControl(salesforce_url) as control:
        await control.reset()
        yield salesforce_under_test(control, http)
