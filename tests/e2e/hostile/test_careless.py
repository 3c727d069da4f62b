"""A careless admin: refused in words, and nothing is done twice."""

import asyncio
import re
from typing import Any

import httpx2
import pytest

from deploy.stack.browser import ConsentError, consent
from tests.e2e.audit import audit
from tests.e2e.conftest import World
from tests.e2e.hostile.people import (
    identity,
    refusal,
)

pytestmark = [pytest.mark.xdist_group("broker"), pytest.mark.timeout(300)]


async def new_connection(world: World) -> dict[str, Any]:
    made: dict[str, Any] = await world.admin.post(
        "/api/v1/connections", {"environment": "production"}
    )
    return made


async def test_a_portal_is_connected_once(world: World) -> None:
    made = await new_connection(world)
    with pytest.raises(ConsentError, match="connected already"):
        await consent(made["hubspot_authorize_url"])
    found = await world.admin.get(f"/api/v1/connections/{made['id']}")
    assert (found["state"], found["hubspot"]["state"]) == ("pending", "missing")


async def test_steps_out_of_their_order_are_refused(world: World) -> None:
    made = await new_connection(world)
    for path, body in (
        (f"/api/v1/setup/{made['id']}/finish", None),
        (f"/api/v1/setup/{made['id']}/choice", {"kind": "recommended"}),
        (f"/api/v1/settings/{made['id']}/pause", {}),
        (f"/api/v1/packages/{made['id']}/installations", {"method": "deploy"}),
        ("/api/v1/imports", {"connection_id": made["id"], "side": "hubspot"}),
    ):
        assert re.search(r" answered 4(04|09)", await refusal(world, path, body))


async def test_what_is_done_is_not_done_again(world: World) -> None:
    """Choosing anew after the start is refused; a second finish changes nothing."""
    choice = f"/api/v1/setup/{world.connection_id}/choice"
    assert " answered 409" in await refusal(world, choice, {"kind": "recommended"})
    before = await world.admin.get(f"/api/v1/settings/{world.connection_id}")
    await world.admin.post(f"/api/v1/setup/{world.connection_id}/finish")
    assert await world.admin.get(f"/api/v1/settings/{world.connection_id}") == before


async def test_installing_twice_leaves_one_package(world: World, http: httpx2.AsyncClient) -> None:
    path = f"/api/v1/packages/{world.connection_id}"
    for _ in range(2):
        answer = await http.post(
            f"{path}/installations", headers=identity(world, "/"), json={"method": "deploy"}
        )
        assert answer.status_code in {202, 409}
    async with asyncio.timeout(60):
        while (await world.admin.get(path))["state"] != "installed":
            await asyncio.sleep(0.2)


async def test_imports_while_paused_and_twice_bring_everybody_once(world: World) -> None:
    await world.hubspot.seed(people=20, seed=5, email_domain="seeded.example")
    await world.salesforce.seed(people=20, seed=6, email_domain="sown.example")
    await world.admin.post(f"/api/v1/settings/{world.connection_id}/pause", {})
    for side in ("hubspot", "salesforce", "hubspot"):
        body = {"connection_id": world.connection_id, "side": side}
        await world.admin.post("/api/v1/imports", body)
    async with asyncio.timeout(60):
        while not await all_noted(world):
            await asyncio.sleep(0.2)
    await world.admin.post(f"/api/v1/settings/{world.connection_id}/resume")
    await audit(world)

    for crm, kind in ((world.hubspot, "contacts"), (world.salesforce, "Contact")):
        addresses = [
            str(p.get("email") or p.get("Email")) for p in (await crm.records(kind)).values()
        ]
        assert sum(one.endswith(("@seeded.example", "@sown.example")) for one in addresses) == 40


async def all_noted(world: World) -> bool:
    found = await world.admin.get("/api/v1/imports", connection_id=world.connection_id)
    return all(one["state"] == "noted" for one in found)


async def test_a_connection_is_removed_only_with_its_portals_number(
    world: World, http: httpx2.AsyncClient
) -> None:
    admin = identity(world, "/")
    path = f"/api/v1/connections/{world.connection_id}"
    for wrong in ("", "yes", "112", world.connection_id, "111 "):
        answer = await http.request("DELETE", path, headers=admin, json={"confirm": wrong})
        assert answer.status_code == 422
    assert (await world.admin.get(path))["state"] == "active"


async def test_the_reason_of_a_pause_may_be_any_text(
    world: World, http: httpx2.AsyncClient
) -> None:
    path = f"/api/v1/settings/{world.connection_id}"
    admin = identity(world, "/")
    for reason, status in (("a\0b", 422), ("x" * 5_000, 422), ("Größe ✓ <b>", 200)):
        answer = await http.post(f"{path}/pause", headers=admin, json={"reason": reason})
        assert (answer.status_code, reason[:20]) == (status, reason[:20])
    await world.admin.post(f"{path}/resume")
