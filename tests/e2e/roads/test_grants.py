"""Grants that end: revoked and given again, disconnected and connected again."""

import pytest

from deploy.stack.setup import connect_salesforce, walk_setup
from tests.e2e.roads.conftest import Road, silent

pytestmark = [pytest.mark.xdist_group("roads"), pytest.mark.timeout(300)]


async def test_work_waits_for_a_reconnect_after_a_revocation_and_none_is_lost(road: Road) -> None:
    connection_id = await walk_setup(road.admin, silent)
    await road.quiet()  # every service has heard that the sync runs
    await road.hubspot.seed(people=12, seed=5, notify=True, email_domain="kept.example.com")
    await road.quiet()
    before = await road.salesforce_people()
    assert len(before) == 12

    await road.salesforce.post("revoke-app", {})
    await road.hubspot.seed(people=8, seed=6, notify=True, email_domain="away.example.com")
    edits = [(one["Id"], {"Title": "While away"}) for one in before.values()]
    await road.salesforce.edit_many("Contact", edits)
    shown = await road.until(
        f"/api/v1/connections/{connection_id}",
        lambda found: found["salesforce"]["state"] == "broken",
    )
    assert shown["salesforce"]["broken_reason"]
    assert len(await road.salesforce_people()) == 12

    await connect_salesforce(road.admin, connection_id)
    await road.quiet()

    after = await road.salesforce_people()
    assert len(after) == 20
    assert {email: after[email]["Id"] for email in before} == {
        email: person["Id"] for email, person in before.items()
    }
    ours = {one["email"]: one for one in (await road.hubspot.records("contacts")).values()}
    assert {ours[email]["jobtitle"] for email in before} == {"While away"}
    errors = await road.admin.get("/api/v1/errors", connection_id=connection_id)
    assert errors["items"] == []
