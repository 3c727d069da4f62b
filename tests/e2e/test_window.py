"""The window inside Salesforce: skipped at first, added later, looked at, taken off again."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from tests.e2e.conftest import World
from tests.unit.console.canvas import context, payload, signed

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]

PATIENCE_SECONDS = 60.0
LOOK_SECONDS = 0.2
LEAD, CONTACT = "Lead-Lead Layout", "Contact-Contact Layout"


async def layouts(world: World) -> dict[str, str]:
    """Every layout of the org, as its admin sees it."""
    answer = await world.salesforce.get("layouts")
    return {one["name"]: one["xml"] for one in answer["layouts"]}


async def done(world: World, **order: Any) -> dict[str, Any]:
    """An order about the window, once it has ended."""
    path = f"/api/v1/packages/{world.connection_id}/visualforce"
    await world.admin.post(path, order)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            shown: dict[str, Any] = await world.admin.get(path)
            if shown["order"]["state"] in {"previewed", "added", "removed", "failed"}:
                return shown
            await asyncio.sleep(LOOK_SECONDS)


async def opened(world: World, record_id: str, secret: str) -> httpx2.Response:
    """The page, as the browser of somebody in Salesforce asks for it."""
    connection = await world.admin.get(f"/api/v1/connections/{world.connection_id}")
    content = payload(
        record_id,
        issuedAt=int(datetime.now(UTC).timestamp()),
        context=context(record_id, org_id=connection["org_id"]),
    )
    form = {"signed_request": signed(content, secret=secret)}
    async with httpx2.AsyncClient(trust_env=False) as browser:
        return await browser.post(f"{world.stack.origin}/salesforce/canvas", data=form)


async def test_the_window_is_added_after_a_skip_and_taken_off_again(world: World) -> None:
    before = await layouts(world)
    listed = await world.admin.get(f"/api/v1/packages/{world.connection_id}/layouts")
    assert {one["name"]: one["window"] for one in listed}[LEAD] is False

    preview = await done(world, action="preview", layouts=[LEAD, CONTACT])
    assert preview["visualforce"] == "skipped"
    assert {one["layout"] for one in preview["order"]["changes"]} == {LEAD, CONTACT}
    assert await layouts(world) == before

    added = await done(world, action="add", layouts=[LEAD, CONTACT])
    assert (added["visualforce"], added["order"]["state"]) == ("added", "added")
    now = await layouts(world)
    assert {name for name in now if now[name] != before[name]} == {LEAD, CONTACT}
    assert "<page>Causeway_Lead</page>" in now[LEAD]

    removed = await done(world, action="remove")
    assert (removed["visualforce"], removed["order"]["state"]) == ("removed", "removed")
    assert await layouts(world) == before
    await world.quiet()


async def test_a_synced_contact_is_shown_inside_salesforce(world: World) -> None:
    email = "window@example.com"
    hubspot_id = await world.hubspot.create(
        "contacts", {"email": email, "lastname": "Frame", "firstname": "Wim"}
    )
    await world.quiet()
    person = await world.salesforce_person(email)

    secret = world.stack.keys.salesforce_client
    answer = await opened(world, str(person["Id"]), secret)
    assert answer.status_code == 200
    assert hubspot_id in answer.text
    assert "lastname" in answer.text.lower()
    assert email not in answer.text
    assert "Frame" not in answer.text

    forged = await opened(world, str(person["Id"]), "another secret")
    assert forged.status_code == 403
    assert hubspot_id not in forged.text
