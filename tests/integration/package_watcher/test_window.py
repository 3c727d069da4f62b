"""The window on a simulated org: read, patched and deployed layouts, and every way it can go."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

import httpx2
import pytest

from services.package_watcher.domain.cadence import Cadence
from services.package_watcher.domain.model import Org
from services.package_watcher.domain.observation import Accepted, Refused
from services.package_watcher.domain.window import (
    ENDED,
    Action,
    Stale,
    Waiting,
    Window,
    WindowState,
    WindowStep,
    asked,
)
from services.package_watcher.domain.window_layout import with_window, without_window
from services.package_watcher.gateways import PackageSource, WindowOrgs
from services.package_watcher.handlers.window import layouts_of, order_window
from services.package_watcher.handlers.window_watch import WindowWatcher, watch_window
from services.package_watcher.settings import SOURCE
from services.package_watcher.store import PostgresStore
from shared.kernel.ids import new_id
from shared.kernel.records import Side
from tests.integration.mapping.peers import FakePeers
from tests.simulators.driver import SimulatorControl
from tests.simulators.launch import simulator
from tests.unit.package_watcher.fakes import NOON

LEAD, SALES = "Lead-Lead Layout", "Lead-Lead %28Sales%29 Layout"
CONTACT = "Contact-Contact Layout"
NOW = Cadence(first=0.001, slowest=0.001)
LOOKS = 200
HERE = {
    "CAUSEWAY_PUBLIC_URL": "https://sync.example.com",
    "CAUSEWAY_SALESFORCE_APP_NAME": "Causeway",
}


class Stage:
    """One connection to a fresh simulated org, with the watcher of its window."""

    def __init__(
        self, store: PostgresStore, control: SimulatorControl, orgs: WindowOrgs, org: Org
    ) -> None:
        self.store = store
        self.control = control
        self.orgs = orgs
        self.id = org.connection_id
        self.watcher = WindowWatcher(store, orgs, new_id, NOW)

    async def texts(self) -> dict[str, str]:
        """Every layout of the org, as a retrieve would give it."""
        answer = await self.control._get("layouts")
        return {one["name"]: one["xml"] for one in answer["layouts"]}

    async def sent(self, name: str) -> str | None:
        """The layout as it was deployed last."""
        answer = await self.control._get(f"layouts?name={quote(name)}")
        found = answer["layouts"][0]["sent"]
        return None if found is None else str(found)

    async def edited(self, name: str, xml: str) -> None:
        """An admin changes a layout in Salesforce's own pages."""
        await self.control._post("layouts", {"name": name, "xml": xml})

    async def window(self) -> Window:
        async with self.store.begin() as work:
            found = await work.windows.current(self.id)
        assert found is not None
        return found

    async def finished(self, action: Action, *layouts: str) -> Window:
        """An order, looked at until its end; Salesforce takes its time in between."""
        await order_window(self.store, self.id, action, layouts, window_id=new_id())
        for _look in range(LOOKS):
            await watch_window(self.watcher)
            await self.control.advance_clock(10)
            found = await self.window()
            if found.state in ENDED:
                return found
        raise AssertionError(f"the window stays {found.state}")

    async def step(self, step: WindowStep, request_id: str, layouts: Sequence[str]) -> object:
        window = asked(new_id(), self.id, Action.ADD, layouts, NOON)
        return await self.orgs.carry_out(step, replace(window, request_id=request_id))


@pytest.fixture(scope="module")
def salesforce() -> Iterator[str]:
    with simulator("salesforce", "--install-seconds", "5") as url:
        yield url


@pytest.fixture
async def stage(real_store: PostgresStore, salesforce: str) -> AsyncIterator[Stage]:
    async with SimulatorControl(salesforce) as control, httpx2.AsyncClient(trust_env=False) as http:
        await control.reset()
        grant = await control.order("grant")
        org = Org(new_id(), "00D1", "production", grant["id"].rpartition("/")[2])
        async with real_store.begin() as work:
            await work.orgs.save(org)
        peers = FakePeers({Side.SALESFORCE: salesforce}, {Side.SALESFORCE: grant["access_token"]})
        package = PackageSource(SOURCE, HERE)
        orgs = WindowOrgs(
            http, peers.access(), package, HERE["CAUSEWAY_PUBLIC_URL"], look_seconds=0.0
        )
        yield Stage(real_store, control, orgs, org)


async def test_a_preview_writes_nothing(stage: Stage) -> None:
    before = await stage.texts()
    found = await stage.finished(Action.PREVIEW, LEAD, CONTACT)
    assert found.state is WindowState.PREVIEWED
    assert [one.layout for one in found.changes] == [CONTACT, LEAD]
    assert all("+" in one.diff and "-    " not in one.diff for one in found.changes)
    assert await stage.texts() == before


