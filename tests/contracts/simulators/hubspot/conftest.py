from collections.abc import Iterator

import pytest

from tests.contracts.simulators.hubspot.driver import Sim, driving
from tests.simulators.machinery.launch import running

OPTIONS = ["--burst-limit", "100000", "--search-limit", "100000", "--index-lag", "0"]
"""Limits and lag have tests of their own, with processes of their own."""


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    with running("tests.simulators.hubspot", OPTIONS) as url:
        yield url


@pytest.fixture
def sim(simulator_url: str) -> Iterator[Sim]:
    with driving(simulator_url) as driver:
        driver.control("reset")
        yield driver
