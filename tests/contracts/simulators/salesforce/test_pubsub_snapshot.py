from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2

from tests.contracts.simulators.salesforce.driver import Driver
from tests.contracts.simulators.salesforce.pubsub_client import CUSTOM, Bus, select
from tests.simulators.machinery.launch import running


@contextmanager
def started(file: Path) -> Iterator[Driver]:
    arguments = ["--pubsub-port", "0", "--snapshot", str(file)]
    with (
        running("tests.simulators.salesforce", arguments) as url,
        httpx2.Client(base_url=url, timeout=30) as http,
    ):
        driver = Driver(http)
        driver.grant()
        yield driver


def test_events_replay_ids_and_selections_outlive_the_process(tmp_path: Path) -> None:
    file = tmp_path / "org.snapshot"
    with started(file) as org, Bus(org) as bus:
        select(org, "Contact")
        with bus.subscribe() as stream:
            org.create("Contact", LastName="A")
            place = stream.event().replay_id
            missed = org.create("Contact", LastName="B")
    with started(file) as org, Bus(org) as bus:
        assert [one["object"] for one in org.look("change-events")["members"]] == ["Contact"]
        with bus.subscribe(preset=CUSTOM, after=place) as stream:
            later = org.create("Contact", LastName="C", MailingCity="Ulm")
            first, second = stream.events(2)
    assert (first.ids, second.ids) == ([missed], [later])
    assert first.schema_id == second.schema_id
    assert first.header["transactionKey"] != second.header["transactionKey"]
    assert second.values["MailingAddress"]["City"] == "Ulm"
