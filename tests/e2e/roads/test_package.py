"""The package: by hand, and after Salesforce refused it."""

import pytest

from deploy.stack.setup import (
    connect,
    finish,
    order_package,
    package_ended,
    skip_window,
    take_recommended,
)
from tests.e2e.roads.conftest import Road, silent

pytestmark = [pytest.mark.xdist_group("roads"), pytest.mark.timeout(300)]

VERSION = "04t5g000000ABCDAA4"
REFUSED = {
    "fileName": "objects/Lead.object",
    "fullName": "Lead.Causeway_Key__c",
    "componentType": "CustomField",
    "problem": "The field limit of Lead was reached",
    "problemType": "Error",
}


async def test_an_admin_installs_by_hand_and_is_watched(road: Road) -> None:
    connection_id = await connect(road.admin, silent)
    await order_package(road.admin, connection_id, {"method": "manual", "version_id": VERSION})
    path = f"/api/v1/packages/{connection_id}"
    waiting = await road.until(path, lambda shown: shown["state"] == "waiting_for_admin")
    assert VERSION in waiting["install_link"]
    assert "packaging/installPackage.apexp" in waiting["install_link"]

    await road.salesforce.post("package", {"installed": True})

    done = await package_ended(road.admin, connection_id, silent)
    assert done["state"] == "installed"
    await skip_window(road.admin, connection_id)


async def test_a_failed_install_says_why_and_can_be_repeated(road: Road) -> None:
    await road.salesforce.post("switches", {"deploy_errors": [REFUSED]})
    connection_id = await connect(road.admin, silent)
    await order_package(road.admin, connection_id, {"method": "deploy"})

    failed = await package_ended(road.admin, connection_id, silent)

    assert failed["state"] == "failed"
    assert [one["problem"] for one in failed["failures"]] == [REFUSED["problem"]]
    assert failed["failures"][0]["hint"]
    assert failed["todo"]
    setup = await road.until(
        f"/api/v1/setup/{connection_id}",
        lambda shown: any(REFUSED["problem"] in step["todo"] for step in shown["steps"]),
    )
    assert setup["next"]["name"] == "package"

    await road.salesforce.post("switches", {"deploy_errors": []})
    await order_package(road.admin, connection_id, {"method": "deploy"})
    done = await package_ended(road.admin, connection_id, silent)
    assert done["state"] == "installed"
    await skip_window(road.admin, connection_id)
    await take_recommended(road.admin, connection_id, silent)
    await finish(road.admin, connection_id, silent)
