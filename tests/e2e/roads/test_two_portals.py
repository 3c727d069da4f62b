"""Two portals on one org: each with its own connection, and no record made twice."""

import asyncio
from pathlib import Path
from typing import Any

import httpx2
import pytest

from deploy.stack.environment import APP_ID, HUBSPOT_CLIENT_ID, free_port
from deploy.stack.process import announced_url, start
from deploy.stack.setup import connect, finish, install_package, skip_window
from deploy.stack.simulator import Simulator
from tests.e2e.roads.conftest import Opened, Road, silent
from tests.e2e.roads.portals import Portals, serving

pytestmark = [pytest.mark.xdist_group("roads"), pytest.mark.timeout(300)]

SECOND_PORTAL = "112"


async def set_up(road: Road, *, create_in_hubspot: bool) -> str:
    """A connection with contacts that are, or are not, made in HubSpot of Salesforce's."""
    connection_id = await connect(road.admin, silent)
    await install_package(road.admin, connection_id, silent)
    await skip_window(road.admin, connection_id)
    setup = f"/api/v1/setup/{connection_id}"
    draft = await road.admin.post(f"{setup}/choice", {"kind": "advanced"})
    contacts = {**draft["settings"]["contacts"], "create_in_hubspot": create_in_hubspot}
    async with httpx2.AsyncClient(base_url=road.stack.origin, timeout=60.0) as http:
        saved = await http.put(
            f"{setup}/draft/contacts",
            json=contacts,
            headers={
                "Authorization": f"Bearer {road.stack.token()}",
                "If-Match": f'"{draft["draft_revision"]}"',
            },
        )
        assert saved.status_code == 200, saved.text
    await finish(road.admin, connection_id, silent)
    return connection_id


async def test_each_portal_has_its_own_people_in_the_one_org(
    opened: Opened, tmp_path: Path
) -> None:
    portals = Portals()
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    options = {"CAUSEWAY_HUBSPOT_API_URL": address, "CAUSEWAY_HUBSPOT_APP_URL": address}
    async with serving(portals, port), opened(options=options) as road:
        second = start(
            "second-portal",
            [
                *("tests.simulators.hubspot", "--port", "0", "--control"),
                *("--portal-id", SECOND_PORTAL, "--app-id", APP_ID),
                *("--client-id", HUBSPOT_CLIENT_ID),
                *("--client-secret", road.stack.keys.hubspot_client),
                *("--webhook-url", f"{road.stack.origin}/webhooks/hubspot"),
            ],
            environ={},
            logs=tmp_path,
        )
        address_of_second = await asyncio.to_thread(announced_url, second)
        other = Simulator(address_of_second)
        try:
            portals.open = road.stack.hubspot_url
            ours = await set_up(road, create_in_hubspot=False)
            portals.open = address_of_second
            theirs = await set_up(road, create_in_hubspot=False)
            await meet(road, other, {ours, theirs})
        finally:
            await other.close()
            await asyncio.to_thread(second.stop)


async def meet(road: Road, other: Simulator, connections: set[str]) -> None:
    """People of either portal reach the org, and none of them the other portal."""
    for connection_id in connections:
        shown: dict[str, Any] = await road.admin.get(f"/api/v1/connections/{connection_id}")
        assert [one["code"] for one in shown["warnings"]] == ["org-shared"]

    await road.quiet()  # every service has heard that both syncs run
    await road.hubspot.create("contacts", {"email": "one@example.com", "lastname": "One"})
    await other.create("contacts", {"email": "two@example.com", "lastname": "Two"})
    await road.until_idle(other)

    assert set(await road.salesforce_people()) == {"one@example.com", "two@example.com"}
    assert [one["email"] for one in (await road.hubspot.records("contacts")).values()] == [
        "one@example.com"
    ]
    assert [one["email"] for one in (await other.records("contacts")).values()] == [
        "two@example.com"
    ]
