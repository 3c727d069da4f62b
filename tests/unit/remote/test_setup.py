"""A setup from a file against a deployment in memory: what is done, skipped, refused."""

import io
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from rich.console import Console

from remote.client import AwayError, Deployment, UsageError
from remote.setup.file import SetupFile
from remote.setup.screen import Screen
from remote.setup.walk import StoppedError, Walk
from remote.setup.whole import set_up
from tests.unit.remote.deployment import ID, FakeDeployment, side

FILE: dict[str, Any] = {
    "causeway_setup": 1,
    "name": "acme",
    "package": {"method": "deploy", "consent": True},
    "imports": ["hubspot"],
}
ALL = [
    "/connections",
    "/connections/ID/preflight",
    "/packages/ID/installations",
    "/packages/ID/visualforce",
    "/setup/ID/choice",
    "/setup/ID/finish",
    "/imports",
]


@pytest.fixture
def there() -> FakeDeployment:
    return FakeDeployment()


class Desk:
    """Runs the file, and keeps what was shown."""

    def __init__(self, deployment: Deployment) -> None:
        self._deployment = deployment
        self._out = io.StringIO()

    async def run(self, seconds: float = 5.0, **changed: Any) -> str:
        screen = Screen(Console(file=self._out, width=200))
        file = SetupFile.model_validate(FILE | changed)
        until = time.monotonic() + seconds
        return await set_up(Walk(self._deployment, file, screen, until, look=0.001))

    @property
    def shown(self) -> str:
        return self._out.getvalue()


@pytest.fixture
async def desk(there: FakeDeployment) -> AsyncIterator[Desk]:
    async with Deployment("http://causeway.example", "token", transport=there) as deployment:
        yield Desk(deployment)


async def test_every_step_once_and_a_second_run_does_nothing(
    desk: Desk, there: FakeDeployment
) -> None:
    assert await desk.run() == ID
    assert there.asked == ALL
    assert there.bodies["/imports"] == {"connection_id": ID, "side": "hubspot"}
    assert "Nothing" not in desk.shown
    await desk.run()
    assert there.asked == [*ALL, "/connections"]
    assert there.keys[0] == there.keys[-1] != ""
    assert "setup: finished already" in desk.shown


@pytest.mark.parametrize("steps", range(1, len(ALL)))
async def test_a_run_that_was_cut_goes_on_where_it_was(
    desk: Desk, there: FakeDeployment, steps: int
) -> None:
    """The next request after so many is never answered, as a killed run would not hear it."""
    asked = there.asked

    class Cut(list[str]):
        def append(self, item: str) -> None:
            if len(self) == steps:
                raise KeyboardInterrupt
            super().append(item)

    there.asked = Cut(asked)
    with pytest.raises(KeyboardInterrupt):
        await desk.run()
    before = list(there.asked)
    there.asked = []
    await desk.run()
    repeatable = {"/connections", "/connections/ID/preflight"}
    done = [path for path in [*before, *there.asked] if path not in repeatable]
    assert done == [path for path in ALL if path not in repeatable]


async def test_links_are_shown_for_the_sides_that_are_missing(
    desk: Desk, there: FakeDeployment
) -> None:
    there.connection["salesforce"] = side("missing")
    await desk.run()
    assert "Open this as an admin of Salesforce" in desk.shown
    assert "http://x/salesforce" in desk.shown
    assert "http://x/hubspot" not in desk.shown


async def test_nobody_allows_access_in_time(desk: Desk, there: FakeDeployment) -> None:
    there.connection["hubspot"], there.consenting = side("missing"), False
    with pytest.raises(StoppedError, match="Nobody has allowed access to HubSpot"):
        await desk.run(0.05)
    assert there.asked == ["/connections", "/connections/ID/authorizations/hubspot"]


async def test_a_portal_finds_its_connection(desk: Desk, there: FakeDeployment) -> None:
    there.made = True
    await desk.run(connection={"portal_id": 111})
    assert there.asked == ALL[1:]


async def test_another_portal_stops_before_anything_is_done(
    desk: Desk, there: FakeDeployment
) -> None:
    with pytest.raises(StoppedError, match="connected portal 111, the file says 5"):
        await desk.run(connection={"portal_id": 5})
    assert there.asked == ["/connections"]


