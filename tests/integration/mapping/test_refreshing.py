"""From a change in a CRM to its warning, from a field to its property: Postgres and both CRMs."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from uuid import UUID

import httpx2
import pytest

from services.mapping.domain.hits import Effect
from services.mapping.domain.model import Wanted
from services.mapping.domain.standing import Standing
from services.mapping.domain.validate import validate
from services.mapping.gateways import CrmCatalogues
from services.mapping.handlers.auto_map import auto_map
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.drift import drift_of, warnings_of
from services.mapping.handlers.lifecycle import note_lifecycle
from services.mapping.handlers.outcomes import Became
from services.mapping.handlers.properties import made_properties, make_properties
from services.mapping.handlers.refresh import read_fields, refresh_due
from services.mapping.store import PostgresStore
from shared.kernel.ids import new_id
from shared.kernel.records import ObjectType, Side
from shared.web.peers.clients import CrmClients
from tests.integration.mapping.peers import FakePeers, simulated
from tests.integration.mapping.test_events import ESTABLISHED
from tests.integration.mapping.test_gateways import EVERYTHING, grant
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator
from tests.unit.mapping.test_handlers import ADMIN

RTL = "شركة \"المثال\" \u202e'x'"


@pytest.fixture
def hubspot() -> Iterator[str]:
    with simulator("hubspot") as url:
        yield url


@pytest.fixture
def salesforce() -> Iterator[str]:
    with simulator("salesforce") as url:
        yield url


@pytest.fixture
async def org(salesforce: str) -> AsyncIterator[SimulatorControl]:
    async with SimulatorControl(salesforce) as control:
        yield control


@pytest.fixture
async def peers(hubspot: str, salesforce: str) -> FakePeers:
    made = await simulated(hubspot, salesforce)
    await grant(made, hubspot, *EVERYTHING)
    return made


@pytest.fixture
async def crms(peers: FakePeers) -> AsyncIterator[CrmCatalogues]:
    async with httpx2.AsyncClient(trust_env=False) as http:
        yield CrmCatalogues(CrmClients(http, peers.access()))


@pytest.fixture
async def connection_id(real_store: PostgresStore, crms: CrmCatalogues) -> UUID:
    made = new_id()
    async with real_store.begin() as work:
        await note_lifecycle(work, made, ESTABLISHED)
    await choose_recommended(real_store, crms, made, ADMIN)
    return made


async def ask(org: SimulatorControl, order: str, **body: object) -> None:
    """An order that has a name in its body; it is about contacts unless it says otherwise."""
    async with httpx2.AsyncClient(trust_env=False) as http:
        answer = await http.post(
            f"{org.base_url}/_control/{order}", json={"object": "Contact", **body}
        )
    answer.raise_for_status()


async def due(store: PostgresStore, connection_id: UUID) -> None:
    """It is the next one that is read."""
    async with store.begin() as work:
        kept = await work.refreshes.get(connection_id)
        standing = kept.standing if kept is not None else Standing()
        await work.refreshes.done(connection_id, standing, next_in=timedelta(days=-400))


async def test_a_field_that_is_hidden_becomes_a_warning_and_goes_again(
    real_store: PostgresStore, crms: CrmCatalogues, connection_id: UUID, org: SimulatorControl
) -> None:
    await org.switches({"hidden_fields": {"Contact": ["Phone"], "Lead": ["Phone"]}})
    await due(real_store, connection_id)
    assert await refresh_due(real_store, crms, new_id)
    drift = await drift_of(real_store, connection_id, before=None, limit=5)
    findings = drift.reports[0].report.findings
    assert {(one.place.object_name, one.place.name) for one in findings if one.hits} == {
        ("Contact", "Phone"),
        ("Lead", "Phone"),
    }
    assert findings[0].hits[0].effect is Effect.REFUSED
    assert len(await warnings_of(real_store, connection_id, 1)) == 1
    await org.switches({"hidden_fields": {}})
    await due(real_store, connection_id)
    assert await refresh_due(real_store, crms, new_id)
    assert await warnings_of(real_store, connection_id, 1) == ()


async def test_an_exhausted_quota_and_a_dead_grant_are_waited_for(
    real_store: PostgresStore, crms: CrmCatalogues, connection_id: UUID, peers: FakePeers
) -> None:
    peers.calls_left = 0
    await due(real_store, connection_id)
    assert await refresh_due(real_store, crms, new_id)
    peers.calls_left = 1_000
    peers.dead.add(Side.SALESFORCE)
    drift = await drift_of(real_store, connection_id, before=None, limit=1)
    assert drift.refresh is not None
    assert "calls" in drift.refresh.problem
    await due(real_store, connection_id)
    async with httpx2.AsyncClient(trust_env=False) as http:
        # The tokens that were handed out before are kept until they expire.
        fresh = CrmCatalogues(CrmClients(http, peers.access()))
        assert await refresh_due(real_store, fresh, new_id)
    drift = await drift_of(real_store, connection_id, before=None, limit=1)
    assert drift.refresh is not None
    assert drift.refresh.problem
    peers.dead.clear()
    await due(real_store, connection_id)
    assert await refresh_due(real_store, crms, new_id)
    drift = await drift_of(real_store, connection_id, before=None, limit=1)
    assert drift.refresh is not None
    assert drift.refresh.problem == ""


async def test_several_workers_read_it_once(
    real_store: PostgresStore, crms: CrmCatalogues, connection_id: UUID, org: SimulatorControl
) -> None:
    await due(real_store, connection_id)
    await org.reset_calls()
    await asyncio.gather(*(refresh_due(real_store, crms, new_id) for _ in range(4)))
    assert (await org.calls())["total"] == 2


async def test_a_hostile_org_is_read_and_its_fields_become_properties(
    real_store: PostgresStore, crms: CrmCatalogues, connection_id: UUID, org: SimulatorControl
) -> None:
    many = [f"{RTL} {n}" for n in range(10_000)]
    for name, values in (("Many__c", many), ("Few__c", [RTL, "it's", 'a "b"', "x;y"])):
        await ask(org, "fields", name=name, type="picklist", label=RTL, picklist=values)
    await ask(org, "fields", name="Where__c", type="address", label="Where")
    catalogue = await read_fields(real_store, crms, connection_id)
    assert len(catalogue.fields("Contact")["Many__c"].options) == 10_000
    fields = [("Contact", name) for name in ("Many__c", "Few__c", "Where__c")]
    outcomes = await make_properties(
        real_store, crms, connection_id, ObjectType.CONTACT, fields, author=ADMIN, dry_run=False
    )
    many_, few, where = outcomes
    assert (many_.became, few.became, where.became) == (
        Became.CREATED,
        Became.CREATED,
        Became.REFUSED,
    )
    there = await crms.read_properties(connection_id, ObjectType.CONTACT)
    assert there["salesforce_many__c"].type == "string"
    assert [one.value for one in there["salesforce_few__c"].options] == ["it's", 'a "b"', "x;y"]
    assert few.planned.notes[0] == "HubSpot cannot hold 1 of its values"
    again = await make_properties(
        real_store, crms, connection_id, ObjectType.CONTACT, fields, author=ADMIN, dry_run=False
    )
    assert [one.became for one in again] == [Became.EXISTS, Became.EXISTS, Became.REFUSED]
    assert len(await made_properties(real_store, connection_id, after=None, limit=9)) == 2


async def test_record_types_are_pipelines_with_all_stages_where_nobody_tells_which(
    real_store: PostgresStore, crms: CrmCatalogues, connection_id: UUID, org: SimulatorControl
) -> None:
    await ask(org, "record-types", object="Opportunity", name="New business", default=True)
    catalogue = await read_fields(real_store, crms, connection_id)
    (record_type,) = catalogue.record_types
    assert record_type.label == "New business"
    assert "Closed Won" in {stage.id for stage in record_type.stages}


async def test_every_object_can_be_mapped_by_itself(
    real_store: PostgresStore, crms: CrmCatalogues, connection_id: UUID
) -> None:
    wanted: list[Wanted] = []
    for object_type in ObjectType:
        mapped = await auto_map(
            real_store, crms, connection_id, object_type, [], author=ADMIN, create=True
        )
        assert mapped.wanted
        assert not [one for one in mapped.outcomes if one.became is Became.FAILED]
        again = await auto_map(
            real_store, crms, connection_id, object_type, mapped.wanted, author=ADMIN, create=True
        )
        assert again.wanted == ()
        wanted += mapped.wanted
    async with real_store.begin() as work:
        kept = await work.catalogues.get(connection_id)
    assert kept is not None
    assert validate(wanted, kept)[1] == ()
    assert validate(wanted, await read_fields(real_store, crms, connection_id))[1] == ()
    drift = await drift_of(real_store, connection_id, before=None, limit=5)
    assert [hit for one in drift.reports for hit in one.report.hits] == []
