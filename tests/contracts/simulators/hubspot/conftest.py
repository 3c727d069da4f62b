from collections.abc import Callable, Iterator
from typing import Any

import pytest
import urllib3
from hubspot import HubSpot

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


@pytest.fixture
def official(sim: Sim, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Any]]:
    """Makes HubSpot's own clients, with the options that they are given."""
    pools: list[urllib3.PoolManager] = []

    class Remembered(urllib3.PoolManager):
        """The client never closes its connections, so the test does."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            pools.append(self)

    def make(**options: Any) -> Any:
        return HubSpot(access_token=sim.token(), host=sim.url, base_url=sim.url, **options)

    monkeypatch.setattr(urllib3, "PoolManager", Remembered)
    yield make
    for pool in pools:
        pool.clear()


@pytest.fixture
def client(official: Callable[..., Any]) -> Any:
    """HubSpot's own client as it comes."""
    return official()


@pytest.fixture
def strict(official: Callable[..., Any]) -> Any:
    """The same, but it refuses an answer that its model classes do not allow."""
    return official(client_side_validation=True)
