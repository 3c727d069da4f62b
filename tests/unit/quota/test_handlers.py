from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.quota.domain.budget import Lease
from services.quota.domain.granting import Ask, Refused
from services.quota.domain.policy import Kind, Purpose
from services.quota.handlers import (
    RemovedError,
    Returned,
    UnknownError,
    lease_calls,
    note_event,
    return_lease,
    review_overdue,
    usage,
)
from shared.contracts.base import Event
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved
from shared.contracts.mapping import SettingsPublished
from shared.contracts.quota import QuotaExhausted, QuotaRestored, QuotaThresholdCrossed
from shared.contracts.settings import Settings
from shared.kernel.records import Side
from tests.factories.standings import stamps
from tests.unit.quota.fakes import FakeStore

CONNECTION = UUID(int=1)
STAMPS = stamps()
ESTABLISHED = ConnectionEstablished(
    portal_id="62515",
    org_id="00D000000000001EAA",
    environment="production",
    instance_url="https://acme.my.salesforce.com",
    hubspot_app_id="1",
    salesforce_user_id="005000000000001AAA",
)


def published(calls: int | None, version: int = 1) -> SettingsPublished:
    return SettingsPublished(settings=Settings(version=version, daily_salesforce_calls=calls))


async def note(store: FakeStore, event: Event) -> None:
    async with store.begin() as work:
        await note_event(work, CONNECTION, event, next(STAMPS))


async def lease(
    store: FakeStore, n: int, calls: int, purpose: Purpose = Purpose.LIVE
) -> Lease | Refused:
    ask = Ask(UUID(int=n), Kind.CALL, purpose, calls)
    return await lease_calls(store, CONNECTION, Side.SALESFORCE, ask)


async def test_a_connection_that_nobody_announced_yet_gets_a_budget_when_it_asks() -> None:
    store = FakeStore()
    granted = await lease(store, 10, 50)
    assert isinstance(granted, Lease)
    assert granted.calls == 50
    assert store.state.leases[UUID(int=10)] == granted


async def test_an_established_connection_has_both_budgets() -> None:
    store = FakeStore()
    await note(store, ESTABLISHED)
    assert [seen.side for seen in await usage(store, CONNECTION)] == [Side.HUBSPOT, Side.SALESFORCE]


async def test_the_use_of_an_unknown_connection_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownError, match=str(CONNECTION)):
        await usage(FakeStore(), CONNECTION)


async def test_a_return_frees_what_was_not_used_and_notes_the_report() -> None:
    store = FakeStore()
    await lease(store, 10, 50)
    await return_lease(store, UUID(int=10), Returned(20, reported_used=77, reported_limit=100_000))
    _, *_ = seen = await usage(store, CONNECTION)
    assert [(s.used, s.org_used, s.org_limit, s.allowance) for s in seen] == [
        (20, 77, 100_000, 60_000)
    ]


async def test_a_repeated_return_changes_nothing() -> None:
    store = FakeStore()
    await lease(store, 10, 50)
    await return_lease(store, UUID(int=10), Returned(20))
    await return_lease(store, UUID(int=10), Returned(0))
    assert [seen.used for seen in await usage(store, CONNECTION)] == [20]


async def test_an_unknown_lease_is_named() -> None:
    with pytest.raises(UnknownError, match="00000000-0000-0000-0000-00000000000a"):
        await return_lease(FakeStore(), UUID(int=10), Returned(0))


async def test_settings_set_the_allowance_and_an_older_version_does_not_undo_it() -> None:
    store = FakeStore()
    await note(store, published(500, version=3))
    await note(store, published(900, version=2))
    assert [seen.allowance for seen in await usage(store, CONNECTION)] == [500]
    await note(store, published(None, version=4))
    assert [seen.allowance for seen in await usage(store, CONNECTION)] == [9_000]


async def test_marks_exhaustion_and_restoration_are_announced() -> None:
    store = FakeStore()
    await note(store, published(100))
    await lease(store, 10, 50)
    await lease(store, 11, 50)
    refused = await lease(store, 12, 1)
    assert isinstance(refused, Refused)
    until = datetime(2026, 3, 3, 11, 1, 1, tzinfo=UTC)
    expected: list[object] = [
        QuotaThresholdCrossed(side=Side.SALESFORCE, percent=50),
        QuotaThresholdCrossed(side=Side.SALESFORCE, percent=95),
        QuotaExhausted(side=Side.SALESFORCE, until=until),
    ]
    assert store.events() == expected
    store.state.clock = until - timedelta(seconds=1)
    assert await review_overdue(store) == 0
    store.state.clock = until
    assert await review_overdue(store) == 1
    assert store.events() == [*expected, QuotaRestored(side=Side.SALESFORCE)]
    assert await review_overdue(store) == 0


async def test_another_org_has_calls_of_its_own() -> None:
    store = FakeStore()
    await note(store, published(100))
    await note(store, ESTABLISHED)
    await lease(store, 10, 50)
    await return_lease(store, UUID(int=10), Returned(50, reported_used=99, reported_limit=100))
    await lease(store, 11, 50)
    assert isinstance(await lease(store, 12, 1), Refused)
    moved = ESTABLISHED.model_copy(update={"org_id": "00D000000000002EAA", "moved": True})
    await note(store, moved)
    assert store.events()[-1] == QuotaRestored(side=Side.SALESFORCE)
    seen = (await usage(store, CONNECTION))[1]
    assert (seen.side, seen.used, seen.org_limit, seen.allowance) == (
        Side.SALESFORCE,
        0,
        None,
        100,
    )


async def test_a_raised_allowance_restores_at_once() -> None:
    store = FakeStore()
    await note(store, published(10))
    await lease(store, 10, 10)
    await lease(store, 11, 1)
    await note(store, published(20, version=2))
    assert QuotaRestored(side=Side.SALESFORCE) in store.events()
    assert isinstance(await lease(store, 12, 10), Lease)


async def test_a_removed_connection_gets_no_more_calls_and_its_use_stays_visible() -> None:
    store = FakeStore()
    await lease(store, 10, 5)
    await note(store, ConnectionRemoved())
    with pytest.raises(RemovedError, match="was removed"):
        await lease(store, 11, 5)
    assert [seen.used for seen in await usage(store, CONNECTION)] == [0, 5]


async def test_a_connection_that_is_back_is_granted_calls_again() -> None:
    store = FakeStore()
    await lease(store, 10, 5)
    await note(store, ConnectionRemoved())
    await note(store, ESTABLISHED)
    assert isinstance(await lease(store, 11, 5), Lease)


async def test_a_removal_that_comes_late_removes_nothing() -> None:
    store = FakeStore()
    earlier, later = next(STAMPS), next(STAMPS)
    async with store.begin() as work:
        await note_event(work, CONNECTION, ESTABLISHED, later)
        await note_event(work, CONNECTION, ConnectionRemoved(), earlier)
    assert isinstance(await lease(store, 11, 5), Lease)
