"""The daily reading, and the one that somebody orders: what is kept, and what is said."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry, Gauge

from services.mapping.domain.hits import Effect
from services.mapping.domain.model import Catalogue, Unread
from services.mapping.handlers.choice import choose_recommended
from services.mapping.handlers.drift import drift_of, hits_of_all, warnings_of
from services.mapping.handlers.edit import change_settings
from services.mapping.handlers.refresh import DAILY, LEASE, read_fields, refresh_due
from services.mapping.handlers.refusals import RefusedError
from services.mapping.schedule import PASS, refresh_some, tell_hits
from shared.contracts.connection import ConnectionBroken, ConnectionRemoved
from shared.crm.errors import CrmAuthError
from shared.kernel.errors import RetriableError
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from tests.unit.mapping.catalogues import ordinary
from tests.unit.mapping.fakes import FakeCrms, FakeStore, FakeWork, State
from tests.unit.mapping.field_fakes import START
from tests.unit.mapping.test_handlers import ADMIN, ESTABLISHED, ID, hear


async def chosen() -> tuple[FakeStore, FakeCrms]:
    store = FakeStore()
    crms = FakeCrms(store, ordinary())
    await hear(store, ESTABLISHED)
    await choose_recommended(store, crms, ID, ADMIN)
    return store, crms


def without(catalogue: Catalogue, field: str, salesforce_object: str = "Contact") -> Catalogue:
    fields = {k: v for k, v in catalogue.salesforce[salesforce_object].items() if k != field}
    return replace(catalogue, salesforce={**catalogue.salesforce, salesforce_object: fields})


def purge(store: FakeStore) -> None:
    """Everything of the tenant is gone."""
    store.state = State()


async def run_due(store: FakeStore, crms: FakeCrms) -> bool:
    """One reading, when everything is due."""
    store.state.readings.now += DAILY
    return await refresh_due(store, crms, new_id)


async def test_a_connection_is_read_a_day_after_its_set_up() -> None:
    store, crms = await chosen()
    assert not await refresh_due(store, crms, new_id)
    store.state.readings.now += DAILY
    assert await refresh_due(store, crms, new_id)
    assert crms.background[-1] is True
    assert not await refresh_due(store, crms, new_id)


async def test_a_catalogue_of_contacts_only_is_read_at_once() -> None:
    store, crms = await chosen()
    store.state.readings.refreshes.clear()
    assert await refresh_due(store, crms, new_id)


async def test_what_changed_is_kept_with_the_mappings_that_it_hits() -> None:
    store, crms = await chosen()
    crms.catalogue = without(crms.catalogue, "Email")
    assert await run_due(store, crms)
    drift = await drift_of(store, ID, before=None, limit=10)
    (kept,) = drift.reports
    (finding,) = kept.report.findings
    assert (finding.place.name, finding.hits[0].effect) == ("Email", Effect.REFUSED)
    assert kept.version == drift.version == 1
    assert drift.refresh is not None
    assert drift.refresh.problem == ""
    (warning,) = await warnings_of(store, ID, 1)
    assert "no field Email on Contact" in warning
    assert await hits_of_all(store) == {ID: 1}
    assert "Email" not in store.state.catalogues[ID].salesforce["Contact"]


async def test_a_warning_stays_until_the_cause_or_the_mapping_is_gone() -> None:
    store, crms = await chosen()
    whole = crms.catalogue
    crms.catalogue = without(whole, "Email")
    await run_due(store, crms)
    await run_due(store, crms)
    assert len(await warnings_of(store, ID, 1)) == 1
    assert len((await drift_of(store, ID, before=None, limit=10)).reports) == 1
    crms.catalogue = whole
    await run_due(store, crms)
    assert await warnings_of(store, ID, 1) == ()
    assert len((await drift_of(store, ID, before=None, limit=10)).reports) == 2
    crms.catalogue = without(whole, "Email")
    await run_due(store, crms)
    assert await hits_of_all(store) == {ID: 1}
    await change_settings(
        store,
        ID,
        lambda choices: replace(choices, wanted=()),
        expected=1,
        author=ADMIN,
        note="no mappings",
    )
    assert await warnings_of(store, ID, 2) == ()
    await run_due(store, crms)
    assert await hits_of_all(store) == {ID: 0}


async def test_nothing_new_is_no_report() -> None:
    store, crms = await chosen()
    await run_due(store, crms)
    drift = await drift_of(store, ID, before=None, limit=10)
    assert drift.reports == ()
    assert drift.refresh is not None
    assert drift.refresh.read_at == START + DAILY
    assert drift.refresh.due_at == START + DAILY * 2


async def test_an_order_reads_at_once_and_puts_the_daily_one_off() -> None:
    store, crms = await chosen()
    crms.catalogue = without(crms.catalogue, "Phone", "Lead")
    read = await read_fields(store, crms, ID)
    assert read == store.state.catalogues[ID] == crms.catalogue
    assert crms.background[-1] is False
    assert store.state.readings.refreshes[ID].due_at == START + DAILY
    assert len(await warnings_of(store, ID, 1)) == 1


async def test_what_the_grant_does_not_reach_is_kept() -> None:
    store, crms = await chosen()
    unread = Unread(Side.HUBSPOT, "deal", "no scope")
    crms.catalogue = replace(crms.catalogue, unread=(unread,))
    await run_due(store, crms)
    refresh = (await drift_of(store, ID, before=None, limit=1)).refresh
    assert refresh is not None
    assert refresh.standing.unread == (unread,)


@pytest.mark.parametrize(
    ("problem", "waits"),
    [
        (
            RetriableError("The quota is exhausted.", code="quota", retry_after=7200),
            [120, 120, 120],
        ),
        (RetriableError("HubSpot is away.", code="away"), [15, 30, 60]),
        (CrmAuthError("The grant is dead.", code="dead"), [15, 30, 60]),
        (RetriableError("Far.", code="far", retry_after=1e9), [1440, 1440, 1440]),
    ],
)
async def test_a_reading_that_fails_comes_again_later_and_later(
    problem: Exception, waits: list[int]
) -> None:
    store, crms = await chosen()
    crms.broken = problem
    store.state.readings.now += DAILY
    for minutes in waits:
        before = store.state.readings.now
        assert await refresh_due(store, crms, new_id)
        row = store.state.readings.refreshes[ID]
        assert row.due_at - before == timedelta(minutes=minutes)
        assert row.problem == str(problem)
        assert not await refresh_due(store, crms, new_id)
        store.state.readings.now = row.due_at
    assert store.state.catalogues[ID] == crms.catalogue
    crms.broken = None
    assert await refresh_due(store, crms, new_id)
    healed = store.state.readings.refreshes[ID]
    assert (healed.attempts, healed.problem) == (0, "")


async def test_six_hours_are_the_longest_wait() -> None:
    store, crms = await chosen()
    crms.broken = RetriableError("HubSpot is away.", code="away")
    for _ in range(12):
        store.state.readings.now += DAILY
        assert await refresh_due(store, crms, new_id)
    row = store.state.readings.refreshes[ID]
    assert row.due_at - store.state.readings.now == timedelta(hours=6)


async def test_a_broken_or_removed_connection_is_left_alone() -> None:
    store, crms = await chosen()
    await hear(store, ConnectionBroken(side=Side.HUBSPOT, reason="revoked"))
    assert not await run_due(store, crms)
    await hear(store, ConnectionRemoved())
    assert not await run_due(store, crms)
    with pytest.raises(RefusedError):
        await read_fields(store, crms, ID)


async def test_two_workers_never_read_one_connection_at_once() -> None:
    store, crms = await chosen()
    store.state.readings.now += DAILY
    async with store.begin() as work:
        assert await work.refreshes.take(token=new_id(), lease=LEASE, every=DAILY) is not None
    assert not await refresh_due(store, crms, new_id)
    store.state.readings.now += LEASE
    assert await refresh_due(store, crms, new_id)


class Thief(FakeCrms):
    """While it reads, the lease ends and another worker takes over."""

    async def read_catalogue(self, connection_id: UUID, *, background: bool = False) -> Catalogue:
        found = await super().read_catalogue(connection_id, background=background)
        self._store.state.readings.now += LEASE
        async with self._store.begin() as work:
            assert await work.refreshes.take(token=new_id(), lease=LEASE, every=DAILY) is not None
        return found


async def test_what_is_read_after_the_lease_is_dropped() -> None:
    store, crms = await chosen()
    slow = Thief(store, without(crms.catalogue, "Email"))
    assert await run_due(store, slow)
    assert store.state.catalogues[ID] == crms.catalogue
    assert store.state.readings.refreshes[ID].read_at == START


async def test_a_connection_that_is_purged_meanwhile_stays_purged() -> None:
    store, crms = await chosen()

    class Purged(FakeCrms):
        async def read_catalogue(
            self, connection_id: UUID, *, background: bool = False
        ) -> Catalogue:
            found = await super().read_catalogue(connection_id, background=background)
            purge(store)
            return found

    assert await run_due(store, Purged(store, crms.catalogue))
    assert (store.state.catalogues, store.state.readings.refreshes) == ({}, {})


async def test_an_unknown_connection_has_no_warnings_and_no_drift() -> None:
    store = FakeStore()
    assert await warnings_of(store, ID, 0) == ()
    with pytest.raises(RefusedError):
        await drift_of(store, ID, before=None, limit=1)


class AlwaysDue(FakeStore):
    """A day passes before every transaction."""

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[FakeWork]:
        self.state.readings.now += DAILY
        async with super().begin() as work:
            yield work


async def test_a_pass_is_bounded_and_stops_when_told() -> None:
    store, stop = AlwaysDue(), asyncio.Event()
    crms = FakeCrms(store, ordinary())
    await hear(store, ESTABLISHED)
    await choose_recommended(store, crms, ID, ADMIN)
    crms.background.clear()
    crms.broken = RetriableError("HubSpot is away.", code="away")
    assert await refresh_some(store, crms, new_id, stop)
    assert store.state.readings.refreshes[ID].attempts == PASS
    stop.set()
    assert not await refresh_some(store, crms, new_id, stop)
    assert store.state.readings.refreshes[ID].attempts == PASS


async def test_the_numbers_are_told_and_a_connection_that_is_gone_is_not() -> None:
    store, crms = await chosen()
    registry = CollectorRegistry()
    hit = Gauge("hit", "x", ("connection",), registry=registry)
    crms.catalogue = without(crms.catalogue, "Email")
    await run_due(store, crms)
    await tell_hits(store, hit)
    assert registry.get_sample_value("hit", {"connection": str(ID)}) == 1
    purge(store)
    await tell_hits(store, hit)
    assert registry.get_sample_value("hit", {"connection": str(ID)}) is None
