"""The use cases over a store and an org that hold state."""

from datetime import timedelta
from uuid import UUID

import pytest

from services.package_watcher.domain.model import Method, Order, State, Step
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    Observation,
    Progress,
    Refused,
    Reported,
    Unreachable,
)
from services.package_watcher.handlers.lifecycle import note_connection
from services.package_watcher.handlers.order import order_installation
from services.package_watcher.handlers.refusals import RefusedError
from services.package_watcher.handlers.views import view_of
from services.package_watcher.handlers.watch import LEASE, Watcher, watch_one
from services.package_watcher.handlers.window import skip_window
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved
from shared.contracts.package_watcher import (
    PackageInstalled,
    PackageInstallFailed,
    PackageInstallStarted,
    VisualforceSkipped,
)
from shared.kernel.ids import new_id
from tests.factories.standings import stamps
from tests.unit.package_watcher.fakes import NOON, FakeStore, ScriptedOrg

ID = UUID("01890000-0000-7000-8000-000000000001")
STAMPS = stamps()
ESTABLISHED = ConnectionEstablished(
    portal_id="62",
    org_id="00D1",
    environment="production",
    instance_url="https://acme.my.salesforce.com",
    hubspot_app_id="7",
    salesforce_user_id="0051",
)
MISSING = Looked(missing=("Contact",), text="no field on Contact")
DEPLOY = Order(Method.DEPLOY)


async def connect(store: FakeStore, event: ConnectionEstablished = ESTABLISHED) -> None:
    async with store.begin() as work:
        await note_connection(work, ID, event, next(STAMPS), installation_id=new_id())


async def connected() -> FakeStore:
    store = FakeStore()
    await connect(store)
    return store


async def order(store: FakeStore, wanted: Order = DEPLOY) -> None:
    await order_installation(store, ID, wanted, installation_id=new_id())


def watcher(store: FakeStore, *answers: Observation) -> tuple[Watcher, ScriptedOrg]:
    org = ScriptedOrg(store, answers)
    return Watcher(store, org, new_id), org


async def watch(store: FakeStore, *answers: Observation) -> list[Step]:
    """Looks once for each answer, jumping to each next look."""
    watching, org = watcher(store, *answers)
    for _ in answers:
        assert await watch_one(watching)
        store.jump_to_next_look()
    return org.steps


async def state_of(store: FakeStore) -> State:
    return (await view_of(store, ID)).current.installation.state


async def test_a_deploy_from_order_to_end() -> None:
    store = await connected()
    await order(store)
    watching, org = watcher(
        store,
        Accepted("0Af1"),
        Progress(Reported.IN_PROGRESS),
        Progress(Reported.SUCCESS),
        MISSING,
        Looked(),
    )
    for pause in (0, 2, 3, 4, 3):
        store.pass_time(timedelta(seconds=pause))
        assert await watch_one(watching)
    assert org.steps == [
        Step.SEND,
        Step.STATUS,
        Step.STATUS,
        Step.ASSIGN_AND_LOOK,
        Step.ASSIGN_AND_LOOK,
    ]
    assert await state_of(store) is State.INSTALLED
    assert store.sent == [
        PackageInstallStarted(method="deploy"),
        PackageInstalled(method="deploy"),
    ]
    store.pass_time(timedelta(days=30))
    assert not await watch_one(watching)


async def test_nothing_is_looked_at_before_its_time() -> None:
    store = await connected()
    await order(store)
    watching, _ = watcher(store, Accepted("0Af1"))
    assert await watch_one(watching)
    assert not await watch_one(watching)
    store.pass_time(timedelta(seconds=2))
    assert await watch_one(watching)


async def test_a_package_that_is_there_is_found_without_an_order() -> None:
    store = await connected()
    assert await watch(store, Looked()) == [Step.LOOK]
    assert store.sent == [PackageInstalled(method="manual")]
    assert await state_of(store) is State.INSTALLED


async def test_an_org_without_the_package_is_looked_at_once() -> None:
    store = await connected()
    watching, org = watcher(store, MISSING)
    assert await watch_one(watching)
    store.pass_time(timedelta(days=1))
    assert not await watch_one(watching)
    assert (org.steps, store.sent) == ([Step.LOOK], [])
    assert await state_of(store) is State.ABSENT


async def test_a_watcher_that_dies_loses_a_lease_of_time() -> None:
    store = await connected()
    await order(store)
    async with store.begin() as work:
        dead = await work.installations.take(token=new_id(), lease=LEASE)
    watching, org = watcher(store, Accepted("0Af1"))
    assert not await watch_one(watching)
    store.pass_time(LEASE)
    assert await watch_one(watching)
    assert org.steps == [Step.SEND]
    assert dead is not None
    async with store.begin() as work:
        assert await work.installations.retake(dead) is None


