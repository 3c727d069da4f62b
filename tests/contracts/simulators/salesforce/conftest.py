from collections.abc import Iterator

import httpx2
import pytest

from tests.contracts.simulators.salesforce.bulk_driver import Jobs
from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.pubsub_client import Bus
from tests.contracts.simulators.salesforce.soap_listener import Listener, listening
from tests.simulators.machinery.launch import running


@pytest.fixture(scope="session")
def salesforce_url() -> Iterator[str]:
    with running(
        "tests.simulators.salesforce", ["--install-seconds", "0", "--pubsub-port", "0"]
    ) as url:
        yield url


@pytest.fixture
def org(salesforce_url: str) -> Iterator[Driver]:
    with httpx2.Client(base_url=salesforce_url, timeout=30) as http:
        driver = Driver(http)
        driver.control("reset")
        driver.grant()
        yield driver


@pytest.fixture
def jobs(org: Driver) -> Jobs:
    """Bulk jobs of an org with the package, which only the virtual clock moves on."""
    org.install()
    return Jobs(org)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """An endpoint for outbound messages."""
    with listening() as found:
        yield found


@pytest.fixture
def bus(org: Driver) -> Iterator[Bus]:
    """The Pub/Sub API of the org, which captures nothing yet."""
    with Bus(org) as found:
        yield found