async def test_the_window_is_added_and_nothing_else_changes(stage: Stage) -> None:
    before = await stage.texts()
    found = await stage.finished(Action.ADD, LEAD, SALES)
    assert (found.state, found.said) == (WindowState.ADDED, "")
    for name in (LEAD, SALES):
        expected = with_window(before[name].encode(), "Causeway_Lead").decode()
        assert await stage.sent(name) == expected
    after = await stage.texts()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {LEAD, SALES}
    for name in changed:
        assert without_window(after[name].encode(), "Causeway_Lead").decode() == before[name]


async def test_twice_is_once(stage: Stage) -> None:
    await stage.finished(Action.ADD, LEAD)
    before = await stage.texts()
    again = await stage.finished(Action.ADD, LEAD)
    assert (again.state, again.changes[0].diff) == (WindowState.ADDED, "")
    assert await stage.texts() == before


async def test_it_is_removed_from_wherever_it_is(stage: Stage) -> None:
    before = await stage.texts()
    await stage.finished(Action.ADD, LEAD, CONTACT)
    found = await stage.finished(Action.REMOVE)
    assert (found.state, {one.layout for one in found.changes}) == (
        WindowState.REMOVED,
        {LEAD, CONTACT},
    )
    assert await stage.texts() == before


async def test_a_layout_that_changes_meanwhile_is_read_again(stage: Stage) -> None:
    started = await stage.step(WindowStep.RETRIEVE, "", [LEAD])
    assert isinstance(started, Accepted)
    assert isinstance(await stage.step(WindowStep.PATCH, started.request_id, [LEAD]), Waiting)
    await stage.control.advance_clock(60)
    theirs = (await stage.texts())[LEAD].replace("Lead Information", "Their own label", 1)
    await stage.control.advance_clock(60)
    await stage.edited(LEAD, theirs)
    assert isinstance(await stage.step(WindowStep.PATCH, started.request_id, [LEAD]), Stale)
    assert await stage.sent(LEAD) is None


async def test_a_crash_behind_the_reading_starts_anew(stage: Stage) -> None:
    started = await stage.step(WindowStep.RETRIEVE, "", [LEAD])
    assert isinstance(started, Accepted)
    await stage.control.advance_clock(60)
    await stage.step(WindowStep.PATCH, started.request_id, [LEAD])
    assert isinstance(await stage.step(WindowStep.PATCH, started.request_id, [LEAD]), Stale)


async def test_a_deploy_that_fails_leaves_everything_as_it_was(stage: Stage) -> None:
    before = await stage.texts()
    problem = "no ExternalClientApplication named Causeway found"
    error = {
        "componentType": "ExtlClntAppCanvasSettings",
        "fullName": "Causeway_canvasSettings",
        "problem": problem,
    }
    await stage.control.switches({"deploy_errors": [error]})
    found = await stage.finished(Action.ADD, LEAD)
    assert found.state is WindowState.FAILED
    assert [one.problem for one in found.failures] == [problem]
    assert await stage.texts() == before


async def test_a_layout_that_is_not_there_fails_with_its_name(stage: Stage) -> None:
    found = await stage.finished(Action.ADD, "Lead-Gone Layout")
    assert found.state is WindowState.FAILED
    assert found.said == "Entity of type 'Layout' named 'Lead-Gone Layout' cannot be found"


async def test_without_the_permission_it_fails_at_once(stage: Stage) -> None:
    await stage.control.switches({"modify_metadata": False})
    found = await stage.finished(Action.ADD, LEAD)
    assert found.state is WindowState.FAILED
    assert "INSUFFICIENT_ACCESS" in found.said


async def test_a_deployment_without_https_is_told_so(stage: Stage) -> None:
    orgs = WindowOrgs(
        stage.orgs._http, stage.orgs._access, stage.orgs._package, "http://sync.example.com"
    )
    window = asked(UUID(int=1), stage.id, Action.ADD, [LEAD], NOON)
    seen = await orgs.carry_out(WindowStep.RETRIEVE, window)
    assert isinstance(seen, Refused)
    assert "https" in seen.text


async def test_the_layouts_are_listed_with_their_windows(stage: Stage) -> None:
    await stage.finished(Action.ADD, SALES)
    await stage.control.switches({"install_seconds": 0})
    found = {one.name: one.window for one in await layouts_of(stage.store, stage.orgs, stage.id)}
    assert found[SALES] is True
    assert found[LEAD] is False
    assert all(name.startswith(("Lead-", "Contact-")) for name in found)
