"""Recommended settings, in production and in a sandbox: nothing moves before the finish."""

import pytest

from deploy.stack.setup import (
    connect,
    finish,
    install_package,
    skip_window,
    take_recommended,
    walk_setup,
)
from tests.e2e.roads.conftest import Opened, Road, silent

pytestmark = [pytest.mark.xdist_group("roads"), pytest.mark.timeout(300)]

EMPLOYEE = {"email": "ada@example.com", "firstname": "Ada", "lastname": "Recommended"}
CUSTOMER = {"Email": "bo@example.com", "FirstName": "Bo", "LastName": "Recommended"}


async def test_nothing_moves_before_the_finish_nor_after_it_without_a_trigger(road: Road) -> None:
    """What was changed in Salesforce in the five minutes before it is news (polling.py)."""
    ours = await road.hubspot.create("contacts", EMPLOYEE)
    connection_id = await connect(road.admin, silent)
    await install_package(road.admin, connection_id, silent)
    await skip_window(road.admin, connection_id)
    await take_recommended(road.admin, connection_id, silent)
    await road.hubspot.edit_many("contacts", [(ours, {"jobtitle": "Before the start"})])
    await road.salesforce.create("Contact", CUSTOMER)
    await road.quiet(polls=False)
    assert list(await road.salesforce_people()) == ["bo@example.com"]
    assert len(await road.hubspot.records("contacts")) == 1

    setup = await road.admin.get(f"/api/v1/setup/{connection_id}")
    assert setup["next"]["name"] == "review"
    await finish(road.admin, connection_id, silent)
    await road.quiet()
    assert list(await road.salesforce_people()) == ["bo@example.com"]

    await road.hubspot.edit_many("contacts", [(ours, {"jobtitle": "After the start"})])
    await road.quiet()
    there = await road.salesforce_people()
    assert there["ada@example.com"]["Title"] == "After the start"


async def test_a_sandbox_is_connected_as_one(opened: Opened) -> None:
    async with opened(salesforce=("--sandbox",)) as road:
        connection_id = await connect(road.admin, silent, environment="sandbox")
        shown = await road.admin.get(f"/api/v1/connections/{connection_id}")
        assert shown["environment"] == "sandbox"
        await install_package(road.admin, connection_id, silent)
        await skip_window(road.admin, connection_id)
        await take_recommended(road.admin, connection_id, silent)
        await finish(road.admin, connection_id, silent)
        await road.quiet()  # every service has heard that the sync runs

        await road.hubspot.create("contacts", EMPLOYEE)
        await road.quiet()

        assert (await road.salesforce_people())["ada@example.com"]["FirstName"] == "Ada"


async def test_a_second_connection_of_the_same_pair_is_refused(road: Road) -> None:
    first = await walk_setup(road.admin, silent)

    with pytest.raises(Exception, match="already") as refused:
        await connect(road.admin, silent)

    assert "409" in str(refused.value) or "already" in str(refused.value)
    assert (await road.admin.get(f"/api/v1/connections/{first}"))["id"] == first
