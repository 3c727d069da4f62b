"""The daily check and the way out, over a store and an org that hold state."""

from datetime import timedelta
from uuid import UUID

from services.package_watcher.domain.model import Method, Order, State
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
from services.package_watcher.domain.presence import Checked, Finding, Found
from services.package_watcher.handlers.check import LEASE, Checker, check_one
from services.package_watcher.handlers.lifecycle import note_connection
from services.package_watcher.handlers.order import order_installation, resume_installation
from services.package_watcher.handlers.uninstall import farewell, order_uninstall
from services.package_watcher.handlers.views import view_of
from services.package_watcher.handlers.watch import Watcher, watch_one
from shared.contracts.connection import ConnectionEstablished, ConnectionRemoved
from shared.contracts.package_watcher import PackageInstalled, PackageRemoved
from shared.kernel.ids import new_id
from tests.factories.standings import stamps
from tests.unit.package_watcher.fakes import FakeStore, ScriptedOrg

ID = UUID("01890000-0000-7000-8000-000000000001")
STAMPS = stamps()
OTHER = UUID("01890000-0000-7000-8000-000000000009")
DAY = timedelta(days=1)
GONE = Checked(("Lead.Causeway_Key__c",), ("Lead",), "no field on Lead")
INSTALLED = PackageInstalled(method="manual")
REMOVED = PackageRemoved(reason="no field on Lead", missing=GONE.missing, objects=GONE.objects)
ORDERED = PackageRemoved(
    reason="An admin ordered its removal.",
    missing=("the whole package",),
    objects=("Contact", "Lead", "Task", "Account", "Opportunity"),
)


def established(user: str = "0051", org: str = "00D1") -> ConnectionEstablished:
    return ConnectionEstablished(
        portal_id="62",
        org_id=org,
        environment="production",
        instance_url="https://acme.my.salesforce.com",
        hubspot_app_id="7",
        salesforce_user_id=user,
    )


async def connect(
    store: FakeStore, event: ConnectionEstablished | ConnectionRemoved, connection_id: UUID = ID
) -> None:
    async with store.begin() as work:
        await note_connection(work, connection_id, event, next(STAMPS), installation_id=new_id())


async def watch(store: FakeStore, *answers: Observation) -> None:
    watcher = Watcher(store, ScriptedOrg(store, answers), new_id)
    for _ in answers:
        assert await watch_one(watcher)
        store.pass_time(timedelta(minutes=2))


async def in_place(*connections: UUID) -> FakeStore:
    """A store whose connections share an org with the package in it."""
    store = FakeStore()
    for connection_id in connections or (ID,):
        await connect(store, established(), connection_id)
        await watch(store, Looked(version="1.0"))
    store.state.sent.clear()
    return store


async def check(store: FakeStore, *findings: Finding, after: timedelta = DAY) -> ScriptedOrg:
    org = ScriptedOrg(store, [], findings)
    for _ in findings:
        store.pass_time(after)
        assert await check_one(Checker(store, org, new_id))
    return org


async def found(store: FakeStore, connection_id: UUID = ID) -> Found | None:
    async with store.begin() as work:
        known = await work.presences.get(connection_id)
    return known.presence.found if known else None


async def test_a_package_is_looked_at_once_a_day() -> None:
    store = await in_place()
    checker = Checker(store, ScriptedOrg(store, []), new_id)
    assert not await check_one(checker)
    store.pass_time(DAY)
    assert await check_one(checker)
    assert not await check_one(checker)
    assert store.sent == []


async def test_a_removal_is_told_once_and_so_is_the_return() -> None:
    store = await in_place()
    await check(store, GONE, GONE, GONE)
    assert (await found(store), store.sent) == (Found.REMOVED, [REMOVED])
    await check(store, Checked(version="1.0"), Checked(version="1.0"))
    assert (await found(store), store.sent) == (Found.IN_PLACE, [REMOVED, INSTALLED])


async def test_no_answer_stops_nothing() -> None:
    store = await in_place()
    await check(store, Unreachable("?"), Held("no calls", 60.0), Refused("X", "no"), GONE)
    assert (await found(store), store.sent) == (Found.SUSPECT, [])


async def test_two_workers_check_once() -> None:
    store = await in_place()
    store.pass_time(DAY)
    async with store.begin() as work:
        assert await work.presences.take(token=new_id(), lease=LEASE) is not None
    assert not await check_one(Checker(store, ScriptedOrg(store, []), new_id))
    store.pass_time(LEASE)
    assert await check_one(Checker(store, ScriptedOrg(store, []), new_id))


async def test_a_check_waits_for_an_installation() -> None:
    store = await in_place()
    store.pass_time(DAY)
    await order_installation(store, ID, Order(Method.DEPLOY), installation_id=new_id())
    org = await check(store, GONE, after=timedelta(minutes=15))
    assert org.checks == []
    await watch(store, Accepted("0Af1"), Progress(Reported.SUCCESS), Looked(version="1.1"))
    await check(store, Checked(version="1.1"))
    assert await found(store) is Found.IN_PLACE


async def test_what_was_seen_before_an_order_does_not_count_after_it() -> None:
    store = await in_place()
    store.pass_time(DAY)

    class Interrupted(ScriptedOrg):
        async def check_up(self, *args: object) -> Finding:
            assert args
            typed = "uninstall 00D1"
            await order_uninstall(store, ID, typed=typed, version_id="", installation_id=new_id())
            return Checked()

    assert await check_one(Checker(store, Interrupted(store, []), new_id))
    assert (await found(store), store.sent) == (Found.REMOVED, [ORDERED])


