"""The routes beyond the first installation: history, upgrade, resume, check, uninstall."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest

from services.package_watcher.domain.observation import (
    Accepted,
    Held,
    Looked,
    Observation,
    Progress,
    Refused,
    Reported,
    Settled,
    Unreachable,
)
from services.package_watcher.domain.presence import Checked, Finding
from services.package_watcher.handlers.check import Checker, check_one
from shared.kernel.ids import new_id
from shared.security.tokens import Role
from tests.unit.package_watcher.fakes import FakeStore, ScriptedOrg
from tests.unit.package_watcher.test_api import (
    ID,
    PACKAGE,
    VERSION,
    bearer,
    client,
    fields,
    kind,
    order,
    store,
    watch,
)

__all__ = ["client", "store"]
DONE = (Accepted("0Af1"), Progress(Reported.SUCCESS), Looked(version="1.0"))
GONE = Checked(("Lead.Causeway_Key__c",), ("Lead",), "no field on Lead")


async def shown(client: httpx2.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get(PACKAGE)).json()
    return answer


async def post(client: httpx2.AsyncClient, path: str, **body: object) -> httpx2.Response:
    return await client.post(f"{PACKAGE}/{path}", json=body)


async def installed(client: httpx2.AsyncClient, store: FakeStore, *answers: Observation) -> None:
    assert (await order(client)).status_code == 202
    await watch(store, *(answers or DONE))


async def check(store: FakeStore, *findings: Finding) -> None:
    checker = Checker(store, ScriptedOrg(store, [], findings), new_id)
    for _ in findings:
        store.pass_time(timedelta(days=1))
        assert await check_one(checker)


async def test_steps_and_history_are_shown(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await installed(client, store)
    page = await shown(client)
    assert [(step["name"], step["state"]) for step in page["steps"]] == [
        ("request", "done"),
        ("salesforce_installs", "done"),
        ("check_that_it_is_in_place", "done"),
    ]
    assert page["steps"][0]["done_at"] == "2026-11-24T12:00:00Z"
    assert [(line["asked"], line["answer"], line["state"]) for line in page["history"]] == [
        ("order", "ordered", "requested"),
        ("send", "accepted", "installing"),
        ("status", "success", "checking"),
        ("assign_and_look", "in_place", "installed"),
    ]
    assert page["presence"]["found"] == "in_place"
    assert page["presence"]["next_check_at"] == "2026-11-25T12:00:04Z"


async def test_an_older_package_is_upgraded(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await installed(client, store)
    assert (await shown(client))["versions"] == {
        "installed": "1.0",
        "available": "1.1",
        "standing": "older",
        "upgrade": True,
        "warning": "",
    }
    answer = await post(client, "upgrade")
    assert (answer.status_code, answer.json()["kind"]) == (202, "upgrade")
    assert kind(await post(client, "upgrade")) == (409, "installation-running")
    await watch(store, Accepted("0Af2"), Progress(Reported.SUCCESS), Looked(version="1.1"))
    versions = (await shown(client))["versions"]
    assert (versions["standing"], versions["upgrade"]) == ("current", False)
    assert kind(await post(client, "upgrade")) == (409, "nothing-newer")
    names = [type(event).__name__ for event in store.sent]
    assert names == ["PackageInstallStarted", "PackageInstalled", "PackageInstalled"]


async def test_an_upgrade_that_fails_leaves_what_was_there(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await installed(client, store)
    await post(client, "upgrade")
    await watch(store, Refused("INSUFFICIENT_ACCESS", "insufficient access"))
    page = await shown(client)
    assert (page["state"], page["presence"]["found"]) == ("failed", "in_place")
    assert page["versions"]["installed"] == "1.0"
    assert "PackageInstallFailed" not in [type(event).__name__ for event in store.sent]


async def test_a_package_without_a_version_may_be_upgraded(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await installed(client, store, *DONE[:2], Looked())
    versions = (await shown(client))["versions"]
    assert (versions["standing"], versions["upgrade"]) == ("unknown", True)
    assert (await post(client, "upgrade")).status_code == 202


async def test_a_newer_package_is_left_alone_with_a_warning(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await installed(client, store, Settled("newer", "a warning"), Looked(version="2.0"))
    page = await shown(client)
    assert (page["state"], page["versions"]["standing"]) == ("installed", "newer")
    assert page["versions"]["warning"].startswith("The org has version 2.0 of the package")
    assert kind(await post(client, "upgrade")) == (409, "nothing-newer")


async def test_an_upgrade_by_version_needs_the_version_and_the_consent(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await installed(client, store)
    unnamed = await post(client, "upgrade", method="version")
    assert (kind(unnamed), fields(unnamed)) == ((422, "validation-failed"), ["body.version_id"])
    silent = await post(client, "upgrade", method="version", version_id=VERSION)
    assert kind(silent) == (422, "consent-missing")
    told = {"method": "version", "version_id": VERSION, "grant_third_party_access": True}
    assert (await post(client, "upgrade", **told)).status_code == 202


async def test_nothing_is_there_to_upgrade_or_check_or_uninstall(
    client: httpx2.AsyncClient,
) -> None:
    assert kind(await post(client, "upgrade")) == (409, "not-installed")
    assert kind(await post(client, "check")) == (409, "not-installed")
    assert kind(await client.get(f"{PACKAGE}/uninstall")) == (409, "not-installed")
    out = await post(client, "uninstall", confirmation="uninstall 00D1")
    assert kind(out) == (409, "not-installed")
    assert kind(await post(client, "resume")) == (409, "not-resumable")


async def test_a_deadline_is_resumed(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await order(client)
    await watch(store, Accepted("0Af1"))
    assert (await post(client, "resume")).json()["state"] == "installing"
    store.pass_time(timedelta(hours=1))
    await watch(store, Unreachable("no answer"))
    page = await shown(client)
    assert (page["state"], page["resumable"]) == ("timed_out", True)
    assert "resume" in page["todo"]
    answer = await post(client, "resume")
    assert (answer.status_code, answer.json()["state"]) == (202, "installing")
    assert answer.json()["deadline"] == "2026-11-24T14:00:02Z"
    await watch(store, *DONE[1:])
    assert (await shown(client))["state"] == "installed"
    names = [type(event).__name__ for event in store.sent]
    assert names == [
        "PackageInstallStarted",
        "PackageInstallFailed",
        "PackageInstallStarted",
        "PackageInstalled",
    ]
    assert kind(await post(client, "resume")) == (409, "not-resumable")


async def test_a_removed_package_is_shown(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await installed(client, store)
    await check(store, GONE)
    assert (await shown(client))["state"] == "installed"
    await check(store, GONE)
    page = await shown(client)
    assert (page["state"], page["percent"]) == ("removed", 0)
    assert page["presence"]["missing"] == ["Lead.Causeway_Key__c"]
    assert page["presence"]["said"] == "no field on Lead"
    assert page["todo"].startswith("Order the installation again")
    assert (page["versions"]["installed"], page["versions"]["upgrade"]) == ("", False)
    again = await order(client)
    assert (again.status_code, again.json()["kind"]) == (202, "install")


async def test_a_check_is_made_at_once(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await installed(client, store)
    headers = bearer(Role.OPERATOR)
    answer = await client.post(f"{PACKAGE}/check", headers=headers)
    assert answer.status_code == 202
    assert answer.json()["presence"]["next_check_at"] == "2026-11-24T12:00:04Z"
    viewer = await client.post(f"{PACKAGE}/check", headers=bearer(Role.VIEWER))
    assert kind(viewer) == (403, "role-too-small")


async def test_before_an_uninstall_it_says_what_is_lost(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await installed(client, store)
    answer = await client.get(f"{PACKAGE}/uninstall", headers=bearer(Role.VIEWER))
    told = answer.json()
    assert (told["method"], told["confirmation"]) == ("deploy", "uninstall 00D1")
    assert "Causeway_Key__c" in told["lost"][0]
    assert told["other_connections"] == []
    refused = await post(client, "uninstall", confirmation="yes")
    assert kind(refused) == (422, "not-confirmed")
    assert told["lost"][0] in refused.json()["detail"]


async def test_an_uninstall_is_typed_and_watched(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await installed(client, store)
    out = await post(client, "uninstall", confirmation="uninstall 00D1")
    assert (out.status_code, out.json()["kind"], out.json()["state"]) == (
        202,
        "uninstall",
        "requested",
    )
    await watch(store, Accepted("0Af9"))
    assert (await shown(client))["state"] == "uninstalling"
    await watch(store, Progress(Reported.SUCCESS), Looked(("Contact",), "gone"))
    page = await shown(client)
    assert (page["state"], page["percent"], page["presence"]) == ("uninstalled", 100, None)
    names = [type(event).__name__ for event in store.sent]
    assert names == ["PackageInstallStarted", "PackageInstalled", "PackageRemoved"]


async def test_an_uninstall_is_repeated_without_effect(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    await installed(client, store)
    path, headers = f"{PACKAGE}/uninstall", {"Idempotency-Key": "click-9"}
    body = {"confirmation": "uninstall 00D1"}
    first = await client.post(path, json=body, headers=headers)
    again = await client.post(path, json=body, headers=headers)
    assert (first.status_code, first.json()) == (202, again.json())


async def test_a_password_is_sealed_and_never_shown(
    client: httpx2.AsyncClient, store: FakeStore
) -> None:
    answer = await order(
        client,
        method="version",
        version_id=VERSION,
        grant_third_party_access=True,
        name_conflict="rename",
        password="hunter2",
    )
    assert answer.status_code == 202
    assert "hunter2" not in answer.text
    [row] = [row for row in store.state.rows.values() if row.current]
    given = row.installation.order
    assert given.sealed_password == f"sealed:{row.installation.id}:2retnuh"
    assert given.name_conflict.value == "rename"
    assert "retnuh" not in repr(row.installation)
    await watch(store, Refused("INSTALL_KEY_INVALID", "INSTALL_KEY_INVALID"))
    page = await shown(client)
    assert "not the one of this version" in page["todo"]
    [row] = [row for row in store.state.rows.values() if row.current]
    assert row.installation.order.sealed_password == ""


async def test_a_hold_is_shown_as_it_is(client: httpx2.AsyncClient, store: FakeStore) -> None:
    await order(client)
    await watch(store, Held("Connect Salesforce again.", 60.0))
    page = await shown(client)
    assert (page["state"], page["salesforce_said"]) == ("requested", "Connect Salesforce again.")
    assert page["history"][-1]["answer"] == "held_up"
    assert str(ID) == page["connection_id"]


@pytest.mark.parametrize("path", ["upgrade", "resume", "check", "uninstall"])
async def test_unknown_connections_everywhere(client: httpx2.AsyncClient, path: str) -> None:
    answer = await client.post(
        f"/api/v1/packages/{new_id()}/{path}",
        json={"confirmation": "x"} if path == "uninstall" else {},
    )
    assert kind(answer) == (404, "unknown-connection")
