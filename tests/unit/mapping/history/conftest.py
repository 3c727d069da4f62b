"""One deployment for all tests of versions and files, as on the first day for each."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from tests.unit.mapping.office import Office
from tests.unit.mapping.review.samples import full


@pytest.fixture(scope="module")
def deployment() -> Office:
    return Office(full())


@pytest.fixture
def office(deployment: Office) -> Office:
    deployment.reset()
    return deployment


@pytest.fixture
async def client(office: Office) -> AsyncIterator[httpx2.AsyncClient]:
    await office.connect()
    async with office.client() as made:
        yield made
