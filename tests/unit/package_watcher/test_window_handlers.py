"""Orders about the window, the looks at them, and the routes, over a store that holds state."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter
from prometheus_client import CollectorRegistry

from services.package_watcher.api.window import window_routes
from services.package_watcher.domain.cadence import Cadence
from services.package_watcher.domain.model import Org
from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Progress,
    Refused,
    Reported,
    Unreachable,
)
from services.package_watcher.domain.window import (
    Action,
    Change,
    Patched,
    Waiting,
    WindowSeen,
    WindowState,
)
from services.package_watcher.handlers.refusals import RefusedError
from services.package_watcher.handlers.window import order_window, skip_window
from services.package_watcher.handlers.window_watch import LEASE, WindowWatcher, watch_window
from services.package_watcher.ports import LayoutSeen
from shared.contracts.package_watcher import (
    VisualforceAdded,
    VisualforceRemoved,
    VisualforceSkipped,
)
from shared.kernel.ids import new_id
from shared.security.tokens import Role
from shared.web.app import create_app
from shared.web.guard import Guard
from tests.unit.package_watcher.fake_windows import ScriptedLayouts
from tests.unit.package_watcher.fakes import FakeStore
from tests.unit.package_watcher.test_api import ID, KEY, Noon, bearer, fields, kind

LEAD, CONTACT = "Lead-Lead %28Sales%29 Layout", "Contact-Contact Layout"
WINDOW = f"/api/v1/packages/{ID}/visualforce"
CHANGES = (Change(LEAD, "+window"),)
WAY = (
    Accepted("09S1"),
    Patched(CHANGES, "0Af1"),
    Progress(Reported.IN_PROGRESS),
    Progress(Reported.SUCCESS),
)


@pytest.fixture
async def store() -> FakeStore:
    made = FakeStore()
    async with made.begin() as work:
        await work.orgs.save(Org(ID, "00D1", "sandbox", "0051"))
    return made


async def watched(store: FakeStore, answers: Sequence[WindowSeen]) -> ScriptedLayouts:
    layouts = ScriptedLayouts(store, answers)
    watcher = WindowWatcher(store, layouts, new_id, Cadence(1.0, 1.0))
    for _ in answers:
        assert await watch_window(watcher)
        store.pass_time(timedelta(seconds=2))
    return layouts


async def order(store: FakeStore, action: Action = Action.ADD, *layouts: str) -> None:
    await order_window(store, ID, action, layouts or (LEAD,), window_id=new_id())


async def state_of(store: FakeStore) -> WindowState:
    async with store.begin() as work:
        window = await work.windows.current(ID)
    assert window is not None
    return window.state


async def test_an_addition_is_carried_through_and_told(store: FakeStore) -> None:
    await order(store)
    await watched(store, WAY)
    assert await state_of(store) is WindowState.ADDED
    assert store.sent == [VisualforceAdded(layouts=(LEAD,))]
    assert not await watch_window(WindowWatcher(store, ScriptedLayouts(store), new_id))


async def test_it_can_be_added_after_a_skip_and_removed_again(store: FakeStore) -> None:
    await skip_window(store, ID)
    await order(store)
    await watched(store, WAY)
    await order_window(store, ID, Action.REMOVE, (), window_id=new_id())
    await watched(store, WAY)
    assert store.sent == [
        VisualforceSkipped(),
        VisualforceAdded(layouts=(LEAD,)),
        VisualforceRemoved(layouts=(LEAD,)),
    ]
    async with store.begin() as work:
        assert await work.orgs.window(ID) == "removed"


async def test_a_watcher_that_dies_costs_a_lease(store: FakeStore) -> None:
    await order(store)
    async with store.begin() as work:
        lost = await work.windows.take(token=new_id(), lease=LEASE)
    assert lost is not None
    watcher = WindowWatcher(store, ScriptedLayouts(store, [Accepted("09S2")]), new_id)
    assert not await watch_window(watcher)
    store.pass_time(LEASE)
    assert await watch_window(watcher)
    async with store.begin() as work:
        assert await work.windows.retake(lost) is None


async def test_a_second_order_waits_for_the_first(store: FakeStore) -> None:
    await order(store)
    for again in (order(store), skip_window(store, ID)):
        with pytest.raises(RefusedError) as refused:
            await again
        assert refused.value.code == "window_running"


async def test_a_repeated_order_changes_nothing(store: FakeStore) -> None:
    key = new_id()
    await order_window(store, ID, Action.PREVIEW, (LEAD,), window_id=key)
    await order_window(store, ID, Action.PREVIEW, (LEAD,), window_id=key)
    assert len(store.state.window_rows) == 1


async def test_the_layout_of_another_object_is_refused(store: FakeStore) -> None:
    with pytest.raises(RefusedError, match="Account-Account Layout"):
        await order(store, Action.ADD, LEAD, "Account-Account Layout")


async def test_an_order_dies_with_its_connection(store: FakeStore) -> None:
    await order(store)
    async with store.begin() as work:
        await work.orgs.forget(ID)
    assert store.state.window_rows == {}


class Desk:
    """A client of the routes, and the org behind them."""

    def __init__(self, store: FakeStore) -> None:
        self.layouts = ScriptedLayouts(store)
        router = APIRouter(prefix="/api/v1/packages")
        guard = Guard(KEY, audience="package_watcher", clock=Noon())
        window_routes(router, store, guard, self.layouts, new_id)
        app = create_app(title="w", routers=[router], checks={}, registry=CollectorRegistry())
        self.client = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=app),
            base_url="http://packages",
            headers=bearer(Role.ADMIN),
        )

    def listed(self, found: Sequence[LayoutSeen] | Refused | Unreachable | Held) -> None:
        self.layouts._listed = found

    async def post(self, **body: object) -> httpx2.Response:
        return await self.client.post(WINDOW, json=body)


@pytest.fixture
async def desk(store: FakeStore) -> AsyncIterator[Desk]:
    made = Desk(store)
    yield made
    await made.client.aclose()


async def test_the_layouts_are_listed(desk: Desk) -> None:
    desk.listed([LayoutSeen(LEAD, window=True), LayoutSeen(CONTACT, window=False, problem="odd")])
    answer = await desk.client.get(f"/api/v1/packages/{ID}/layouts")
    assert answer.json() == [
        {
            "name": LEAD,
            "label": "Lead (Sales) Layout",
            "object": "Lead",
            "window": True,
            "problem": "",
        },
        {
            "name": CONTACT,
            "label": "Contact Layout",
            "object": "Contact",
            "window": False,
            "problem": "odd",
        },
    ]


@pytest.mark.parametrize(
    ("found", "status", "type_", "wait"),
    [
        (Refused("INSUFFICIENT_ACCESS", "no rights"), 409, "layouts-refused", None),
        (Unreachable("no answer", 3.0), 503, "layouts-unread", "3"),
        (Held("no calls left", 900.0), 503, "layouts-unread", "900"),
    ],
)
async def test_layouts_that_nobody_can_read_now(
    desk: Desk,
    found: Refused | Unreachable | Held,
    status: int,
    type_: str,
    wait: str | None,
) -> None:
    desk.listed(found)
    answer = await desk.client.get(f"/api/v1/packages/{ID}/layouts")
    assert kind(answer) == (status, type_)
    assert answer.headers.get("retry-after") == wait


async def test_an_order_is_shown_with_its_changes(desk: Desk, store: FakeStore) -> None:
    before = (await desk.client.get(WINDOW)).json()
    assert before == {"visualforce": "waiting", "order": None}
    answer = await desk.post(action="preview", layouts=[LEAD])
    assert (answer.status_code, answer.json()["order"]["state"]) == (202, "asked")
    await watched(store, [Accepted("09S1"), Waiting(), Patched(CHANGES)])
    shown = (await desk.client.get(WINDOW)).json()
    assert shown["visualforce"] == "waiting"
    assert shown["order"]["state"] == "previewed"
    assert shown["order"]["changes"] == [{"layout": LEAD, "diff": "+window"}]
    assert shown["order"]["attempts"] == 1
    assert store.sent == []


async def test_a_key_makes_a_repeat_harmless(desk: Desk, store: FakeStore) -> None:
    for _ in range(2):
        answer = await desk.client.post(
            WINDOW,
            json={"action": "add", "layouts": [LEAD]},
            headers={"Idempotency-Key": "one"},
        )
        assert answer.status_code == 202
    assert len(store.state.window_rows) == 1
    assert kind(await desk.post(action="add", layouts=[CONTACT])) == (409, "window-running")


async def test_skipping_is_an_answer_of_the_same_kind(desk: Desk) -> None:
    answer = await desk.post(action="skip")
    assert answer.json() == {"visualforce": "skipped", "order": None}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"action": "add"}, "body"),
        ({"action": "preview", "layouts": []}, "body"),
        ({"action": "skip", "layouts": [LEAD]}, "body"),
        ({"action": "add", "layouts": ["../../etc"]}, "body.layouts[0]"),
        ({"action": "add", "layouts": [LEAD] * 51}, "body.layouts"),
        ({"action": "plaster"}, "body.action"),
        ({"action": "add", "layouts": [LEAD], "more": 1}, "body.more"),
    ],
)
async def test_an_order_that_makes_no_sense(desk: Desk, body: dict[str, Any], field: str) -> None:
    answer = await desk.client.post(WINDOW, json=body)
    assert kind(answer) == (422, "validation-failed")
    assert fields(answer) == [field]


async def test_the_layout_of_another_object_is_a_problem(desk: Desk) -> None:
    answer = await desk.post(action="add", layouts=["Case-Case Layout"])
    assert kind(answer) == (422, "layout-of-another-object")


async def test_who_may_do_what(desk: Desk) -> None:
    viewer, operator = bearer(Role.VIEWER), bearer(Role.OPERATOR)
    layouts = f"/api/v1/packages/{ID}/layouts"
    assert (await desk.client.get(WINDOW, headers=viewer)).status_code == 200
    assert (await desk.client.get(layouts, headers=viewer)).status_code == 403
    assert (await desk.client.get(layouts, headers=operator)).status_code == 200
    answer = await desk.client.post(WINDOW, json={"action": "skip"}, headers=operator)
    assert answer.status_code == 403


async def test_an_unknown_connection(desk: Desk) -> None:
    other = f"/api/v1/packages/{new_id()}"
    for call in (
        desk.client.get(f"{other}/layouts"),
        desk.client.get(f"{other}/visualforce"),
        desk.client.post(f"{other}/visualforce", json={"action": "remove"}),
        desk.client.post(f"{other}/visualforce", json={"action": "skip"}),
    ):
        assert kind(await call) == (404, "unknown-connection")