async def test_an_order_that_comes_during_a_look_wins() -> None:
    store = await connected()

    class Interrupted(ScriptedOrg):
        async def carry_out(self, *args: object) -> Observation:
            assert args
            await order(store)
            return Looked()

    assert await watch_one(Watcher(store, Interrupted(store, []), new_id))
    assert await state_of(store) is State.REQUESTED
    assert store.sent == []


async def test_a_failure_is_told_with_its_reason() -> None:
    store = await connected()
    await order(store)
    await watch(store, Refused("INSUFFICIENT_ACCESS", "insufficient access"))
    assert store.sent == [PackageInstallFailed(reason="insufficient access")]
    assert await state_of(store) is State.FAILED


async def test_a_dead_grant_and_an_empty_quota_only_wait() -> None:
    store = await connected()
    await order(store)
    await watch(store, *[Held("connect Salesforce again", 60.0)] * 5)
    await watch(store, *[Held("no calls are left today", 3600.0)] * 30)
    await watch(store, Accepted("0Af1"), Progress(Reported.SUCCESS), Looked())
    assert await state_of(store) is State.INSTALLED


async def test_silence_ends_at_the_deadline() -> None:
    store = await connected()
    await order(store)
    await watch(store, Unreachable("no answer"))
    store.pass_time(timedelta(hours=1))
    await watch(store, Unreachable("no answer"))
    assert await state_of(store) is State.TIMED_OUT
    assert store.sent == [
        PackageInstallFailed(reason="The deadline passed. Last word: no answer"),
    ]


async def test_a_running_installation_is_not_ordered_twice() -> None:
    store = await connected()
    await order(store)
    with pytest.raises(RefusedError) as refused:
        await order(store)
    assert refused.value.code == "installation_running"


@pytest.mark.parametrize("answer", [Refused("X", "no"), Unreachable("?")])
async def test_an_operator_may_order_again_after_an_end(answer: Observation) -> None:
    store = await connected()
    await order(store)
    store.pass_time(timedelta(hours=2))
    await watch(store, answer)
    await order(store)
    assert await state_of(store) is State.REQUESTED


async def test_a_manual_installation_is_told_at_once() -> None:
    store = await connected()
    await order(store, Order(Method.MANUAL, "04t000000000001"))
    assert store.sent == [PackageInstallStarted(method="manual")]
    await watch(store, Looked())
    assert store.sent[1:] == [PackageInstalled(method="manual", version="04t000000000001")]


async def test_an_unknown_connection_is_refused() -> None:
    store = FakeStore()
    with pytest.raises(RefusedError) as refused:
        await order(store)
    assert refused.value.code == "unknown_connection"


async def test_the_window_is_skipped_once() -> None:
    store = await connected()
    await skip_window(store, ID)
    await skip_window(store, ID)
    assert store.sent == [VisualforceSkipped()]
    assert (await view_of(store, ID)).window == "skipped"


async def test_a_reconnect_keeps_the_installation() -> None:
    store = await connected()
    await watch(store, Looked())
    await connect(store)
    assert await state_of(store) is State.INSTALLED


async def test_another_org_starts_anew() -> None:
    store = await connected()
    await watch(store, Looked())
    await skip_window(store, ID)
    await connect(store, ESTABLISHED.model_copy(update={"org_id": "00D2"}))
    view = await view_of(store, ID)
    assert (view.org.org_id, view.window) == ("00D2", "")
    assert await state_of(store) is State.ABSENT


async def test_nothing_is_done_in_an_org_that_is_disconnected_until_it_is_back() -> None:
    store = await connected()
    await order(store)
    async with store.begin() as work:
        await note_connection(work, ID, ConnectionRemoved(), next(STAMPS), installation_id=new_id())
    watching, org = watcher(store, Accepted("0Af1"))
    assert not await watch_one(watching)
    assert org.steps == []
    with pytest.raises(RefusedError):
        await view_of(store, ID)
    await connect(store)
    assert await watch_one(watching)
    assert await state_of(store) is State.INSTALLING


async def test_what_comes_late_changes_nothing() -> None:
    store = FakeStore()
    earlier, later = next(STAMPS), next(STAMPS)
    async with store.begin() as work:
        await note_connection(work, ID, ConnectionRemoved(), later, installation_id=new_id())
        await note_connection(work, ID, ESTABLISHED, earlier, installation_id=new_id())
        assert await work.orgs.get(ID) is None
    assert store.state.rows == {}


async def test_the_view_tells_the_next_look() -> None:
    store = await connected()
    await order(store)
    watching, _ = watcher(store, Accepted("0Af1"))
    await watch_one(watching)
    view = await view_of(store, ID)
    assert view.current.due_at == NOON + timedelta(seconds=2)
    assert view.current.looked_at == NOON