async def test_a_check_that_began_before_an_order_tells_nothing() -> None:
    store = await in_place()
    await check(store, GONE)
    store.pass_time(DAY)

    class Interrupted(ScriptedOrg):
        async def check_up(self, *args: object) -> Finding:
            assert args
            await order_installation(store, ID, Order(Method.DEPLOY), installation_id=new_id())
            return GONE

    assert await check_one(Checker(store, Interrupted(store, []), new_id))
    assert (await found(store), store.sent) == (Found.SUSPECT, [])


async def test_an_installation_after_a_removal_makes_it_whole() -> None:
    store = await in_place()
    await check(store, GONE, GONE)
    await order_installation(store, ID, Order(Method.DEPLOY), installation_id=new_id())
    await watch(store, Accepted("0Af1"), Progress(Reported.SUCCESS), Looked(version="1.0"))
    names = [type(event).__name__ for event in store.sent]
    assert names == ["PackageRemoved", "PackageInstallStarted", "PackageInstalled"]
    assert await found(store) is Found.IN_PLACE


async def test_another_user_is_checked_at_once() -> None:
    store = await in_place()
    await connect(store, established(user="0052"))
    org = await check(store, Checked(), after=timedelta(0))
    assert org.checks == [(ID, "0052")]
    async with store.begin() as work:
        known = await work.presences.get(ID)
    assert known is not None
    assert known.presence.user_id == "0052"


async def test_the_same_user_again_is_no_reason_to_look() -> None:
    store = await in_place()
    await connect(store, established())
    assert not await check_one(Checker(store, ScriptedOrg(store, []), new_id))


async def test_another_org_forgets() -> None:
    store = await in_place()
    await connect(store, established(org="00D2"))
    assert await found(store) is None


async def test_a_package_is_looked_for_as_soon_as_its_connection_is_back() -> None:
    store = await in_place()
    await connect(store, ConnectionRemoved())
    store.pass_time(2 * DAY)
    assert not await check_one(Checker(store, ScriptedOrg(store, []), new_id))
    await connect(store, established())
    org = await check(store, Checked(), after=timedelta(0))
    assert org.checks == [(ID, "0051")]
    assert await found(store) is Found.IN_PLACE


async def uninstall(store: FakeStore) -> None:
    typed = "uninstall 00D1"
    await order_uninstall(store, ID, typed=typed, version_id="", installation_id=new_id())


async def test_an_uninstall_is_told_before_anything_is_gone() -> None:
    store = await in_place()
    await uninstall(store)
    assert store.sent == [ORDERED]
    await watch(store, Accepted("0Af1"), Progress(Reported.SUCCESS), Looked(("Contact",), "gone"))
    assert (await found(store), store.sent) == (None, [ORDERED])
    assert (await view_of(store, ID)).current.installation.state is State.UNINSTALLED


async def test_the_window_is_no_part_of_the_package() -> None:
    store = await in_place()
    assert len((await farewell(store, ID)).kept) == 2
    async with store.begin() as work:
        await work.orgs.decide_window(ID, "added")
    assert "window" in (await farewell(store, ID)).kept[-1]


async def test_others_on_the_org_are_named_before_and_checked_after() -> None:
    store = await in_place(ID, OTHER)
    assert (await farewell(store, ID)).others == (OTHER,)
    await uninstall(store)
    await watch(store, Accepted("0Af1"), Progress(Reported.SUCCESS), Looked(("Contact",), "gone"))
    org = await check(store, GONE, after=timedelta(0))
    assert org.checks == [(OTHER, "0051")]


async def test_a_refused_uninstall_is_looked_at_and_goes_on() -> None:
    store = await in_place(ID, OTHER)
    await uninstall(store)
    await watch(store, Accepted("0Af1"), Progress(Reported.ERROR, "referenced elsewhere"))
    for connection_id in (ID, OTHER):
        async with store.begin() as work:
            known = await work.presences.get(connection_id)
        assert known is not None
        assert known.presence.user_id == ""
    await check(store, Checked(), Checked(), after=timedelta(0))
    assert (await found(store), await found(store, OTHER)) == (Found.IN_PLACE, Found.IN_PLACE)
    assert store.sent == [ORDERED, INSTALLED]


async def test_an_uninstall_whose_deadline_passed_is_resumed() -> None:
    store = await in_place()
    await uninstall(store)
    await watch(store, Accepted("0Af1"))
    store.pass_time(timedelta(hours=1))
    await watch(store, Unreachable("no answer"))
    assert not await check_one(Checker(store, ScriptedOrg(store, []), new_id))
    await resume_installation(store, ID)
    await watch(store, Progress(Reported.SUCCESS), Looked(("Contact",), "gone"))
    assert (await found(store), store.sent) == (None, [ORDERED, ORDERED])


async def test_a_version_leaves_as_a_version() -> None:
    store = FakeStore()
    await connect(store, established())
    order = Order(Method.VERSION, "04t000000000001AAA", third_party_access=True)
    await order_installation(store, ID, order, installation_id=new_id())
    await watch(store, Accepted("0Hf1"), Progress(Reported.SUCCESS), Looked(version="1.0"))
    told = await farewell(store, ID)
    assert (told.method, told.version_id) == (Method.VERSION, "04t000000000001AAA")
    await uninstall(store)
    given = (await view_of(store, ID)).current.installation.order
    assert (given.method, given.version_id) == (Method.VERSION, "04t000000000001AAA")
