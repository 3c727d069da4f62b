"""Which version is asked for: never one that is there, never an older one."""

import json
from typing import Any

import pytest

from services.package_watcher.domain.model import Method, NameConflict, Order
from services.package_watcher.domain.observation import (
    Accepted,
    NotReady,
    Observation,
    Refused,
    Settled,
)
from services.package_watcher.gateways.requests import UNAVAILABLE, send_version
from shared.crm.salesforce.tooling import ToolingClient
from tests.unit.crm.fakes import SalesforceLine, in_turn, reply

WANTED = "04t000000000002AAA"
OLD = "04t000000000001AAA"
ORDER = Order(Method.VERSION, WANTED, third_party_access=True, name_conflict=NameConflict.RENAME)


def version(version_id: str, build: int, status: str = "NO_ERRORS_DETECTED") -> dict[str, Any]:
    return {
        "Id": version_id,
        "SubscriberPackageId": "033000000000001AAA",
        "InstallValidationStatus": status,
        "MajorVersion": 1,
        "MinorVersion": 2,
        "PatchVersion": 0,
        "BuildNumber": build,
        "IsBeta": False,
    }


def installed(version_id: str) -> dict[str, Any]:
    package = {"Id": "033000000000001AAA", "NamespacePrefix": None}
    return {"SubscriberPackage": package, "SubscriberPackageVersionId": version_id}


async def send(*rows: list[dict[str, Any]], password: str | None = None) -> tuple[Observation, Any]:
    answers = [reply({"done": True, "records": found}) for found in rows]
    line = SalesforceLine(in_turn([*answers, reply({"id": "0Hf1", "success": True}, 201)]))
    seen = await send_version(ToolingClient(line.transport), ORDER, password)
    posted = [request for request in line.requests if request.method == "POST"]
    return seen, json.loads(posted[0].content) if posted else None


async def test_a_first_installation_is_sent() -> None:
    seen, body = await send([version(WANTED, 5)], [], password="key")
    assert seen == Accepted("0Hf1")
    assert body == {
        "SubscriberPackageVersionKey": WANTED,
        "NameConflictResolution": "RenameMetadata",
        "SecurityType": "None",
        "EnableRss": True,
        "Password": "key",
    }


async def test_an_older_version_is_upgraded() -> None:
    seen, body = await send([version(WANTED, 5)], [installed(OLD)], [version(OLD, 4)])
    assert (seen, body["SubscriberPackageVersionKey"]) == (Accepted("0Hf1"), WANTED)


async def test_a_version_whose_number_is_hidden_is_upgraded_too() -> None:
    seen, _ = await send([version(WANTED, 5)], [installed(OLD)], [])
    assert seen == Accepted("0Hf1")


@pytest.mark.parametrize("version_id", [WANTED, WANTED[:15]])
async def test_the_same_version_is_not_sent(version_id: str) -> None:
    found = await send([version(WANTED, 5)], [installed(version_id)], [version(WANTED, 5)])
    assert found == (Settled("Version 1.2.0.5 is installed already."), None)


async def test_a_newer_version_is_not_downgraded() -> None:
    seen, body = await send([version(WANTED, 5)], [installed(OLD)], [version(OLD, 6)])
    assert body is None
    assert isinstance(seen, Settled)
    assert seen.text == "The newer version 1.2.0.6 is installed; nothing is downgraded."
    assert seen.warning.startswith("The org has version 1.2.0.6 of the package")


@pytest.mark.parametrize("status", sorted(UNAVAILABLE))
async def test_a_version_on_its_way_is_waited_for(status: str) -> None:
    seen, body = await send([version(WANTED, 5, status)])
    assert seen == NotReady(status, f"This package is not yet available ({status}).")
    assert body is None


async def test_a_version_that_nobody_knows_is_asked_for_again() -> None:
    seen, body = await send([])
    assert seen == Refused(
        "PACKAGE_VERSION_UNKNOWN",
        f"The requested package doesn't yet exist or has been deleted. Version {WANTED}.",
    )
    assert body is None
