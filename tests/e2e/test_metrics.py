"""What an operator reads on /metrics after one contact was synced."""

import asyncio
from collections.abc import Mapping

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.e2e.conftest import World

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

PATIENCE_SECONDS = 30.0
"""Depths are read every five seconds."""

EDITS = 3
"""Each is one write: to Salesforce the first, back to HubSpot the others (Salesforce has a value
by then). The echo of a write is dropped if it comes after the settle, which is nearly always."""

CHANGES = {"service": "contact_sync", "queue": "contact_sync.changes"}
OF_CONTACTS = {"service": "contact_sync", "lane": "contact"}
Samples = Mapping[tuple[str, frozenset[tuple[str, str]]], float]


async def scrape(world: World) -> Samples:
    """Every sample of the process by its name and labels."""
    async with httpx2.AsyncClient(base_url=world.stack.origin) as http:
        answer = await http.get("/metrics")
    answer.raise_for_status()
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def total(samples: Samples, name: str, **labels: str) -> float:
    """The sum of a metric over all labels that are not given."""
    found = [v for (n, kept), v in samples.items() if n == name and labels.items() <= kept]
    assert found, f"there is no {name} with {labels}"
    return sum(found)


async def quiet_depths(world: World) -> Samples:
    """A scrape after a look that found nothing waiting."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while total(found := await scrape(world), "causeway_mailbox_records", **OF_CONTACTS):
            await asyncio.sleep(0.5)
    return found


async def test_one_synced_contact_moves_the_numbers(world: World) -> None:
    contact = {"email": "counted@e2e.example", "lastname": "Counted"}
    await world.hubspot.create("contacts", contact)
    await world.quiet()
    before = await quiet_depths(world)

    counted = {**contact, "email": "counted2@e2e.example"}
    record = await world.hubspot.create("contacts", counted)
    await world.quiet()
    for number in range(EDITS):
        await world.hubspot.edit_many("contacts", [(record, {"fax": f"+1 555 010{number}"})])
        await world.quiet()
    after = await quiet_depths(world)

    def moved(name: str, **labels: str) -> float:
        return total(after, name, **labels) - total(before, name, **labels)

    of_writes = {"service": "contact_sync", "kind": "write", "status": "200"}
    settled = "causeway_change_to_settle_seconds"
    assert moved("causeway_events_published_total", event="RecordSynced") == 1 + EDITS
    assert moved(f"{settled}_count", priority="live", **OF_CONTACTS) >= 1 + EDITS
    assert 0 < moved(f"{settled}_sum", priority="live", **OF_CONTACTS) < PATIENCE_SECONDS
    assert moved("causeway_crm_call_seconds_count", **of_writes) == 1 + EDITS
    assert moved("causeway_consumer_events_total", **CHANGES) >= 1
    assert moved("causeway_consumer_batch_seconds_count", outcome="handled", **CHANGES) >= 1
    assert moved("causeway_echoes_dropped_total", service="contact_sync") >= 1
    assert moved("causeway_quota_leases_total", outcome="granted", purpose="live") >= 1
    assert moved("causeway_publish_seconds_count", service="ingress") >= 1
    assert total(after, "causeway_publish_unconfirmed_total") == 0
    assert total(after, "causeway_consumer_dead_letters_total") == 0
    assert total(after, "causeway_consumer_redeliveries_total") == 0
    assert total(after, "causeway_mailbox_oldest_seconds", **OF_CONTACTS) == 0


async def test_every_service_tells_its_depths(world: World) -> None:
    samples = await scrape(world)
    told = {dict(kept)["service"] for name, kept in samples if name == "causeway_outbox_rows"}
    with_outbox = {"connection", "package_watcher", "mapping", "contact_sync", "activity_sync"}
    assert told == with_outbox | {"quota", "ingress"}


async def test_no_label_holds_a_value_of_a_person(world: World) -> None:
    samples = await scrape(world)
    values = {value for _, kept in samples for _, value in kept}
    assert [value for value in values if "@" in value or "example" in value] == []
