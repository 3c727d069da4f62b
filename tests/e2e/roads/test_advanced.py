"""Advanced settings, page by page, interrupted and finished."""

from typing import Any

import httpx2
import pytest

from deploy.stack.setup import connect, finish, install_package, skip_window
from tests.e2e.roads.conftest import Road, silent

pytestmark = [pytest.mark.xdist_group("roads"), pytest.mark.timeout(300)]


class Draft:
    """The draft of one connection, saved page after page with its ETag."""

    def __init__(self, road: Road, connection_id: str) -> None:
        self._http = httpx2.AsyncClient(
            base_url=f"{road.stack.origin}/api/v1/setup/{connection_id}",
            headers={"Authorization": f"Bearer {road.stack.token()}"},
            timeout=60.0,
        )

    async def read(self) -> httpx2.Response:
        return (await self._http.get("/draft")).raise_for_status()

    async def save(self, part: str, content: dict[str, Any]) -> dict[str, Any]:
        tag = (await self.read()).headers["ETag"]
        answer = await self._http.put(f"/draft/{part}", json=content, headers={"If-Match": tag})
        assert answer.status_code == 200, answer.text
        saved: dict[str, Any] = answer.json()
        return saved

    async def close(self) -> None:
        await self._http.aclose()


async def test_leads_a_table_of_events_and_owners_are_chosen_page_by_page(road: Road) -> None:
    connection_id = await connect(road.admin, silent)
    await install_package(road.admin, connection_id, silent)
    await skip_window(road.admin, connection_id)
    await road.admin.post(f"/api/v1/setup/{connection_id}/choice", {"kind": "advanced"})
    draft = Draft(road, connection_id)
    try:
        read = (await draft.read()).json()["settings"]
        contacts = {**read["contacts"], "create_in_salesforce": "lead", "create_in_hubspot": False}
        await draft.save("contacts", contacts)
        rule = {
            "event_type": "form_submission",
            "sync": True,
            "task_type": "",
            "subject": "Form: {name}",
            "status": "Completed",
        }
        await draft.save("activities", {**read["activities"], "timeline": [rule]})
        again = await road.admin.post(f"/api/v1/setup/{connection_id}/choice", {"kind": "advanced"})
        assert again["settings"]["contacts"]["create_in_salesforce"] == "lead"
    finally:
        await draft.close()
    await finish(road.admin, connection_id, silent)
    await road.quiet()  # every service has heard that the sync runs

    await road.hubspot.create("contacts", {"email": "lee@example.com", "lastname": "Lead"})
    await road.salesforce.create("Contact", {"Email": "mo@example.com", "LastName": "Contact"})
    await road.quiet()

    assert list(await road.salesforce_people("Lead")) == ["lee@example.com"]
    assert list(await road.salesforce_people()) == ["mo@example.com"]
    assert len(await road.hubspot.records("contacts")) == 1