async def test_another_environment_is_a_mistake_in_the_file(
    desk: Desk, there: FakeDeployment
) -> None:
    there.made = True
    with pytest.raises(UsageError, match="connected to a production org"):
        await desk.run(connection={"portal_id": 111, "environment": "sandbox"})


async def test_a_failed_preflight_stops_unless_the_file_says_otherwise(
    desk: Desk, there: FakeDeployment
) -> None:
    there.preflight = "failed"
    with pytest.raises(StoppedError, match="View Setup: Grant it"):
        await desk.run()
    assert there.package["state"] == "absent"
    await desk.run(preflight={"go_on_when_failed": True})
    assert there.running


async def test_a_failed_package_stops_and_the_next_run_is_another_order(
    desk: Desk, there: FakeDeployment
) -> None:
    there.comes_out = "failed"
    there.package |= {"salesforce_said": "No space.", "todo": "Make room."}
    with pytest.raises(StoppedError, match=r"No space\. Make room\."):
        await desk.run()
    there.comes_out, there.package["requested_at"] = "installed", "t1"
    await desk.run()
    orders = [
        key
        for path, key in zip(there.asked, there.keys, strict=True)
        if path.endswith("installations")
    ]
    assert len(set(orders)) == len(orders) == 2


async def test_an_order_that_timed_out_is_watched_on(desk: Desk, there: FakeDeployment) -> None:
    there.package |= {"state": "timed_out", "resumable": True}
    await desk.run()
    assert "/packages/ID/resume" in there.asked
    assert "/packages/ID/installations" not in there.asked


async def test_a_file_without_a_package_orders_none(desk: Desk, there: FakeDeployment) -> None:
    with pytest.raises(StoppedError, match="the file has no `package`"):
        await desk.run(package=None)
    there.package["state"] = "installed"
    await desk.run(package=None)
    assert "/packages/ID/installations" not in there.asked


async def test_the_window_goes_where_it_is_not_yet(desk: Desk, there: FakeDeployment) -> None:
    layouts = ["Lead-Lead Layout", "Contact-Contact Layout"]
    await desk.run(window={"action": "add", "layouts": layouts})
    assert there.bodies["/packages/ID/visualforce"] == {
        "action": "add",
        "layouts": ["Lead-Lead Layout"],
    }


async def test_a_layout_that_is_not_there_is_a_mistake_in_the_file(
    desk: Desk, there: FakeDeployment
) -> None:
    with pytest.raises(UsageError, match="has no layout Nope"):
        await desk.run(window={"action": "add", "layouts": ["Nope"]})


async def test_settings_of_the_file_are_told_and_stored(desk: Desk, there: FakeDeployment) -> None:
    there.same = False
    await desk.run(choice={"kind": "advanced", "settings": {"companies": {"enabled": True}}})
    assert there.bodies["/setup/ID/choice"] == {"kind": "advanced"}
    assert there.asked.count("/settings/ID/import") == 2
    assert "settings: Sync of companies: changed from off to on." in desk.shown


async def test_names_that_are_not_there_stop_the_setup(desk: Desk, there: FakeDeployment) -> None:
    there.unresolved = [{"where": "owners[0]", "what": "Nobody.", "fix": "Take it out."}]
    with pytest.raises(StoppedError, match=r"owners\[0\]: Nobody\. Take it out\."):
        await desk.run(choice={"kind": "advanced", "settings": {}})
    assert not there.running


async def test_warnings_have_to_be_acknowledged_in_the_file(
    desk: Desk, there: FakeDeployment
) -> None:
    there.warnings = ["org-is-shared", "leads-and-companies"]
    with pytest.raises(StoppedError, match=r"acknowledge: \[leads-and-companies\]"):
        await desk.run(acknowledge=["org-is-shared"])
    assert not there.running
    await desk.run(acknowledge=there.warnings)
    assert there.bodies["/setup/ID/finish"] == {"acknowledge": there.warnings}


async def test_errors_of_the_review_stop_it(desk: Desk, there: FakeDeployment) -> None:
    there.can_finish = False
    with pytest.raises(StoppedError, match="The review finds errors"):
        await desk.run()


async def test_a_deployment_that_restarts_is_waited_for(
    desk: Desk, there: FakeDeployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("remote.client.FIRST_PAUSE_SECONDS", 0.001)
    there.away = 3
    assert await desk.run() == ID
    there.away = 100
    with pytest.raises(AwayError, match="Nothing answers at http://causeway"):
        await desk.run()
